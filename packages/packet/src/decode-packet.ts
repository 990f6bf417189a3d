/**
 * From the bytes of one whole Control Packet to its object (MQTT 5.0 and 3.1.1 chapter 3). Cutting the stream is
 * `FrameDecoder`'s job; rules that need more than one packet belong to the connection.
 */
import type { ControlPacket } from "./control-packet.js";
import { decodeAcknowledgement } from "./decode-acknowledgement.js";
import { decodeAuth } from "./decode-auth.js";
import { decodeConnack } from "./decode-connack.js";
import { decodeConnect } from "./decode-connect.js";
import { decodeDisconnect } from "./decode-disconnect.js";
import { decodePublish } from "./decode-publish.js";
import { decodeSuback } from "./decode-suback.js";
import { decodeSubscribe } from "./decode-subscribe.js";
import { decodeUnsuback } from "./decode-unsuback.js";
import { decodeUnsubscribe } from "./decode-unsubscribe.js";
import { fixedHeaderFlags } from "./fixed-header-flags.js";
import { malformed } from "./packet-error.js";
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
  if (type === PacketType.PUBLISH) return decodePublish(version, bytes, start, bodyStart, end);
  if (type === PacketType.CONNECT) return decodeConnect(bytes, start, bodyStart, end);
  checkFixedHeaderFlags(version, type, bytes[start] & 0x0f);
  switch (type) {
    case PacketType.CONNACK:
      return decodeConnack(version, bytes, bodyStart, end);
    case PacketType.PUBACK:
    case PacketType.PUBREC:
    case PacketType.PUBREL:
    case PacketType.PUBCOMP:
      return decodeAcknowledgement(type, version, bytes, bodyStart, end);
    case PacketType.SUBSCRIBE:
      return decodeSubscribe(version, bytes, bodyStart, end);
    case PacketType.SUBACK:
      return decodeSuback(version, bytes, bodyStart, end);
    case PacketType.UNSUBSCRIBE:
      return decodeUnsubscribe(version, bytes, bodyStart, end);
    case PacketType.UNSUBACK:
      return decodeUnsuback(version, bytes, bodyStart, end);
    case PacketType.PINGREQ:
    case PacketType.PINGRESP:
      if (bodyStart !== end) throw malformed("ping with a body");
      return { type };
    case PacketType.DISCONNECT:
      return decodeDisconnect(version, bytes, bodyStart, end);
    case PacketType.AUTH:
      if (version === 5) return decodeAuth(bytes, bodyStart, end);
  }
  throw malformed(`packet type ${type} is reserved`);
}

/** [MQTT-2.1.3-1]; 3.1 leaves the bits unused and does not check them. */
function checkFixedHeaderFlags(version: ProtocolVersion, type: number, flags: number): void {
  if (version !== 3 && flags !== fixedHeaderFlags(type)) throw malformed("reserved fixed header flags");
}
