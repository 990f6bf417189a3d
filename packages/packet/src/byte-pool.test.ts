import { describe, expect, it } from "vitest";
import { BytePool } from "./byte-pool.js";
import { nativeBuffer } from "./native-buffer.js";

for (const [name, native] of [
  ["native", nativeBuffer],
  ["portable", undefined],
] as const) {
  describe(`BytePool, ${name}`, () => {
    it("gives arrays of the asked length that never overlap", () => {
      const pool = new BytePool(native);
      const arrays: Uint8Array[] = [];
      for (let length = 0; length < 3000; length += 7) {
        const array = pool.take(length);
        expect(array.constructor).toBe(Uint8Array);
        expect(array.length).toBe(length);
        array.fill(arrays.length & 0xff);
        arrays.push(array);
      }
      arrays.forEach((array, index) => {
        if (!array.every((byte) => byte === (index & 0xff))) expect.unreachable(`array ${index} was overwritten`);
      });
    });

    it("lets short arrays share their memory, and long ones not", () => {
      const pool = new BytePool(native);
      expect(pool.take(10).buffer).toBe(pool.take(1024).buffer);
      for (const length of [1025, 5000, 20_000]) {
        const array = pool.take(length);
        expect([array.length, array.constructor]).toEqual([length, Uint8Array]);
        expect(pool.take(10).buffer).not.toBe(array.buffer);
      }
    });
  });
}
