import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PublishPacket } from "./control-packet.js";
import { decodePublish } from "./decode-publish.js";
import { isWellFormedUtf8 } from "./is-well-formed-utf8.js";
import { PacketError } from "./packet-error.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { PublishView } from "./publish-view.js";
import { readPublish } from "./read-publish.js";
import { controlPacket } from "./testing/index.js";
import { encodePacket } from "./write-packet.js";

const publishOf = {
  3: controlPacket(fc, 3, PacketType.PUBLISH),
  4: controlPacket(fc, 4, PacketType.PUBLISH),
  5: controlPacket(fc, 5, PacketType.PUBLISH),
};
const anyPublish = fc.constantFrom<ProtocolVersion>(3, 4, 5).chain((version) =>
  fc.record({
    version: fc.constant(version),
    bytes: publishOf[version].map((packet) => Uint8Array.from(encodePacket(packet, version))),
    padding: fc.nat({ max: 9 }),
    changes: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
  }),
);

function bodyStartOf(bytes: Uint8Array, start: number): number {
  let position = start + 1;
  while (bytes[position] >= 0x80) position += 1;
  return position + 1;
}

function attempt<T>(action: () => T): T | PacketError {
  try {
    return action();
  } catch (error) {
    if (error instanceof PacketError) return error;
    throw error;
  }
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, end)).toString("utf8");
}

function expectAgreement(view: PublishView, packet: PublishPacket, version: ProtocolVersion): void {
  const { bytes } = view;
  const properties = packet.properties ?? {};
  expect(text(bytes, view.topicStart, view.topicEnd)).toBe(packet.topicName);
  expect(bytes.slice(view.payloadStart, view.end)).toEqual(packet.payload);
  expect({ dup: view.dup, qos: view.qos, retain: view.retain }).toEqual({
    dup: packet.dup,
    qos: packet.qos,
    retain: packet.retain,
  });
  expect(view.packetIdentifier).toBe(packet.packetIdentifier ?? 0);
  expect(view.topicAlias).toBe(properties.topicAlias ?? 0);
  expect(view.messageExpiryInterval).toBe(properties.messageExpiryInterval ?? -1);
  expect(view.payloadFormatIndicator).toBe(properties.payloadFormatIndicator ?? 0);
  expect(view.hasSubscriptionIdentifier).toBe(properties.subscriptionIdentifiers !== undefined);
  if (properties.responseTopic === undefined) expect(view.responseTopicStart).toBe(-1);
  else expect(text(bytes, view.responseTopicStart, view.responseTopicEnd)).toBe(properties.responseTopic);
  if (version < 5) expect([view.propertiesStart, view.propertiesEnd]).toEqual([view.payloadStart, view.payloadStart]);
  else expectAliasAndExpiry(view, packet);
}

/** What a server cuts out and what it overwrites. */
function expectAliasAndExpiry(view: PublishView, packet: PublishPacket): void {
  const { bytes, topicAliasStart, topicAliasEnd, messageExpiryOffset } = view;
  expect(view.propertiesEnd).toBe(view.payloadStart);
  if (packet.properties?.topicAlias === undefined) {
    expect([topicAliasStart, topicAliasEnd]).toEqual([-1, -1]);
  } else {
    const { topicAlias } = packet.properties;
    expect([...bytes.slice(topicAliasStart, topicAliasEnd)]).toEqual([0x23, topicAlias >> 8, topicAlias & 0xff]);
  }
  if (packet.properties?.messageExpiryInterval === undefined) expect(messageExpiryOffset).toBe(-1);
  else expect(Buffer.from(bytes).readUInt32BE(messageExpiryOffset)).toBe(packet.properties.messageExpiryInterval);
}

describe("readPublish", () => {
  it("agrees with decodePublish on packets, whole or damaged", () => {
    const view = new PublishView();
    fc.assert(
      fc.property(anyPublish, ({ version, bytes, padding, changes }) => {
        const start = padding;
        const body = bodyStartOf(bytes, 0);
        for (const [index, value] of changes) {
          if (bytes.length > body) bytes[body + (index % (bytes.length - body))] = value;
        }
        const padded = new Uint8Array(padding + bytes.length + 3).fill(0xff);
        padded.set(bytes, padding);
        const end = start + bytes.length;
        const packet = attempt(() => decodePublish(version, padded, start, start + body, end));
        const result = attempt(() => readPublish(view, version, padded, start, start + body, end));
        if (!(packet instanceof PacketError)) {
          expect(result).toBeUndefined();
          expect([view.start, view.end]).toEqual([start, end]);
          expectAgreement(view, packet, version);
        } else if (result instanceof PacketError) {
          expect(result.message !== "").toBe(true);
          if (topicIsFine(padded, start + body, end)) {
            expect([result.code, result.reasonCode]).toEqual([packet.code, packet.reasonCode]);
          }
        } else {
          expect(topicIsFine(padded, start + body, end)).toBe(false); // the one thing that it leaves to the caller
        }
      }),
      { numRuns: 1500 },
    );
  });
});

function topicIsFine(bytes: Uint8Array, bodyStart: number, end: number): boolean {
  const topicEnd = bodyStart + 2 + bytes[bodyStart] * 256 + bytes[bodyStart + 1];
  if (topicEnd > end) return true;
  return isWellFormedUtf8(bytes, bodyStart + 2, topicEnd) && !/[+#]/.test(text(bytes, bodyStart + 2, topicEnd));
}
