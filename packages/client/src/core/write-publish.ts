/**
 * Encodes a PUBLISH of ours straight into the outbound block (MQTT 5.0 section 3.3), with the topic as an alias where the
 * server takes one (section 3.3.2.3.4).
 */
import {
  clientPacketLength,
  PacketType,
  type PublishPacket,
  writeClientPacket,
  writeVariableByteInteger,
} from "@tidings/packet";
import type { ClientConnection } from "./client-connection.js";
import type { PublishProperties } from "./outgoing-message.js";

/** Fixed header, Packet Identifier, lengths and an alias; each character of a topic takes three bytes at most. */
const OVERHEAD_BYTES_MAX = 16;
/** Identifier and value of Topic Alias. */
const ALIAS_PROPERTY_BYTES = 3;
/** Property Identifier (section 3.3.2.3.4). */
const TOPIC_ALIAS = 0x23;

const NO_BYTES = new Uint8Array(0);
/** Filled for each message: encoding ends before the next one begins, in whatever session. */
const packet: PublishPacket = {
  type: PacketType.PUBLISH,
  dup: false,
  qos: 0,
  retain: false,
  topicName: "",
  packetIdentifier: undefined,
  payload: NO_BYTES,
  properties: undefined,
};

/** `packetIdentifier` is 0 with QoS 0. Throws `EncodeError`, and then nothing is sent. */
export function writePublish(
  connection: ClientConnection,
  topicName: string,
  payload: Uint8Array,
  qos: number,
  retain: boolean,
  dup: boolean,
  packetIdentifier: number,
  properties: PublishProperties | undefined,
): void {
  const { outbound, outboundAliases, version } = connection;
  packet.dup = dup;
  packet.qos = qos as 0 | 1 | 2;
  packet.retain = retain;
  packet.topicName = topicName;
  packet.payload = payload;
  packet.packetIdentifier = packetIdentifier === 0 ? undefined : packetIdentifier;
  packet.properties = version === 5 ? properties : undefined;
  let newAlias = 0;
  if (outboundAliases !== undefined) {
    const alias = outboundAliases.find(topicName);
    if (alias !== 0) {
      writeAliased(connection, alias);
      packet.payload = NO_BYTES;
      return;
    }
    newAlias = outboundAliases.propose(topicName);
    if (newAlias !== 0) packet.properties = { ...properties, topicAlias: newAlias };
  }
  let size = payload.length + topicName.length * 3 + OVERHEAD_BYTES_MAX;
  if (packet.properties !== undefined) {
    size = clientPacketLength(packet, version);
    if (newAlias !== 0 && size > (connection.server?.maximumPacketSize ?? size)) {
      newAlias = 0;
      packet.properties = properties;
    }
  }
  const target = outbound.reserve(size);
  outbound.commit(writeClientPacket(packet, version, target, outbound.length));
  packet.payload = NO_BYTES; // the application's, and maybe large
  if (newAlias !== 0) outboundAliases?.assign(topicName, newAlias);
}

/** The server knows the alias: no topic, and mostly no other property. */
function writeAliased(connection: ClientConnection, alias: number): void {
  const { outbound, version } = connection;
  const { payload, properties } = packet;
  if (properties !== undefined) {
    packet.topicName = "";
    packet.properties = { ...properties, topicAlias: alias };
    const target = outbound.reserve(clientPacketLength(packet, version));
    outbound.commit(writeClientPacket(packet, version, target, outbound.length));
    return;
  }
  const packetIdentifier = packet.packetIdentifier ?? 0;
  const target = outbound.reserve(payload.length + OVERHEAD_BYTES_MAX);
  const remainingLength = 2 + (packetIdentifier === 0 ? 0 : 2) + 1 + ALIAS_PROPERTY_BYTES + payload.length;
  let position = outbound.length;
  target[position] =
    (PacketType.PUBLISH << 4) | (packet.dup ? 0x08 : 0) | (packet.qos << 1) | (packet.retain ? 0x01 : 0);
  position = writeVariableByteInteger(remainingLength, target, position + 1);
  target[position++] = 0;
  target[position++] = 0;
  if (packetIdentifier !== 0) {
    target[position++] = packetIdentifier >> 8;
    target[position++] = packetIdentifier;
  }
  target[position++] = ALIAS_PROPERTY_BYTES;
  target[position++] = TOPIC_ALIAS;
  target[position++] = alias >> 8;
  target[position++] = alias;
  target.set(payload, position);
  outbound.commit(position + payload.length);
}
