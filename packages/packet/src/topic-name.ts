/**
 * What a Topic Name may not hold (MQTT 5.0 section 4.7, 3.1.1 section 4.7), as far as one packet can tell. Matching and
 * Topic Filters are not this package's business.
 */
import { malformed, type PacketError, protocolError } from "./packet-error.js";
import type { ProtocolVersion } from "./packet-type.js";

/** Wildcards belong to Topic Filters only. [MQTT-4.7.0-1] */
export function hasWildcard(topicName: string): boolean {
  return topicName.includes("+") || topicName.includes("#");
}

/** The error for a Topic Name of length 0 that no Topic Alias stands in for. [MQTT-4.7.3-1] */
export function emptyTopicName(version: ProtocolVersion): PacketError {
  return version === 5
    ? protocolError("Topic Name is empty and there is no Topic Alias")
    : malformed("Topic Name is empty");
}
