/**
 * What Topic Names and Topic Filters have in common: they are UTF-8 Encoded Strings of at least one character
 * (MQTT 5.0 sections 1.5.4 and 4.7.3, MQTT 3.1.1 sections 1.5.3 and 4.7.3). Knows no wildcards.
 */
import { NULL_CHARACTER } from "./character-code.js";

/** The longest string that the two-byte length of a UTF-8 Encoded String can announce. */
const ENCODED_BYTES_MAX = 65_535;

/** True if `text` is not empty, holds no U+0000 and no lone surrogate, and takes at most 65,535 bytes in UTF-8. */
export function isTopicString(text: string): boolean {
  const length = text.length;
  if (length === 0 || length > ENCODED_BYTES_MAX) return false; // [MQTT-4.7.3-1], [MQTT-4.7.3-3]
  let bytes = length;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x80) {
      if (code === NULL_CHARACTER) return false; // [MQTT-4.7.3-2]
    } else if (code < 0x800) {
      bytes += 1;
    } else if (code < 0xd800 || code > 0xdfff) {
      bytes += 2;
    } else {
      if (code > 0xdbff || !isLowSurrogate(text.charCodeAt(index + 1))) return false;
      index += 1;
      bytes += 2; // a pair is two code units and four bytes
    }
  }
  return bytes <= ENCODED_BYTES_MAX; // [MQTT-4.7.3-3]
}

/** False for the NaN that `charCodeAt` answers past the end. */
function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}
