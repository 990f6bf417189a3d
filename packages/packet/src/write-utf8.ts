/**
 * From a string to UTF-8 bytes (MQTT 5.0 section 1.5.4). Knows nothing of length prefixes.
 */
import { EncodeError } from "./encode-error.js";
import { type NativeBuffer, nativeBuffer } from "./native-buffer.js";

const textEncoder = new TextEncoder();

/** Up to here a loop beats the call into native code. */
const LOOP_LENGTH_MAX = 48;

/**
 * Bytes that `text` takes in UTF-8. Throws `EncodeError` if it holds U+0000 [MQTT-1.5.4-2] or a lone surrogate
 * [MQTT-1.5.4-1], which MQTT forbids in every string.
 */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) {
      if (unit === 0) throw new EncodeError("string contains U+0000");
    } else if (unit < 0x800) {
      length += 1;
    } else if (unit < 0xd800 || unit > 0xdfff) {
      length += 2;
    } else {
      const low = text.charCodeAt(index + 1);
      if (unit > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) throw new EncodeError("string has a lone surrogate");
      length += 2; // two units, four bytes
      index += 1;
    }
  }
  return length;
}

/**
 * Writes `text` without a length and returns the offset behind it. Measure with `utf8Length` first: the room is not
 * checked here, and what it refuses would be written as U+0000 or U+FFFD.
 */
export function writeUtf8(text: string, target: Uint8Array, offset: number): number {
  return writeUtf8With(nativeBuffer, text, target, offset);
}

/** `writeUtf8` with the platform's help as an argument; `undefined` takes the portable path. */
export function writeUtf8With(
  native: NativeBuffer | undefined,
  text: string,
  target: Uint8Array,
  offset: number,
): number {
  const units = text.length;
  if (units > LOOP_LENGTH_MAX) return writeLong(native, text, target, offset);
  for (let index = 0; index < units; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return writeLong(native, text.slice(index), target, offset + index);
    target[offset + index] = unit;
  }
  return offset + units;
}

function writeLong(native: NativeBuffer | undefined, text: string, target: Uint8Array, offset: number): number {
  if (native !== undefined) return offset + native.utf8Write.call(target, text, offset, target.length - offset);
  return offset + textEncoder.encodeInto(text, target.subarray(offset)).written;
}
