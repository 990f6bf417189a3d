/**
 * From UTF-8 bytes to a string, strictly (MQTT 5.0 section 1.5.4). Knows nothing of length prefixes.
 */
import { isWellFormedUtf8 } from "./is-well-formed-utf8.js";
import { type NativeBuffer, nativeBuffer } from "./native-buffer.js";
import { malformed } from "./packet-error.js";

// ignoreBOM means that EF BB BF stays in the string. [MQTT-1.5.4-3]
const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Up to here a loop beats the call into native code. */
const LOOP_LENGTH_MAX = 8;

/** The string in `bytes` from `start` to `end`. Throws a malformed `PacketError` unless it is well-formed. */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string {
  return readUtf8With(nativeBuffer, bytes, start, end);
}

/** `readUtf8` with the platform's help as an argument; `undefined` takes the portable path. */
export function readUtf8With(native: NativeBuffer | undefined, bytes: Uint8Array, start: number, end: number): string {
  for (let position = start; position < end; position += 1) {
    const byte = bytes[position];
    if (byte === 0 || byte > 0x7f) return readNonAscii(native, bytes, start, end);
  }
  if (native !== undefined && end - start > LOOP_LENGTH_MAX) return native.latin1Slice.call(bytes, start, end);
  if (end - start > 64) return textDecoder.decode(bytes.subarray(start, end));
  let text = "";
  for (let position = start; position < end; position += 1) text += String.fromCharCode(bytes[position]);
  return text;
}

function readNonAscii(native: NativeBuffer | undefined, bytes: Uint8Array, start: number, end: number): string {
  if (!isWellFormedUtf8(bytes, start, end)) throw malformed("string is not well-formed UTF-8 or contains U+0000");
  if (native !== undefined) return native.utf8Slice.call(bytes, start, end);
  return textDecoder.decode(bytes.subarray(start, end));
}
