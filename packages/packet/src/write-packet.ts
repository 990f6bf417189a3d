/**
 * From a Control Packet's object to its bytes (MQTT 5.0 and 3.1.1 chapter 3). A packet is measured and checked, then
 * written: what the standard forbids within one packet throws `EncodeError`. How strings are checked: `ByteWriter`.
 */
import { BytePool } from "./byte-pool.js";
import { ByteWriter } from "./byte-writer.js";
import type { ControlPacket } from "./control-packet.js";
import { EncodeError } from "./encode-error.js";
import { nativeBuffer } from "./native-buffer.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { fullLength, measureClientPacket, writeMeasuredClientPacket } from "./write-client-packet.js";
import { measureConnack, writeConnack } from "./write-connack.js";
import { measurePlainPublish, NOT_PLAIN, writePlainPublish } from "./write-plain-publish.js";
import { measureSuback, writeSuback } from "./write-suback.js";
import { measureUnsuback, writeUnsuback } from "./write-unsuback.js";

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
const pool = /* @__PURE__ */ new BytePool(nativeBuffer);

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

/** The Remaining Length; with `exact` it is checked to the last character. */
function measurePacket(packet: ControlPacket, version: ProtocolVersion, exact: boolean): number {
  switch (packet.type) {
    case PacketType.CONNACK:
      return measureConnack(packet, version, exact);
    case PacketType.SUBACK:
      return measureSuback(packet, version, exact);
    case PacketType.UNSUBACK:
      return measureUnsuback(packet, version, exact);
    case PacketType.PINGRESP:
      return 0;
    default:
      if (!Number.isInteger(packet.type) || packet.type < PacketType.CONNECT || packet.type > PacketType.AUTH) {
        throw new EncodeError("packet has an unknown type");
      }
      return measureClientPacket(packet, version, exact);
  }
}

function writeMeasured(
  packet: ControlPacket,
  version: ProtocolVersion,
  remainingLength: number,
  writer: ByteWriter,
): void {
  switch (packet.type) {
    case PacketType.CONNACK:
      writeServerHeader(packet.type, remainingLength, writer);
      writeConnack(packet, version, writer);
      break;
    case PacketType.SUBACK:
      writeServerHeader(packet.type, remainingLength, writer);
      writeSuback(packet, version, writer);
      break;
    case PacketType.UNSUBACK:
      writeServerHeader(packet.type, remainingLength, writer);
      writeUnsuback(packet, version, writer);
      break;
    case PacketType.PINGRESP:
      writeServerHeader(packet.type, remainingLength, writer);
      break;
    default:
      writeMeasuredClientPacket(packet, version, remainingLength, writer);
  }
}

/** What only a server sends has no flags [MQTT-2.1.3-1]. */
function writeServerHeader(type: PacketType, remainingLength: number, writer: ByteWriter): void {
  writer.writeByte(type << 4);
  writer.writeVariableByteInteger(remainingLength);
}
