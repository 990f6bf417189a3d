import { expect, it } from "vitest";
import { findNativeBuffer } from "./native-buffer.js";

it("finds Node's Buffer", () => {
  const found = findNativeBuffer({ Buffer });
  expect(found?.latin1Slice.call(Uint8Array.of(0x61, 0x62, 0x63), 1, 2)).toBe("b");
  expect(found?.utf8Slice.call(Uint8Array.of(0x61, 0xc3, 0xa9), 1, 3)).toBe("é");
  expect(found?.allocUnsafe(3).length).toBe(3);
});

it("does without where there is none, or one that lacks a part or means something else by it", () => {
  const { latin1Slice, utf8Slice, utf8Write } = Buffer.prototype as unknown as Record<string, () => unknown>;
  const whole = { latin1Slice, utf8Slice, utf8Write };
  const allocUnsafe = Buffer.allocUnsafe;
  const lesser: unknown[] = [
    undefined,
    {},
    { prototype: whole },
    { allocUnsafe, prototype: { ...whole, latin1Slice: undefined } },
    { allocUnsafe, prototype: { ...whole, utf8Slice: undefined } },
    { allocUnsafe, prototype: { ...whole, utf8Write: undefined } },
    { allocUnsafe, prototype: { ...whole, latin1Slice: () => "ab" } },
    { allocUnsafe, prototype: { ...whole, utf8Slice: () => "?" } },
    { allocUnsafe, prototype: { ...whole, utf8Write: () => 1 } },
  ];
  for (const candidate of lesser) expect(findNativeBuffer({ Buffer: candidate })).toBeUndefined();
  expect(findNativeBuffer({ Buffer: { allocUnsafe, prototype: whole } })).toBeDefined();
});
