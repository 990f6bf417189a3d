import { expect, test } from "vitest";
import { fromBase64, toBase64 } from "./base64.js";
import { exportLine, exportLines } from "./export-lines.js";
import { recordOf } from "./testing/record-of.js";

test("a message as a line of JSON", () => {
  const properties = {
    contentType: "text/plain",
    correlationData: new Uint8Array([1, 2]),
    userProperties: [["a", "b"]] as const,
  };
  const record = recordOf("a/b", 'say "hi"\n', {
    atMs: 1_700_000_000_000,
    qos: 1,
    retain: true,
    properties: { ...properties, userProperties: [["a", "b"]] },
  });
  const line = exportLine(record);
  expect(line).not.toContain("\n");
  expect(JSON.parse(line)).toEqual({
    time: "2023-11-14T22:13:20.000Z",
    direction: "received",
    topic: "a/b",
    qos: 1,
    retain: true,
    payload: 'say "hi"\n',
    properties: { contentType: "text/plain", correlationData: "AQI=", userProperties: [["a", "b"]] },
  });
});

test("bytes that are no text go as base64, a cut payload with its length", () => {
  const line = JSON.parse(exportLine(recordOf("a", new Uint8Array([0xff, 0]), { payloadBytes: 9, dup: true })));
  expect(line).toMatchObject({ payloadBase64: "/wA=", payloadBytes: 9, dup: true });
  expect(line).not.toHaveProperty("payload");
});

test("many messages come in parts that end with a line", () => {
  const records = Array.from({ length: 2_500 }, (_, sequence) => recordOf("a", "x", { sequence }));
  const parts = exportLines(records);
  expect(parts).toHaveLength(3);
  expect(parts.join("").trimEnd().split("\n")).toHaveLength(2_500);
});

test("base64 there and back, also when it is long", () => {
  const bytes = Uint8Array.from({ length: 50_000 }, (_, index) => index % 256);
  expect(fromBase64(toBase64(bytes))).toEqual(bytes);
});
