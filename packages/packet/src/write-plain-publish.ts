/**
 * The short way for the most frequent packet: a PUBLISH (MQTT 5.0 and 3.1.1 section 3.3) without properties, to a short
 * Topic Name of plain ASCII. It writes what the general way writes, without a writer in between, in three quarters of
 * the time. Whatever it does not take, valid or not, it leaves to the general way.
 */
import type { PublishPacket } from "./control-packet.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { MAXIMUM_REMAINING_LENGTH, writeVariableByteInteger } from "./variable-byte-integer.js";
import { publishFlags } from "./write-publish.js";

/** Go the general way. */
export const NOT_PLAIN = -1;

/** Up to here a loop beats the call into native code. */
const TOPIC_NAME_UNITS_MAX = 40;

/** The Remaining Length, or `NOT_PLAIN`. */
export function measurePlainPublish(packet: PublishPacket, version: ProtocolVersion): number {
  const { packetIdentifier, qos } = packet;
  const units = packet.topicName.length;
  if (units === 0 || units > TOPIC_NAME_UNITS_MAX || packet.properties !== undefined) return NOT_PLAIN;
  let length = 2 + units + packet.payload.length;
  if (version === 5) length += 1;
  if (qos === 0) {
    if (packet.dup || packetIdentifier !== undefined) return NOT_PLAIN;
  } else {
    if ((qos !== 1 && qos !== 2) || !isPacketIdentifier(packetIdentifier)) return NOT_PLAIN;
    length += 2;
  }
  return length > MAXIMUM_REMAINING_LENGTH ? NOT_PLAIN : length;
}

function isPacketIdentifier(value: number | undefined): boolean {
  return value !== undefined && value > 0 && value < 65_536 && (value | 0) === value;
}

/**
 * Writes the whole packet, measured as `remainingLength`, and returns the offset behind it, or `NOT_PLAIN` after bytes
 * that the general way has to overwrite.
 */
export function writePlainPublish(
  packet: PublishPacket,
  version: ProtocolVersion,
  remainingLength: number,
  target: Uint8Array,
  offset: number,
): number {
  const { payload, qos, topicName } = packet;
  const units = topicName.length;
  target[offset] = (PacketType.PUBLISH << 4) | publishFlags(packet);
  let position = writeVariableByteInteger(remainingLength, target, offset + 1);
  target[position] = 0;
  target[position + 1] = units;
  position += 2;
  for (let index = 0; index < units; index += 1) {
    const unit = topicName.charCodeAt(index);
    // Letters, digits and the slash lie above both wildcards: one comparison settles most.
    if (unit < 0x2c ? unit === 0 || unit === 0x23 || unit === 0x2b : unit > 0x7f) return NOT_PLAIN;
    target[position + index] = unit;
  }
  position += units;
  if (qos !== 0) {
    const packetIdentifier = packet.packetIdentifier!;
    target[position] = packetIdentifier >> 8;
    target[position + 1] = packetIdentifier;
    position += 2;
  }
  if (version === 5) target[position++] = 0; // [MQTT-2.2.2-1]
  target.set(payload, position);
  return position + payload.length;
}
