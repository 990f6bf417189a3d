/** PUBLISH properties as the bytes that a session store keeps: without their length. */
import {
  clientPacketLength,
  decodePublishProperties,
  PacketType,
  type PublishPacket,
  PublishView,
  readPublish,
  variableByteIntegerLength,
  writeClientPacket,
  writeVariableByteInteger,
} from "@tidings/packet";
import type { PublishProperties } from "./outgoing-message.js";

const NO_BYTES = new Uint8Array(0);
const HEADER_BYTES_MAX = 5;

export function encodeProperties(properties: PublishProperties | undefined): Uint8Array {
  if (properties === undefined) return NO_BYTES;
  const plain = { dup: false, qos: 0, retain: false, topicName: "t", payload: NO_BYTES } as const;
  const message: PublishPacket = { type: PacketType.PUBLISH, ...plain, properties };
  const packet = new Uint8Array(clientPacketLength(message, 5));
  writeClientPacket(message, 5, packet, 0);
  const view = new PublishView();
  let bodyStart = 1;
  while (bodyStart < HEADER_BYTES_MAX && packet[bodyStart] >= 0x80) bodyStart += 1;
  readPublish(view, 5, packet, 0, bodyStart + 1, packet.length);
  return new Uint8Array(packet.subarray(view.propertiesStart, view.propertiesEnd));
}

export function decodeProperties(bytes: Uint8Array): PublishProperties | undefined {
  if (bytes.length === 0) return undefined;
  const start = variableByteIntegerLength(bytes.length);
  const section = new Uint8Array(start + bytes.length);
  writeVariableByteInteger(bytes.length, section, 0);
  section.set(bytes, start);
  return decodePublishProperties(section, 0, section.length);
}
