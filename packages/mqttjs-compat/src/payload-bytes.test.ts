import { afterEach, expect, test, vi } from "vitest";
import { PayloadBytes, payloadBytes } from "./payload-bytes.js";

afterEach(() => vi.unstubAllGlobals());

const bytes = new TextEncoder().encode("..Grüße").subarray(2);

test("a payload is a Buffer over the same bytes", () => {
  const payload = payloadBytes(bytes);
  expect(Buffer.isBuffer(payload)).toBe(true);
  expect(payload.toString()).toBe("Grüße");
  expect(payload.buffer).toBe(bytes.buffer);
});

test("without Buffer it reads like one", () => {
  const expected = Buffer.from(bytes);
  const { isBuffer } = Buffer;
  vi.stubGlobal("Buffer", undefined);
  const payload = payloadBytes(bytes);
  expect(isBuffer(payload)).toBe(false);
  expect(payload).toBeInstanceOf(PayloadBytes);
  for (const encoding of ["utf8", "hex", "base64", "latin1", "ascii"] as const) {
    expect(payload.toString(encoding)).toBe(expected.toString(encoding));
  }
  expect(`${payload}`).toBe("Grüße");
  expect(() => payload.toString("utf16le")).toThrow("utf16le");
});
