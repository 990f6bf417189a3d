import { SOLIDUS } from "./character-code.js";

/**
 * Where the level that begins at `start` ends: the index of its separator, or the string's length for the last level
 * (MQTT 5.0 section 4.7.1.1). A character loop, because `indexOf` costs more than a level is long.
 */
export function levelEnd(topic: string, start: number): number {
  const length = topic.length;
  let end = start;
  while (end < length && topic.charCodeAt(end) !== SOLIDUS) end += 1;
  return end;
}
