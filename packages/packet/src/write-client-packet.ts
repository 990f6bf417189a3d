/**
 * The part of `writePacket` that a client needs: packets that a client sends. On its own, so that a client in a browser need
 * not bring along what only servers encode.
 */
import { ByteWriter } from "./byte-writer.js";
import type {
  AcknowledgementPacket,
  AuthPacket,
  ConnectPacket,
  DisconnectPacket,
  PingreqPacket,
  PublishPacket,
  SubscribePacket,
  UnsubscribePacket,
} from "./control-packet.js";
import { EncodeError } from "./encode-error.js";
import { fixedHeaderFlags } from "./fixed-header-flags.js";
import { nativeBuffer } from "./native-buffer.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { variableByteIntegerLength } from "./variable-byte-integer.js";
import { measureAcknowledgement, writeAcknowledgementBody } from "./write-acknowledgement.js";
import { measureAuth, writeAuth } from "./write-auth.js";
import { measureConnect, writeConnect } from "./write-connect.js";
import { measureDisconnect, writeDisconnect } from "./write-disconnect.js";
import { measurePlainPublish, NOT_PLAIN, writePlainPublish } from "./write-plain-publish.js";
import { measurePublish, publishFlags, writePublish } from "./write-publish.js";
import { measureSubscribe, writeSubscribe } from "./write-subscribe.js";
import { measureUnsubscribe, writeUnsubscribe } from "./write-unsubscribe.js";

/** What a client sends. */
export type ClientPacket =
  | ConnectPacket
  | PublishPacket
  | AcknowledgementPacket
  | SubscribePacket
  | UnsubscribePacket
  | PingreqPacket
  | DisconnectPacket
  | AuthPacket;

/** As `packetLength`. Throws `EncodeError`. */
export function clientPacketLength(packet: ClientPacket, version: ProtocolVersion): number {
  return fullLength(measureClientPacket(packet, version, true));
}

/** As `writePacket`. Throws `EncodeError`. */
export function writeClientPacket(
  packet: ClientPacket,
  version: ProtocolVersion,
  target: Uint8Array,
  offset: number,
): number {
  if (packet.type === PacketType.PUBLISH) {
    const remainingLength = measurePlainPublish(packet, version);
    if (remainingLength !== NOT_PLAIN && offset >= 0 && offset + fullLength(remainingLength) <= target.length) {
      const end = writePlainPublish(packet, version, remainingLength, target, offset);
      if (end !== NOT_PLAIN) return end;
    }
  }
  const remainingLength = measureClientPacket(packet, version, true);
  const length = fullLength(remainingLength);
  if (offset < 0 || offset + length > target.length) throw new EncodeError(`target has no room for ${length} bytes`);
  const writer = new ByteWriter(target, offset, true, nativeBuffer);
  writeMeasuredClientPacket(packet, version, remainingLength, writer);
  return writer.position;
}

/** The whole packet; refuses more than 268,435,460 bytes. Package-internal, like what follows. */
export function fullLength(remainingLength: number): number {
  return 1 + variableByteIntegerLength(remainingLength) + remainingLength;
}

/** The Remaining Length; with `exact` it is checked to the last character. */
export function measureClientPacket(packet: ClientPacket, version: ProtocolVersion, exact: boolean): number {
  switch (packet.type) {
    case PacketType.PUBLISH:
      return measurePublish(packet, version, exact);
    case PacketType.CONNECT:
      return measureConnect(packet, exact);
    case PacketType.SUBSCRIBE:
      return measureSubscribe(packet, version, exact);
    case PacketType.UNSUBSCRIBE:
      return measureUnsubscribe(packet, version, exact);
    case PacketType.PINGREQ:
      return 0;
    case PacketType.DISCONNECT:
      return measureDisconnect(packet, version, exact);
    case PacketType.AUTH:
      return measureAuth(packet, version, exact);
    default:
      return measureAcknowledgement(packet, version, exact);
  }
}

export function writeMeasuredClientPacket(
  packet: ClientPacket,
  version: ProtocolVersion,
  remainingLength: number,
  writer: ByteWriter,
): void {
  const flags = packet.type === PacketType.PUBLISH ? publishFlags(packet) : fixedHeaderFlags(packet.type);
  writer.writeByte((packet.type << 4) | flags); // [MQTT-2.1.3-1]
  writer.writeVariableByteInteger(remainingLength);
  switch (packet.type) {
    case PacketType.PUBLISH:
      writePublish(packet, version, writer);
      break;
    case PacketType.CONNECT:
      writeConnect(packet, writer);
      break;
    case PacketType.SUBSCRIBE:
      writeSubscribe(packet, version, writer);
      break;
    case PacketType.UNSUBSCRIBE:
      writeUnsubscribe(packet, version, writer);
      break;
    case PacketType.PINGREQ:
      break;
    case PacketType.DISCONNECT:
      writeDisconnect(packet, remainingLength, writer);
      break;
    case PacketType.AUTH:
      writeAuth(packet, writer);
      break;
    default:
      writeAcknowledgementBody(packet, remainingLength, writer);
  }
}
