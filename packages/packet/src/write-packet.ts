/**
 * From a Control Packet's object to its bytes (MQTT 5.0 and 3.1.1 chapter 3). A packet is measured and checked, then
 * written: what the standard forbids within one packet throws `EncodeError`. How strings are checked: `ByteWriter`.
 */
import { BytePool } from "./byte-pool.js";
import { ByteWriter } from "./byte-writer.js";
import type { ControlPacket } from "./control-packet.js";
import { EncodeError } from "./encode-error.js";
import { fixedHeaderFlags } from "./fixed-header-flags.js";
import { nativeBuffer } from "./native-buffer.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { variableByteIntegerLength } from "./variable-byte-integer.js";
import { measureAcknowledgement, writeAcknowledgementBody } from "./write-acknowledgement.js";
import { measureAuth, writeAuth } from "./write-auth.js";
import { measureConnack, writeConnack } from "./write-connack.js";
import { measureConnect, writeConnect } from "./write-connect.js";
import { measureDisconnect, writeDisconnect } from "./write-disconnect.js";
import { measurePlainPublish, NOT_PLAIN, writePlainPublish } from "./write-plain-publish.js";
import { measurePublish, publishFlags, writePublish } from "./write-publish.js";
import { measureSuback, writeSuback } from "./write-suback.js";
import { measureSubscribe, writeSubscribe } from "./write-subscribe.js";
import { measureUnsuback, writeUnsuback } from "./write-unsuback.js";
import { measureUnsubscribe, writeUnsubscribe } from "./write-unsubscribe.js";

/** Bytes of the whole packet, as Maximum Packet Size counts them. Throws `EncodeError`. */
export function packetLength(packet: ControlPacket, version: ProtocolVersion): number {
  return fullLength(measurePacket(packet, version, true));
}

/**
 * Writes the packet at `offset` and returns the offset behind it. `version` is that of the connection; CONNECT brings
 * its own. Throws `EncodeError`, also when `target` is too short; the bytes from `offset` on may then have changed.
 */
export function writePacket(
  packet: ControlPacket,
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
  const end = tryWritePacket(packet, version, target, offset, false);
  return end === IRREGULAR ? tryWritePacket(packet, version, target, offset, true) : end;
}

/** Holds nothing but room that no packet has yet. */
const pool = new BytePool(nativeBuffer);

/**
 * The packet in a byte array of its own. Arrays up to 1 KiB share their `buffer` with others: copy one before you
 * transfer its buffer, or when you keep it for long. Throws `EncodeError`.
 */
export function encodePacket(packet: ControlPacket, version: ProtocolVersion): Uint8Array {
  if (packet.type === PacketType.PUBLISH) {
    const remainingLength = measurePlainPublish(packet, version);
    if (remainingLength !== NOT_PLAIN) {
      const target = pool.take(fullLength(remainingLength));
      const end = writePlainPublish(packet, version, remainingLength, target, 0);
      if (end !== NOT_PLAIN) return target;
    }
  }
  const remainingLength = measurePacket(packet, version, false);
  const target = pool.take(fullLength(remainingLength));
  const writer = new ByteWriter(target, 0, false, nativeBuffer);
  writeMeasured(packet, version, remainingLength, writer);
  return writer.irregular ? encodeExactly(packet, version) : target;
}

function encodeExactly(packet: ControlPacket, version: ProtocolVersion): Uint8Array {
  const remainingLength = measurePacket(packet, version, true);
  const target = pool.take(fullLength(remainingLength));
  writeMeasured(packet, version, remainingLength, new ByteWriter(target, 0, true, nativeBuffer));
  return target;
}

const IRREGULAR = -1;

function tryWritePacket(
  packet: ControlPacket,
  version: ProtocolVersion,
  target: Uint8Array,
  offset: number,
  exact: boolean,
): number {
  const remainingLength = measurePacket(packet, version, exact);
  const length = fullLength(remainingLength);
  if (offset < 0 || offset + length > target.length) throw new EncodeError(`target has no room for ${length} bytes`);
  const writer = new ByteWriter(target, offset, exact, nativeBuffer);
  writeMeasured(packet, version, remainingLength, writer);
  return writer.irregular ? IRREGULAR : writer.position;
}

/** The whole packet; refuses more than 268,435,460 bytes. */
function fullLength(remainingLength: number): number {
  return 1 + variableByteIntegerLength(remainingLength) + remainingLength;
}

/** The Remaining Length; with `exact` it is checked to the last character. */
function measurePacket(packet: ControlPacket, version: ProtocolVersion, exact: boolean): number {
  switch (packet.type) {
    case PacketType.PUBLISH:
      return measurePublish(packet, version, exact);
    case PacketType.PUBACK:
    case PacketType.PUBREC:
    case PacketType.PUBREL:
    case PacketType.PUBCOMP:
      return measureAcknowledgement(packet, version, exact);
    case PacketType.CONNECT:
      return measureConnect(packet, exact);
    case PacketType.CONNACK:
      return measureConnack(packet, version, exact);
    case PacketType.SUBSCRIBE:
      return measureSubscribe(packet, version, exact);
    case PacketType.SUBACK:
      return measureSuback(packet, version, exact);
    case PacketType.UNSUBSCRIBE:
      return measureUnsubscribe(packet, version, exact);
    case PacketType.UNSUBACK:
      return measureUnsuback(packet, version, exact);
    case PacketType.PINGREQ:
    case PacketType.PINGRESP:
      return 0;
    case PacketType.DISCONNECT:
      return measureDisconnect(packet, version, exact);
    case PacketType.AUTH:
      return measureAuth(packet, version, exact);
    default:
      throw new EncodeError("packet has an unknown type");
  }
}

function writeMeasured(
  packet: ControlPacket,
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
    case PacketType.PUBACK:
    case PacketType.PUBREC:
    case PacketType.PUBREL:
    case PacketType.PUBCOMP:
      writeAcknowledgementBody(packet, remainingLength, writer);
      break;
    case PacketType.CONNECT:
      writeConnect(packet, writer);
      break;
    case PacketType.CONNACK:
      writeConnack(packet, version, writer);
      break;
    case PacketType.SUBSCRIBE:
      writeSubscribe(packet, version, writer);
      break;
    case PacketType.SUBACK:
      writeSuback(packet, version, writer);
      break;
    case PacketType.UNSUBSCRIBE:
      writeUnsubscribe(packet, version, writer);
      break;
    case PacketType.UNSUBACK:
      writeUnsuback(packet, version, writer);
      break;
    case PacketType.DISCONNECT:
      writeDisconnect(packet, remainingLength, writer);
      break;
    case PacketType.AUTH:
      writeAuth(packet, writer);
      break;
  }
}
