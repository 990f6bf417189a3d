/**
 * From a Control Packet's object to its bytes (MQTT 5.0 and 3.1.1 chapter 3). A packet is measured first, and measuring
 * checks it: whatever the standard forbids within one packet throws `EncodeError` before a byte is written.
 */
import type { ControlPacket } from "./control-packet.js";
import { EncodeError } from "./encode-error.js";
import { fixedHeaderFlags } from "./fixed-header-flags.js";
import { nativeBuffer } from "./native-buffer.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import {
  MAXIMUM_REMAINING_LENGTH,
  variableByteIntegerLength,
  writeVariableByteInteger,
} from "./variable-byte-integer.js";
import { measureAcknowledgement, writeAcknowledgementBody } from "./write-acknowledgement.js";
import { measureAuth, writeAuth } from "./write-auth.js";
import { measureConnack, writeConnack } from "./write-connack.js";
import { measureConnect, writeConnect } from "./write-connect.js";
import { measureDisconnect, writeDisconnect } from "./write-disconnect.js";
import { measurePublish, publishFlags, writePublish } from "./write-publish.js";
import { measureSuback, writeSuback } from "./write-suback.js";
import { measureSubscribe, writeSubscribe } from "./write-subscribe.js";
import { measureUnsuback, writeUnsuback } from "./write-unsuback.js";
import { measureUnsubscribe, writeUnsubscribe } from "./write-unsubscribe.js";

/** Bytes of the whole packet, as Maximum Packet Size counts them. Throws `EncodeError`. */
export function packetLength(packet: ControlPacket, version: ProtocolVersion): number {
  const remainingLength = measurePacket(packet, version);
  return 1 + variableByteIntegerLength(remainingLength) + remainingLength;
}

/**
 * Writes the packet at `offset` and returns the offset behind it. `version` is that of the connection; CONNECT brings
 * its own. Throws `EncodeError`, also when `target` is too short; then nothing has been written.
 */
export function writePacket(
  packet: ControlPacket,
  version: ProtocolVersion,
  target: Uint8Array,
  offset: number,
): number {
  const remainingLength = measurePacket(packet, version);
  const length = 1 + variableByteIntegerLength(remainingLength) + remainingLength;
  if (offset < 0 || offset + length > target.length) throw new EncodeError(`target has no room for ${length} bytes`);
  return writeMeasured(packet, version, remainingLength, target, offset);
}

/**
 * The packet in bytes of its own. In Node a short packet is a piece of the pool behind `Buffer`: hand on the array, not
 * the whole of its `buffer`. Throws `EncodeError`.
 */
export function encodePacket(packet: ControlPacket, version: ProtocolVersion): Uint8Array {
  const remainingLength = measurePacket(packet, version);
  const length = 1 + variableByteIntegerLength(remainingLength) + remainingLength;
  const target = nativeBuffer === undefined ? new Uint8Array(length) : nativeBuffer.allocUnsafe(length);
  writeMeasured(packet, version, remainingLength, target, 0);
  return target;
}

function measurePacket(packet: ControlPacket, version: ProtocolVersion): number {
  const remainingLength = measureBody(packet, version);
  if (remainingLength > MAXIMUM_REMAINING_LENGTH) throw new EncodeError("packet exceeds 268,435,460 bytes");
  return remainingLength;
}

function measureBody(packet: ControlPacket, version: ProtocolVersion): number {
  switch (packet.type) {
    case PacketType.PUBLISH:
      return measurePublish(packet, version);
    case PacketType.PUBACK:
    case PacketType.PUBREC:
    case PacketType.PUBREL:
    case PacketType.PUBCOMP:
      return measureAcknowledgement(packet, version);
    case PacketType.CONNECT:
      return measureConnect(packet);
    case PacketType.CONNACK:
      return measureConnack(packet, version);
    case PacketType.SUBSCRIBE:
      return measureSubscribe(packet, version);
    case PacketType.SUBACK:
      return measureSuback(packet, version);
    case PacketType.UNSUBSCRIBE:
      return measureUnsubscribe(packet, version);
    case PacketType.UNSUBACK:
      return measureUnsuback(packet, version);
    case PacketType.PINGREQ:
    case PacketType.PINGRESP:
      return 0;
    case PacketType.DISCONNECT:
      return measureDisconnect(packet, version);
    case PacketType.AUTH:
      return measureAuth(packet, version);
    default:
      throw new EncodeError("packet has an unknown type");
  }
}

function writeMeasured(
  packet: ControlPacket,
  version: ProtocolVersion,
  remainingLength: number,
  target: Uint8Array,
  offset: number,
): number {
  const flags = packet.type === PacketType.PUBLISH ? publishFlags(packet) : fixedHeaderFlags(packet.type);
  target[offset] = (packet.type << 4) | flags; // [MQTT-2.1.3-1]
  offset = writeVariableByteInteger(remainingLength, target, offset + 1);
  switch (packet.type) {
    case PacketType.PUBLISH:
      return writePublish(packet, version, target, offset);
    case PacketType.PUBACK:
    case PacketType.PUBREC:
    case PacketType.PUBREL:
    case PacketType.PUBCOMP:
      return writeAcknowledgementBody(packet, remainingLength, target, offset);
    case PacketType.CONNECT:
      return writeConnect(packet, target, offset);
    case PacketType.CONNACK:
      return writeConnack(packet, version, target, offset);
    case PacketType.SUBSCRIBE:
      return writeSubscribe(packet, version, target, offset);
    case PacketType.SUBACK:
      return writeSuback(packet, version, target, offset);
    case PacketType.UNSUBSCRIBE:
      return writeUnsubscribe(packet, version, target, offset);
    case PacketType.UNSUBACK:
      return writeUnsuback(packet, version, target, offset);
    case PacketType.PINGREQ:
    case PacketType.PINGRESP:
      return offset;
    case PacketType.DISCONNECT:
      return writeDisconnect(packet, remainingLength, target, offset);
    case PacketType.AUTH:
      return writeAuth(packet, target, offset);
  }
}
