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
      expect(pool.take(5000).buffer).not.toBe(pool.take(5000).buffer);
    });
  });
}
