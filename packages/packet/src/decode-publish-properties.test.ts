import { expect, it } from "vitest";
import { decodePublishProperties } from "./decode-publish-properties.js";
import { packetVectors, vectorBytes } from "./testing/index.js";

it("decodes the properties of every 5.0 PUBLISH vector by themselves", () => {
  let checked = 0;
  for (const { packet, version, hex } of packetVectors) {
    if (packet.type !== 3 || version !== 5) continue;
    const bytes = vectorBytes(hex);
    let position = 1;
    while (bytes[position] >= 0x80) position += 1;
    position += 1;
    position += 2 + bytes[position] * 256 + bytes[position + 1];
    if (packet.qos > 0) position += 2;
    expect(decodePublishProperties(bytes, position, bytes.length)).toEqual(packet.properties);
    checked += 1;
  }
  expect(checked).toBeGreaterThan(20);
});

it("refuses a section that is cut short", () => {
  const refusal = expect.objectContaining({ code: "TIDINGS_MALFORMED_PACKET" });
  expect(() => decodePublishProperties(Uint8Array.of(3, 0x23, 0, 1), 0, 3)).toThrow(refusal);
});
