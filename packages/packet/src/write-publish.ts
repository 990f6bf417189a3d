/**
 * Measures and writes the body of PUBLISH (MQTT 5.0 and 3.1.1 section 3.3), of any kind. Most of them take the shorter
 * way of `write-plain-publish.ts`.
 */
import type { ByteWriter } from "./byte-writer.js";
import type { PublishPacket } from "./control-packet.js";
import { EncodeError } from "./encode-error.js";
import { checkInteger, checkPacketIdentifier, measureTopicName } from "./measure-field.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { measureProperties, writeProperties } from "./write-properties.js";

const PUBLISH_BIT = 1 << PacketType.PUBLISH;

/** The Remaining Length. Throws `EncodeError`. */
export function measurePublish(packet: PublishPacket, version: ProtocolVersion, exact: boolean): number {
  const { qos, properties } = packet;
  let length = packet.payload.length;
  if (qos === 0) {
    if (packet.dup) throw new EncodeError("DUP with QoS 0"); // [MQTT-3.3.1-2]
    if (packet.packetIdentifier !== undefined) throw new EncodeError("Packet Identifier with QoS 0"); // [MQTT-2.2.1-2]
  } else {
    checkInteger(qos, 1, 2, "QoS"); // [MQTT-3.3.1-4]
    checkPacketIdentifier(packet.packetIdentifier);
    length += 2;
  }
  if (version === 5) length += measureProperties(properties, PUBLISH_BIT, exact);
  else if (properties !== undefined) throw new EncodeError("properties exist in 5.0 only");
  if (packet.topicName === "" && properties?.topicAlias !== undefined) return length + 2;
  return length + measureTopicName(packet.topicName, exact);
}

/** Writes a body that was measured before. */
export function writePublish(packet: PublishPacket, version: ProtocolVersion, writer: ByteWriter): void {
  writer.writeTopicName(packet.topicName); // [MQTT-3.3.2-1]
  if (packet.qos !== 0) writer.writeUint16(packet.packetIdentifier!);
  if (version === 5) writeProperties(packet.properties, writer);
  writer.writeBytes(packet.payload);
}

/** The fixed header flags. */
export function publishFlags(packet: PublishPacket): number {
  return (packet.dup ? 0x08 : 0) | (packet.qos << 1) | (packet.retain ? 0x01 : 0);
}
