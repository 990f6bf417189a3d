/**
 * Variable Byte Integers (MQTT 5.0 section 1.5.5; the Remaining Length of 3.x, section 2.2.3): one to four bytes, seven
 * bits each, least significant first. Reading is the frame decoder's and the byte reader's own.
 */
import { EncodeError } from "./encode-error.js";

/** The largest value that four bytes can carry, and so the largest Remaining Length: 268,435,455. */
export const MAXIMUM_REMAINING_LENGTH = 268_435_455;

/** The largest Control Packet in bytes, fixed header included: 268,435,460. */
export const MAXIMUM_PACKET_SIZE = MAXIMUM_REMAINING_LENGTH + 5;

/** Bytes that `value` takes, 1 to 4. Throws `EncodeError` outside 0 to 268,435,455. */
export function variableByteIntegerLength(value: number): number {
  if (value < 128 && value >= 0) return 1;
  if (value < 16_384 && value >= 0) return 2;
  if (value < 2_097_152 && value >= 0) return 3;
  if (value <= MAXIMUM_REMAINING_LENGTH && value >= 0) return 4;
  throw new EncodeError(`${value} does not fit a Variable Byte Integer`);
}

/**
 * Writes `value`, 0 to 268,435,455, in its shortest form and returns the offset behind it. [MQTT-1.5.5-1]
 * The range is not checked here.
 */
export function writeVariableByteInteger(value: number, target: Uint8Array, offset: number): number {
  while (value > 127) {
    target[offset++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  target[offset++] = value;
  return offset;
}
