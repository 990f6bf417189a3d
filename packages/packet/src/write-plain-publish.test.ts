import { describe, expect, it } from "vitest";
import type { PublishPacket } from "./control-packet.js";
import { encodePacket, writePacket } from "./write-packet.js";
import { measurePlainPublish, NOT_PLAIN, writePlainPublish } from "./write-plain-publish.js";

function publish(fields: Partial<PublishPacket> = {}): PublishPacket {
  return { type: 3, dup: false, qos: 0, retain: false, topicName: "a/b", payload: new Uint8Array(3), ...fields };
}

function writesPlain(packet: PublishPacket, version: 3 | 4 | 5 = 4): boolean {
  const remainingLength = measurePlainPublish(packet, version);
  if (remainingLength === NOT_PLAIN) return false;
  return writePlainPublish(packet, version, remainingLength, new Uint8Array(500), 0) !== NOT_PLAIN;
}

describe("the short way of a PUBLISH", () => {
  it("takes plain topics of up to 40 characters, of any QoS and version", () => {
    for (const version of [3, 4, 5] as const) {
      expect(writesPlain(publish(), version)).toBe(true);
      expect(writesPlain(publish({ topicName: "x".repeat(40) }), version)).toBe(true);
      expect(writesPlain(publish({ qos: 1, packetIdentifier: 1, dup: true, retain: true }), version)).toBe(true);
      expect(writesPlain(publish({ qos: 2, packetIdentifier: 65_535 }), version)).toBe(true);
    }
  });

  it("leaves everything else", () => {
    const others: Partial<PublishPacket>[] = [
      { topicName: "" },
      { topicName: "x".repeat(41) },
      { topicName: "a/é" },
      { topicName: "a\0b" },
      { topicName: "a/+" },
      { topicName: "#" },
      { properties: { topicAlias: 1 } },
      { dup: true },
      { packetIdentifier: 1 },
      { qos: 1 },
      { qos: 1, packetIdentifier: 0 },
      { qos: 2, packetIdentifier: 65_536 },
      { qos: 2, packetIdentifier: 1.5 },
      { qos: 3 as never, packetIdentifier: 1 },
      { payload: { length: 268_435_455 } as never },
    ];
    for (const fields of others) expect([fields, writesPlain(publish(fields))]).toEqual([fields, false]);
  });

  it("writes at the offset and no further, for every size of the header", () => {
    for (const length of [0, 122, 123, 16_378, 16_379]) {
      const packet = publish({ payload: new Uint8Array(length).fill(0x70) });
      const bytes = encodePacket(packet, 4);
      const target = new Uint8Array(bytes.length + 5).fill(0xee);
      expect(writePacket(packet, 4, target, 3)).toBe(bytes.length + 3);
      expect(target.subarray(3, -2)).toEqual(bytes);
      expect([...target.subarray(0, 3), ...target.subarray(-2)]).toEqual(Array(5).fill(0xee));
    }
  });
});
