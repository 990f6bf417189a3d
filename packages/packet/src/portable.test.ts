/** The whole codec where there is no `Buffer`, as in a browser. */
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { ControlPacket } from "./control-packet.js";
import { errorVectors, packetVectors, vectorBytes } from "./testing/index.js";

let codec: typeof import("./index.js");

beforeAll(async () => {
  vi.stubGlobal("Buffer", undefined);
  vi.resetModules();
  codec = await import("./index.js");
  const { nativeBuffer } = await import("./native-buffer.js");
  expect(nativeBuffer).toBeUndefined();
});

afterAll(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

it("encodes and decodes every vector", () => {
  for (const { name, version, hex, packet, decodeOnly } of packetVectors) {
    const bytes = vectorBytes(hex);
    const decoded: ControlPacket[] = [];
    const onPacket = (entry: ControlPacket) => decoded.push(entry);
    new codec.PacketDecoder({ version }, { onPacket, onError: (error) => expect.unreachable(error.message) }).push(
      bytes,
    );
    expect(decoded, name).toEqual([packet]);
    if (!decodeOnly) expect(codec.encodePacket(packet, version), name).toEqual(bytes);
  }
});

it("refuses every error vector", () => {
  for (const { name, version, hex, code, reasonCode } of errorVectors) {
    const errors: unknown[] = [];
    const onError = (error: { code: string; reasonCode: number }) => errors.push([error.code, error.reasonCode]);
    new codec.PacketDecoder({ version }, { onPacket: () => expect.unreachable(), onError }).push(vectorBytes(hex));
    expect(errors, name).toEqual([[code, reasonCode]]);
  }
});
