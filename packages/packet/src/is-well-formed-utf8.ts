/**
 * Well-formedness of UTF-8 Encoded Strings (MQTT 5.0 section 1.5.4, 3.1.1 section 1.5.3). Looks at bytes only; makes no
 * string.
 */

/**
 * Whether the bytes from `start` to `end` are UTF-8 as MQTT wants it: shortest forms, at most U+10FFFF, no surrogates
 * [MQTT-1.5.4-1] and no U+0000 [MQTT-1.5.4-2]. U+FEFF is a character like any other [MQTT-1.5.4-3]; non-characters and
 * control characters pass.
 */
export function isWellFormedUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let position = start;
  while (position < end) {
    const first = bytes[position++];
    if (first < 0x80) {
      if (first === 0) return false;
      continue;
    }
    if (first < 0xc2 || first > 0xf4) return false; // continuation byte, overlong, or above U+10FFFF
    const second = position < end ? bytes[position++] : 0;
    if (first < 0xe0) {
      if ((second & 0xc0) !== 0x80) return false;
      continue;
    }
    const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80; // below: overlong
    const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf; // above: surrogate, or past U+10FFFF
    if (second < lowest || second > highest) return false;
    const third = position < end ? bytes[position++] : 0;
    if ((third & 0xc0) !== 0x80) return false;
    if (first < 0xf0) continue;
    const fourth = position < end ? bytes[position++] : 0;
    if ((fourth & 0xc0) !== 0x80) return false;
  }
  return true;
}
