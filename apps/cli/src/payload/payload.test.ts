import { describe, expect, test } from "vitest";
import { ExitCode } from "../exit-code.js";
import { decodePayload, payloadText } from "./decode-payload.js";
import { encodePayload } from "./encode-payload.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const hex = (payload: Uint8Array) => Buffer.from(payload).toString("hex");

describe("encode", () => {
  test.each([
    ["text", "é", "c3a9"],
    ["json", ' {"a":1}', "207b2261223a317d"],
    ["cbor", '{"a":[1,true]}', "a161618201f5"],
    ["msgpack", '{"a":[1,true]}', "81a1619201c3"],
    ["hex", "0xDE:AD be-ef", "deadbeef"],
    ["base64", "3q2+\n7w==", "deadbeef"],
  ] as const)("%s", (encoding, text, expected) => {
    expect(hex(encodePayload(bytes(text), encoding))).toBe(expected);
  });

  test.each([
    ["json", "{"],
    ["cbor", "one"],
    ["msgpack", ""],
    ["hex", "abc"],
    ["hex", "xy"],
    ["base64", "a*"],
  ] as const)("%s refuses %j", (encoding, text) => {
    expect(() => encodePayload(bytes(text), encoding)).toThrow(/^The message is not \S+ \(--encode\)\. /);
    expect(() => encodePayload(bytes(text), encoding)).toThrow(expect.objectContaining({ exitCode: ExitCode.Usage }));
  });
});

describe("decode", () => {
  test.each([
    ["text", "c3a9", "é"],
    ["json", "207b2261223a317d", '{"a":1}'],
    ["cbor", "a161618201f5", '{"a":[1,true]}'],
    ["cbor", "a161614101", '{"a":"AQ=="}'],
    ["msgpack", "81a1619201c3", '{"a":[1,true]}'],
    ["hex", "deadbeef", "deadbeef"],
    ["base64", "deadbeef", "3q2+7w=="],
    ["cbor", "1bffffffffffffffff", '"18446744073709551615"'],
  ] as const)("%s", (decoding, payload, expected) => {
    expect(payloadText(Buffer.from(payload, "hex"), decoding)).toBe(expected);
  });

  test("what is not what it should be is text, or bytes", () => {
    expect(decodePayload(bytes("plain"), "json")).toEqual({ kind: "text", text: "plain" });
    expect(decodePayload(Uint8Array.of(0xff, 0), "cbor")).toEqual({ kind: "bytes", bytes: Uint8Array.of(0xff, 0) });
    expect(payloadText(Uint8Array.of(0xff, 0), "text")).toBe("<2 bytes: ff00>");
    expect(payloadText(new Uint8Array(40).fill(0xff), "msgpack")).toMatch(/^<40 bytes: (ff){32}…>$/);
  });

  test("pretty", () => {
    expect(payloadText(bytes('{"a":[1]}'), "json", true)).toBe('{\n  "a": [\n    1\n  ]\n}');
  });
});
