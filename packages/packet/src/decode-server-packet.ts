/**
 * The part of `decodePacket` that a client needs: packets that a server sends, all but PUBLISH, which `readPublish` reads. On
 * its own, so that a client in a browser need not bring along what only servers decode.
 */
import type { ControlPacket } from "./control-packet.js";
import { decodeAcknowledgement } from "./decode-acknowledgement.js";
import { decodeAuth } from "./decode-auth.js";
import { decodeConnack } from "./decode-connack.js";
import { decodeDisconnect } from "./decode-disconnect.js";
import { decodeSuback } from "./decode-suback.js";
import { decodeUnsuback } from "./decode-unsuback.js";
import { fixedHeaderFlags } from "./fixed-header-flags.js";
import { malformed } from "./packet-error.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";

/** As `decodePacket`, for what a server sends; other types but PUBLISH are refused as reserved. Throws `PacketError`. */
export function decodeServerPacket(
  version: ProtocolVersion,
  bytes: Uint8Array,
  start: number,
  bodyStart: number,
  end: number,
): ControlPacket {
  const type = bytes[start] >> 4;
  checkFixedHeaderFlags(version, type, bytes[start] & 0x0f);
  switch (type) {
    case PacketType.CONNACK:
      return decodeConnack(version, bytes, bodyStart, end);
    case PacketType.PUBACK:
    case PacketType.PUBREC:
    case PacketType.PUBREL:
    case PacketType.PUBCOMP:
      return decodeAcknowledgement(type, version, bytes, bodyStart, end);
    case PacketType.SUBACK:
      return decodeSuback(version, bytes, bodyStart, end);
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
export function checkFixedHeaderFlags(version: ProtocolVersion, type: number, flags: number): void {
  if (version !== 3 && flags !== fixedHeaderFlags(type)) throw malformed("reserved fixed header flags");
}
