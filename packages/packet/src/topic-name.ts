/**
 * What a Topic Name may not hold (MQTT 5.0 section 4.7, 3.1.1 section 4.7), as far as one packet can tell. Matching and
 * Topic Filters are not this package's business.
 */

/** Wildcards belong to Topic Filters only. [MQTT-4.7.0-1] */
export function hasWildcard(topicName: string): boolean {
  return topicName.includes("+") || topicName.includes("#");
}
