/** Measures and writes the body of UNSUBSCRIBE (MQTT 5.0 and 3.1.1 section 3.10). */
import type { ByteWriter } from "./byte-writer.js";
import type { UnsubscribePacket } from "./control-packet.js";
import { EncodeError } from "./encode-error.js";
import { checkPacketIdentifier, measureTopicFilter } from "./measure-field.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { measureProperties, writeProperties } from "./write-properties.js";

/** The Remaining Length. Throws `EncodeError`. */
export function measureUnsubscribe(packet: UnsubscribePacket, version: ProtocolVersion, exact: boolean): number {
  checkPacketIdentifier(packet.packetIdentifier);
  if (packet.topicFilters.length === 0) throw new EncodeError("UNSUBSCRIBE without Topic Filter"); // [MQTT-3.10.3-2]
  let length = 2;
  if (version === 5) length += measureProperties(packet.properties, 1 << PacketType.UNSUBSCRIBE, exact);
  else if (packet.properties !== undefined) throw new EncodeError("properties exist in 5.0 only");
  for (const topicFilter of packet.topicFilters) length += measureTopicFilter(topicFilter, exact);
  return length;
}

/** Writes a body that was measured before. */
export function writeUnsubscribe(packet: UnsubscribePacket, version: ProtocolVersion, writer: ByteWriter): void {
  writer.writeUint16(packet.packetIdentifier);
  if (version === 5) writeProperties(packet.properties, writer);
  for (const topicFilter of packet.topicFilters) writer.writeString(topicFilter);
}
