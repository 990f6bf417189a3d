import { expect, it } from "vitest";
import {
  MAXIMUM_PACKET_SIZE,
  MAXIMUM_REMAINING_LENGTH,
  variableByteIntegerLength,
  writeVariableByteInteger,
} from "./variable-byte-integer.js";

const rows: [value: number, bytes: number[]][] = [
  [0, [0x00]],
  [1, [0x01]],
  [127, [0x7f]],
  [128, [0x80, 0x01]],
  [16_383, [0xff, 0x7f]],
  [16_384, [0x80, 0x80, 0x01]],
  [2_097_151, [0xff, 0xff, 0x7f]],
  [2_097_152, [0x80, 0x80, 0x80, 0x01]],
  [268_435_455, [0xff, 0xff, 0xff, 0x7f]],
];

it("[MQTT-1.5.5-1] Variable Byte Integers are written in their shortest form", () => {
  for (const [value, bytes] of rows) {
    const target = new Uint8Array(6).fill(0xee);
    expect(variableByteIntegerLength(value)).toBe(bytes.length);
    expect(writeVariableByteInteger(value, target, 1)).toBe(1 + bytes.length);
    expect([...target]).toEqual([0xee, ...bytes, ...Array(5 - bytes.length).fill(0xee)]);
  }
});

it("values that do not fit are refused", () => {
  for (const value of [-1, 268_435_456, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => variableByteIntegerLength(value)).toThrow(expect.objectContaining({ code: "TIDINGS_INVALID_PACKET" }));
  }
});

it("the limits are those of the standard", () => {
  expect(MAXIMUM_REMAINING_LENGTH).toBe(268_435_455);
  expect(MAXIMUM_PACKET_SIZE).toBe(268_435_460);
});
