/**
 * From the bytes of one whole Control Packet to its object (MQTT 5.0 and 3.1.1 chapter 3). Cutting the stream is
 * `FrameDecoder`'s job; rules that need more than one packet belong to the connection.
 */
import type { ControlPacket } from "./control-packet.js";
import { decodeConnect } from "./decode-connect.js";
import { decodePublish } from "./decode-publish.js";
import { checkFixedHeaderFlags, decodeServerPacket } from "./decode-server-packet.js";
import { decodeSubscribe } from "./decode-subscribe.js";
import { decodeUnsubscribe } from "./decode-unsubscribe.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";

/**
 * Decodes the packet whose first byte is at `start` and whose body reaches from `bodyStart` to `end`, as `onFrame` gets
 * them. `version` is that of the connection; CONNECT brings its own. Byte fields are views into `bytes`. Throws
 * `PacketError`.
 */
export function decodePacket(
  version: ProtocolVersion,
  bytes: Uint8Array,
  start: number,
  bodyStart: number,
  end: number,
): ControlPacket {
  const type = bytes[start] >> 4;
  switch (type) {
    case PacketType.PUBLISH:
      return decodePublish(version, bytes, start, bodyStart, end);
    case PacketType.CONNECT:
      return decodeConnect(bytes, start, bodyStart, end);
    case PacketType.SUBSCRIBE:
      checkFixedHeaderFlags(version, type, bytes[start] & 0x0f);
      return decodeSubscribe(version, bytes, bodyStart, end);
    case PacketType.UNSUBSCRIBE:
      checkFixedHeaderFlags(version, type, bytes[start] & 0x0f);
      return decodeUnsubscribe(version, bytes, bodyStart, end);
    default:
      return decodeServerPacket(version, bytes, start, bodyStart, end);
  }
}
