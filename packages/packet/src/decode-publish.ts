/**
 * Decodes PUBLISH (MQTT 5.0 and 3.1.1 section 3.3) into an object. `readPublish` does the same without objects.
 */
import { ByteReader } from "./byte-reader.js";
import type { PublishPacket } from "./control-packet.js";
import { decodeProperties } from "./decode-properties.js";
import { malformed } from "./packet-error.js";
import { PacketType, type ProtocolVersion, type QoS } from "./packet-type.js";
import { readPacketIdentifier } from "./read-packet-identifier.js";
import { emptyTopicName, hasWildcard } from "./topic-name.js";

/** Decodes the PUBLISH at `start`. The payload is a view. Throws `PacketError`. */
export function decodePublish(
  version: ProtocolVersion,
  bytes: Uint8Array,
  start: number,
  bodyStart: number,
  end: number,
): PublishPacket {
  const first = bytes[start];
  const qos = (first >> 1) & 0x03;
  const dup = (first & 0x08) !== 0;
  if (qos === 3) throw malformed("QoS is 3"); // [MQTT-3.3.1-4]
  if (qos === 0 && dup) throw malformed("DUP with QoS 0"); // [MQTT-3.3.1-2]
  const reader = new ByteReader(bytes, bodyStart, end);
  const topicName = reader.readString(); // [MQTT-3.3.2-1]
  if (hasWildcard(topicName)) throw malformed("Topic Name holds a wildcard"); // [MQTT-3.3.2-2]
  const packetIdentifier = qos === 0 ? 0 : readPacketIdentifier(reader, version); // [MQTT-2.2.1-2]
  const properties = version === 5 ? decodeProperties(reader, 1 << PacketType.PUBLISH) : undefined;
  if (topicName === "" && properties?.topicAlias === undefined) throw emptyTopicName(version); // [MQTT-4.7.3-1]
  const packet: PublishPacket = {
    type: PacketType.PUBLISH,
    dup,
    qos: qos as QoS,
    retain: (first & 0x01) !== 0,
    topicName,
    payload: reader.readRest(),
  };
  if (qos !== 0) packet.packetIdentifier = packetIdentifier;
  if (properties !== undefined) packet.properties = properties;
  return packet;
}
