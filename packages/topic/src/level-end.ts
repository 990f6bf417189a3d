/**
 * Where the level that begins at `start` ends: the index of its separator, or the string's length for the last level
 * (MQTT 5.0 section 4.7.1.1).
 */
export function levelEnd(topic: string, start: number): number {
  const end = topic.indexOf("/", start);
  return end < 0 ? topic.length : end;
}
