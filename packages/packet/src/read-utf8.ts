/**
 * From UTF-8 bytes to a string, strictly (MQTT 5.0 section 1.5.4). Knows nothing of length prefixes.
 */
import { isWellFormedUtf8 } from "./is-well-formed-utf8.js";
import { type NativeBuffer, nativeBuffer } from "./native-buffer.js";
import { malformed } from "./packet-error.js";

// ignoreBOM means that EF BB BF stays in the string. [MQTT-1.5.4-3]
const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Up to here eight characters at a time beat the call into native code; longer ones would become ropes as well. */
const SHORT_LENGTH_MAX = 12;
/** From here on the portable path leaves the work to `TextDecoder`. */
const CHUNKED_LENGTH_MAX = 64;

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
  const length = end - start;
  if (native !== undefined && length > SHORT_LENGTH_MAX) return native.latin1Slice.call(bytes, start, end);
  if (length > CHUNKED_LENGTH_MAX) return textDecoder.decode(bytes.subarray(start, end));
  let text = "";
  let position = start;
  for (; position + 8 <= end; position += 8) text += eightCharacters(bytes, position);
  return position < end ? text + lastCharacters(bytes, position, end - position) : text;
}

function readNonAscii(native: NativeBuffer | undefined, bytes: Uint8Array, start: number, end: number): string {
  if (!isWellFormedUtf8(bytes, start, end)) throw malformed("string is not well-formed UTF-8 or contains U+0000");
  if (native !== undefined) return native.utf8Slice.call(bytes, start, end);
  return textDecoder.decode(bytes.subarray(start, end));
}

const of = String.fromCharCode;

function eightCharacters(b: Uint8Array, i: number): string {
  return of(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6], b[i + 7]);
}

/** One to seven. */
function lastCharacters(b: Uint8Array, i: number, length: number): string {
  switch (length) {
    case 1:
      return of(b[i]);
    case 2:
      return of(b[i], b[i + 1]);
    case 3:
      return of(b[i], b[i + 1], b[i + 2]);
    case 4:
      return of(b[i], b[i + 1], b[i + 2], b[i + 3]);
    case 5:
      return of(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4]);
    case 6:
      return of(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5]);
    default:
      return of(b[i], b[i + 1], b[i + 2], b[i + 3], b[i + 4], b[i + 5], b[i + 6]);
  }
}
