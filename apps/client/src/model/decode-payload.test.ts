import { encode as encodeMsgpack } from "@msgpack/msgpack";
import { encode as encodeCbor } from "cborg";
import fastCheck from "fast-check";
import { describe, expect, test } from "vitest";
import { decodePayload, PAYLOAD_FORMATS, payloadValue } from "./decode-payload.js";
import { recordOf } from "./testing/record-of.js";

const hex = (digits: string): Uint8Array =>
  Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const guessed = (payload: string | Uint8Array, contentType?: string) =>
  decodePayload(recordOf("a", payload, { properties: contentType ? { contentType } : undefined }));

describe("what a payload is, found by itself", () => {
  test.each([
    ['{"a":1}', "json"],
    ["21.5", "json"],
    ["hello", "text"],
    ["", "text"],
    [encodeCbor({ a: [1, 2] }), "cbor"],
    [encodeMsgpack({ a: [1, 2.5] }), "msgpack"],
    [hex("ff00fe"), "hex"],
  ])("%j is %s", (payload, format) => {
    expect(guessed(payload).format).toBe(format);
  });

  test("the content type decides where several are possible", () => {
    expect(guessed(encodeCbor(5), "application/cbor")).toMatchObject({ format: "cbor", value: 5 });
    expect(guessed(encodeMsgpack("abc"), "application/vnd.msgpack")).toMatchObject({
      format: "msgpack",
      text: '"abc"',
    });
    expect(guessed("plain", "application/json").format).toBe("text");
  });
});

describe("reading", () => {
  test("JSON keeps its digits, order and repeats", () => {
    const source = '{ "b":12345678901234567890,"a":[1.0, {}, []], "t":"x:,{}\\"" }';
    expect(decodePayload(recordOf("a", source), "json").text).toBe(
      '{\n  "b": 12345678901234567890,\n  "a": [\n    1.0,\n    {},\n    []\n  ],\n  "t": "x:,{}\\""\n}',
    );
  });

  test("CBOR shows what JSON has no word for", () => {
    // {1: h'0102', "t": 32("http://a"), "u": undefined, "big": 18446744073709551615}
    const payload = hex("a4014201026174d820683a2f2f6874747061" + "");
    const decoded = decodePayload(recordOf("a", payload), "cbor");
    expect(decoded.error).toMatch(/^Not CBOR: /);
    const whole = hex("a301420102617 4d82068687474703a2f2f616175f7".replace(" ", ""));
    expect(decodePayload(recordOf("a", whole), "cbor").text).toBe(
      `{\n  1: h'0102',\n  "t": 32("http://a"),\n  "u": undefined\n}`,
    );
    expect(decodePayload(recordOf("a", hex("1bffffffffffffffff")), "cbor").text).toBe("18446744073709551615");
  });

  test("MessagePack shows bytes, big integers, times and extensions", () => {
    expect(decodePayload(recordOf("a", hex("c403010203")), "msgpack").text).toBe("h'010203'");
    expect(decodePayload(recordOf("a", hex("cfffffffffffffffff")), "msgpack").text).toBe("18446744073709551615");
    expect(decodePayload(recordOf("a", hex("d6ff00000000")), "msgpack").text).toBe('"1970-01-01T00:00:00.000Z"');
    expect(decodePayload(recordOf("a", hex("d40510")), "msgpack").text).toBe("ext(5, h'10')");
  });

  test("hex is a dump with offsets and ASCII", () => {
    expect(decodePayload(recordOf("a", "0123456789abcdefXY"), "hex").text).toBe(
      "000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef\n" +
        `000010  58 59${" ".repeat(45)}XY`,
    );
  });

  test("what is not in the wanted format is shown as hex, with the reason", () => {
    for (const format of ["json", "text", "cbor", "msgpack"] as const) {
      const decoded = decodePayload(recordOf("a", hex("c1ff")), format);
      expect(decoded.format).toBe("hex");
      expect(decoded.error).toMatch(/^Not (JSON|UTF-8 text|CBOR|MessagePack): ./);
    }
  });

  test("a payload that was cut says how much is missing, and splits no character", () => {
    const decoded = decodePayload(recordOf("a", hex("61e282"), { payloadBytes: 1_000 }), "text");
    expect(decoded).toMatchObject({ text: "a", hiddenBytes: 997 });
    expect(decodePayload(recordOf("a", "whole"), "text").text).toBe("whole");
    expect(decodePayload(recordOf("a", new Uint8Array(600_000)), "text").hiddenBytes).toBe(600_000 - 262_144);
  });

  test("the value alone is the same", () => {
    expect(payloadValue(recordOf("a", '{"a":1}'))).toEqual({ a: 1 });
  });
});

test("any bytes in any format give a text and no exception", () => {
  fastCheck.assert(
    fastCheck.property(
      fastCheck.uint8Array({ maxLength: 64 }),
      fastCheck.constantFrom(...PAYLOAD_FORMATS),
      (payload, format) => {
        expect(typeof decodePayload(recordOf("a", payload), format).text).toBe("string");
      },
    ),
  );
});

test("containers nested beyond reason do no harm", () => {
  expect(decodePayload(recordOf("a", new Uint8Array(200_000).fill(0x81)), "cbor").format).toBe("hex");
  expect(decodePayload(recordOf("a", new Uint8Array(200_000).fill(0x91)), "msgpack").format).toBe("hex");
  expect(typeof guessed("[".repeat(100_000)).text).toBe("string");
});
