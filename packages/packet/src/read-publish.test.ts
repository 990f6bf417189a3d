/** readPublish on every PUBLISH vector: as decodePublish, but for the UTF-8 and the wildcards of the Topic Name. */
import { describe, expect, it } from "vitest";
import type { PacketError } from "./packet-error.js";
import type { ProtocolVersion } from "./packet-type.js";
import { PublishView } from "./publish-view.js";
import { readPublish } from "./read-publish.js";
import { errorVectors, packetVectors, vectorBytes } from "./testing/index.js";

const isPublish = (vector: { hex: string }) => vector.hex.startsWith("3");

/** Reads the packet with bytes before and behind it that must not matter. */
function read(version: ProtocolVersion, hex: string, filler: number): PublishView {
  const bytes = vectorBytes(hex);
  const padded = new Uint8Array(bytes.length + 16).fill(filler);
  padded.set(bytes, 8);
  let bodyStart = 9;
  while (padded[bodyStart] >= 0x80) bodyStart += 1;
  const view = new PublishView();
  readPublish(view, version, padded, 8, bodyStart + 1, 8 + bytes.length);
  return view;
}

function topicOf(view: PublishView): string {
  return Buffer.from(view.bytes.subarray(view.topicStart, view.topicEnd)).toString();
}

describe("readPublish reads", () => {
  for (const vector of packetVectors.filter(isPublish)) {
    it(vector.name, () => {
      const { packet } = vector;
      if (packet.type !== 3) return expect.unreachable();
      for (const filler of [0x00, 0xff]) {
        const view = read(vector.version, vector.hex, filler);
        expect(topicOf(view)).toBe(packet.topicName);
        expect(view.bytes.slice(view.payloadStart, view.end)).toEqual(packet.payload);
        expect([view.dup, view.qos, view.retain]).toEqual([packet.dup, packet.qos, packet.retain]);
        expect(view.packetIdentifier).toBe(packet.packetIdentifier ?? 0);
        expect(view.topicAlias).toBe(packet.properties?.topicAlias ?? 0);
      }
    });
  }
});

/** Where only the Topic Name is wrong. */
const leftToTheCaller = (name: string) =>
  /Topic Name|topic that is not UTF-8|U\+0000 in its topic|PUBLISH \S+ to /.test(name);
const ofThePacket = errorVectors.filter((vector) => isPublish(vector) && !/Remaining Length/.test(vector.name));

describe("readPublish refuses", () => {
  for (const vector of ofThePacket.filter((entry) => !leftToTheCaller(entry.name))) {
    it(vector.name, () => {
      for (const filler of [0x00, 0xff]) {
        let error: PacketError | undefined;
        try {
          read(vector.version, vector.hex, filler);
        } catch (caught) {
          error = caught as PacketError;
        }
        expect([error?.code, error?.reasonCode]).toEqual([vector.code, vector.reasonCode]);
      }
    });
  }
});

describe("readPublish leaves to its caller", () => {
  for (const vector of ofThePacket.filter((entry) => leftToTheCaller(entry.name))) {
    it(vector.name.replaceAll(/\[.*?\] /g, ""), () => {
      expect(read(vector.version, vector.hex, 0).payloadStart).toBeGreaterThan(0);
    });
  }
});
