import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "./byte-writer.js";
import { nativeBuffer } from "./native-buffer.js";

const text = fc.oneof(
  fc.string({ maxLength: 120 }),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom("a+b", "#", "a\0b", "\ud800", `${"a".repeat(50)}\0`, `${"a".repeat(50)}#`, `${"a".repeat(50)}é`),
);

for (const [name, native] of [
  ["native", nativeBuffer],
  ["portable", undefined],
] as const) {
  describe(`ByteWriter, ${name}`, () => {
    it("writes plain strings, and takes note of all others without leaving their room", () => {
      fc.assert(
        fc.property(text, fc.boolean(), (value, isTopicName) => {
          const room = new Uint8Array(value.length + 2 + 8).fill(0xee);
          const writer = new ByteWriter(room, 4, false, native);
          if (isTopicName) writer.writeTopicName(value);
          else writer.writeString(value);
          expect(writer.position).toBe(4 + 2 + value.length);
          expect([...room.subarray(0, 4), ...room.subarray(writer.position)]).toEqual(Array(8).fill(0xee));
          const plain = [...value].every((character) => character > "\0" && character < "\x80");
          if (!plain || (isTopicName && /[+#]/.test(value))) {
            expect(writer.irregular).toBe(true);
          } else if (!writer.irregular) {
            const expected = [value.length >> 8, value.length & 0xff, ...new TextEncoder().encode(value)];
            expect([...room.subarray(4, writer.position)]).toEqual(expected);
          } else {
            expect(/^[ -~]*$/.test(value)).toBe(false); // only control characters may be doubted in vain
          }
        }),
        { numRuns: 2000 },
      );
    });

    it("writes any well-formed string when measured exactly", () => {
      fc.assert(
        fc.property(fc.string({ unit: "binary", maxLength: 80 }), (value) => {
          const bytes = new TextEncoder().encode(value);
          const room = new Uint8Array(bytes.length + 2 + 8).fill(0xee);
          const writer = new ByteWriter(room, 4, true, native);
          writer.writeString(value);
          expect(writer.irregular).toBe(false);
          expect([...room.subarray(4, writer.position)]).toEqual([bytes.length >> 8, bytes.length & 0xff, ...bytes]);
          expect([...room.subarray(0, 4), ...room.subarray(writer.position)]).toEqual(Array(8).fill(0xee));
        }),
      );
    });
  });
}
