import { expect, test } from "vitest";
import { crc32, crc32ByTable } from "./crc32.js";

test.each([
  ["", 0],
  ["123456789", 0xcbf4_3926], // the check value of CRC-32/ISO-HDLC
])("of %j, by both ways", (text, expected) => {
  const bytes = Buffer.from(text);
  expect(crc32(bytes)).toBe(crc32ByTable(bytes));
  expect(crc32(bytes)).toBe(expected);
});
