/** Measures and writes the body of UNSUBSCRIBE (MQTT 5.0 and 3.1.1 section 3.10). */
import type { UnsubscribePacket } from "./control-packet.js";
import { EncodeError } from "./encode-error.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { checkPacketIdentifier, measureTopicFilter, writeString, writeUint16 } from "./write-field.js";
import { measureProperties, writeProperties } from "./write-properties.js";

/** The Remaining Length. Throws `EncodeError`. */
export function measureUnsubscribe(packet: UnsubscribePacket, version: ProtocolVersion): number {
  checkPacketIdentifier(packet.packetIdentifier);
  if (packet.topicFilters.length === 0) throw new EncodeError("UNSUBSCRIBE without Topic Filter"); // [MQTT-3.10.3-2]
  let length = 2;
  if (version === 5) length += measureProperties(packet.properties, 1 << PacketType.UNSUBSCRIBE);
  else if (packet.properties !== undefined) throw new EncodeError("properties exist in 5.0 only");
  for (const topicFilter of packet.topicFilters) length += measureTopicFilter(topicFilter);
  return length;
}

/** Writes a body that was measured before; returns the offset behind it. */
export function writeUnsubscribe(
  packet: UnsubscribePacket,
  version: ProtocolVersion,
  target: Uint8Array,
  offset: number,
): number {
  offset = writeUint16(packet.packetIdentifier, target, offset);
  if (version === 5) offset = writeProperties(packet.properties, target, offset);
  for (const topicFilter of packet.topicFilters) offset = writeString(topicFilter, target, offset);
  return offset;
}
