/**
 * The properties of a PUBLISH on their own: for those who hold a message as bytes and want the object only when asked.
 */
import { ByteReader } from "./byte-reader.js";
import type { PublishPacket } from "./control-packet.js";
import { decodeProperties } from "./decode-properties.js";
import { PacketType } from "./packet-type.js";

/**
 * Decodes `bytes` from `start` on: the Property Length and the properties behind it (section 3.3.2.3). Undefined when
 * there are none. Throws a `PacketError`. Binary values are views of `bytes`.
 */
export function decodePublishProperties(bytes: Uint8Array, start: number, end: number): PublishPacket["properties"] {
  return decodeProperties(new ByteReader(bytes, start, end), 1 << PacketType.PUBLISH);
}
