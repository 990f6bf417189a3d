import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isWellFormedUtf8 } from "./is-well-formed-utf8.js";
import { nativeBuffer } from "./native-buffer.js";
import { readUtf8With } from "./read-utf8.js";
import { utf8Length, writeUtf8With } from "./write-utf8.js";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const paths = [
  ["native", nativeBuffer],
  ["portable", undefined],
] as const;

/** Bytes that are often almost UTF-8. */
const bytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.string({ unit: "binary", maxLength: 20 }).map((text) => new TextEncoder().encode(text)),
      fc.constantFrom([0xed, 0xa0, 0x80], [0xf4, 0x90], [0xe0, 0x9f], [0xc0], [0xf0, 0x8f], [0xef, 0xbb, 0xbf]),
    ),
    { maxLength: 6 },
  )
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));

function reference(input: Uint8Array): string | undefined {
  if (input.includes(0)) return undefined;
  try {
    return strict.decode(input);
  } catch {
    return undefined;
  }
}

it("has a native path here, so that both are tested", () => {
  expect(nativeBuffer).toBeDefined();
});

describe("isWellFormedUtf8", () => {
  it("agrees with a strict TextDecoder, but for U+0000", () => {
    fc.assert(
      fc.property(bytes, fc.nat({ max: 3 }), (input, padding) => {
        const padded = Uint8Array.from([...Array(padding).fill(0xff), ...input, 0x80, 0x80]);
        const expected = reference(input) !== undefined;
        expect(isWellFormedUtf8(padded, padding, padding + input.length)).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });

  it("does not look behind the end", () => {
    for (const character of ["\u00e9", "\u20ac", "\u{1f600}"]) {
      const input = new TextEncoder().encode(character);
      expect(isWellFormedUtf8(input, 0, input.length)).toBe(true);
      for (let end = 1; end < input.length; end += 1) expect(isWellFormedUtf8(input, 0, end)).toBe(false);
    }
  });

  it("agrees with a strict TextDecoder on every sequence of two bytes and every lead of three", () => {
    for (let first = 0; first < 256; first += 1) {
      for (let second = 0; second < 256; second += 1) {
        for (const rest of [[], [0x80], [0x80, 0x80], [0x61]]) {
          const input = Uint8Array.of(first, second, ...rest);
          if (isWellFormedUtf8(input, 0, input.length) !== (reference(input) !== undefined)) {
            expect.unreachable(`disagreement on ${input}`);
          }
        }
      }
    }
  });
});

for (const [name, native] of paths) {
  describe(`the ${name} path`, () => {
    it("reads what a strict TextDecoder reads", () => {
      fc.assert(
        fc.property(bytes, (input) => {
          const expected = reference(input);
          const padded = Uint8Array.from([0xff, ...input, 0xff]);
          const read = () => readUtf8With(native, padded, 1, 1 + input.length);
          if (expected === undefined) expect(read).toThrow(expect.objectContaining({ reasonCode: 0x81 }));
          else expect(read()).toBe(expected);
        }),
        { numRuns: 2000 },
      );
    });

    it("reads and writes ASCII of every length", () => {
      for (let length = 0; length < 200; length += 1) {
        const text = Array.from({ length }, (_, index) => String.fromCharCode(33 + (index % 90))).join("");
        const target = new Uint8Array(length + 4);
        expect(writeUtf8With(native, text, target, 2)).toBe(length + 2);
        expect(readUtf8With(native, target, 2, length + 2)).toBe(text);
        expect([target[0], target[1], target[length + 2], target[length + 3]]).toEqual([0, 0, 0, 0]);
        if (length === 0) continue;
        target[length + 1] = 0;
        expect(() => readUtf8With(native, target, 2, length + 2)).toThrow();
      }
    });

    it("writes what a TextEncoder writes, at its offset and no further", () => {
      const wellFormed = fc.string({ unit: "binary", maxLength: 120 }).map((text) => text.replaceAll("\0", " "));
      fc.assert(
        fc.property(wellFormed, fc.nat({ max: 5 }), (text, offset) => {
          const expected = new TextEncoder().encode(text);
          expect(utf8Length(text)).toBe(expected.length);
          const target = new Uint8Array(offset + expected.length + 8).fill(0xee);
          expect(writeUtf8With(native, text, target, offset)).toBe(offset + expected.length);
          expect(target.slice(offset, offset + expected.length)).toEqual(expected);
          expect(target.subarray(offset + expected.length).every((byte) => byte === 0xee)).toBe(true);
        }),
        { numRuns: 1000 },
      );
    });
  });
}

describe("utf8Length", () => {
  it("[MQTT-1.5.4-1] [MQTT-1.5.4-2] [3.1.1 MQTT-1.5.3-1] [3.1.1 MQTT-1.5.3-2] refuses lone surrogates and U+0000", () => {
    for (const text of ["\ud800", "a\udfff", "\udc00\ud800", "\ud83d", "\ud83da", "\0", "a\0b"]) {
      expect(() => utf8Length(text)).toThrow(expect.objectContaining({ code: "TIDINGS_INVALID_PACKET" }));
    }
  });
});
