import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ControlPacket } from "./control-packet.js";
import { decodePacket } from "./decode-packet.js";
import { FrameDecoder } from "./frame-decoder.js";
import { PacketDecoder } from "./packet-decoder.js";
import { PacketError } from "./packet-error.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { controlPacket } from "./testing/index.js";
import { encodePacket, packetLength, writePacket } from "./write-packet.js";

const versions = [3, 4, 5] as const;
const anyVersion = fc.constantFrom<ProtocolVersion>(...versions);
const anyPacket = { 3: controlPacket(fc, 3), 4: controlPacket(fc, 4), 5: controlPacket(fc, 5) };

/** Packets of one version, one after another, and where to cut their bytes. */
const stream = anyVersion.chain((version) =>
  fc.record({
    version: fc.constant(version),
    packets: fc.array(anyPacket[version], { minLength: 1, maxLength: 6 }),
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }),
  }),
);

/** Encoded packets with some bytes changed: closer to the truth than random bytes, so they get further. */
const damaged = anyVersion.chain((version) =>
  fc
    .tuple(
      anyPacket[version],
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
    )
    .map(([packet, changes]) => {
      const bytes = Uint8Array.from(encodePacket(packet, version));
      for (const [index, value] of changes) bytes[index % bytes.length] = value;
      return { version, bytes };
    }),
);

function concatenate(parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function split(bytes: Uint8Array, cuts: number[]): Uint8Array[] {
  const offsets = [0, ...cuts.map((cut) => Math.round(cut * bytes.length)).sort((a, b) => a - b), bytes.length];
  return offsets.slice(1).map((end, index) => bytes.slice(offsets[index], end));
}

function decode(version: ProtocolVersion, chunks: Uint8Array[]): { packets: ControlPacket[]; errors: unknown[] } {
  const packets: ControlPacket[] = [];
  const errors: unknown[] = [];
  const decoder = new PacketDecoder(
    { version },
    {
      onPacket: (packet) => packets.push(packet),
      onError: (error) => errors.push([error.code, error.reasonCode, error.message]),
    },
  );
  for (const chunk of chunks) decoder.push(chunk);
  return { packets, errors };
}

describe("decode after encode is the identity", () => {
  for (const version of versions) {
    for (const type of Object.values(PacketType)) {
      if (type === PacketType.AUTH && version !== 5) continue;
      it(`for packet type ${type} of version ${version}`, () => {
        fc.assert(
          fc.property(controlPacket(fc, version, type), fc.nat({ max: 7 }), (packet, offset) => {
            const bytes = encodePacket(packet, version);
            expect(decode(version, [bytes])).toEqual({ packets: [packet], errors: [] });
            expect(packetLength(packet, version)).toBe(bytes.length);
            const target = new Uint8Array(offset + bytes.length);
            expect(writePacket(packet, version, target, offset)).toBe(target.length);
            expect(target.subarray(offset)).toEqual(bytes);
          }),
          { numRuns: 60 },
        );
      });
    }
  }
});

describe("any split of the input", () => {
  it("[MQTT-6.0.0-2] [3.1.1 MQTT-6.0.0-2] gives the same packets", () => {
    fc.assert(
      fc.property(stream, ({ version, packets, cuts }) => {
        const bytes = concatenate(packets.map((packet) => encodePacket(packet, version)));
        expect(decode(version, split(bytes, cuts))).toEqual({ packets, errors: [] });
      }),
    );
  });

  it("gives the same packets and the same error when the bytes are damaged", () => {
    fc.assert(
      fc.property(damaged, stream, ({ version, bytes }, { cuts }) => {
        const whole = concatenate([bytes, bytes]);
        expect(decode(version, split(whole, cuts))).toEqual(decode(version, [whole]));
      }),
    );
  });

  it("gives the same frames when the handler pauses at will and input arrives meanwhile", () => {
    fc.assert(
      fc.property(stream, fc.infiniteStream(fc.boolean()), ({ version, packets, cuts }, choices) => {
        const bytes = concatenate(packets.map((packet) => encodePacket(packet, version)));
        const frames: Uint8Array[] = [];
        const views: Uint8Array[] = [];
        const decoder = new FrameDecoder({
          onFrame(source, start, _bodyStart, end) {
            frames.push(source.slice(start, end));
            views.push(source.subarray(start, end));
            if (choices.next().value) decoder.pause();
          },
          onFrameError: (error) => expect.unreachable(error.message),
        });
        for (const chunk of split(bytes, cuts)) {
          decoder.push(chunk);
          if (choices.next().value) decoder.resume();
        }
        while (frames.length < packets.length) decoder.resume();
        expect(concatenate(frames)).toEqual(bytes);
        expect(concatenate(views)).toEqual(bytes); // what was handed over does not change afterwards
        expect(decoder.bufferedBytes).toBe(0);
      }),
    );
  });
});

describe("any bytes", () => {
  function expectPacketOrError(version: ProtocolVersion, bytes: Uint8Array, bodyStart: number): void {
    try {
      const packet = decodePacket(version, bytes, 0, bodyStart, bytes.length);
      expect(packet.type).toBe(bytes[0] >> 4);
    } catch (error) {
      expect(error).toBeInstanceOf(PacketError);
    }
  }

  it("as a stream give packets, a wait or one PacketError", () => {
    fc.assert(
      fc.property(anyVersion, fc.uint8Array({ maxLength: 200 }), (version, bytes) => {
        expect(decode(version, [bytes]).errors.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  it("as a body give a packet or a PacketError", () => {
    fc.assert(
      fc.property(anyVersion, fc.uint8Array({ minLength: 2, maxLength: 60 }), (version, bytes) => {
        expectPacketOrError(version, bytes, 2);
      }),
      { numRuns: 1000 },
    );
  });

  it("close to a packet give a packet or a PacketError", () => {
    fc.assert(
      fc.property(damaged, fc.nat({ max: 5 }), ({ version, bytes }, bodyStart) => {
        expectPacketOrError(version, bytes, Math.min(bodyStart, bytes.length));
      }),
      { numRuns: 1000 },
    );
  });

  it("that decode, encode to bytes that decode to the same", () => {
    fc.assert(
      fc.property(damaged, ({ version, bytes }) => {
        for (const packet of decode(version, [bytes]).packets) {
          if (packet.type === PacketType.CONNACK && version === 4 && packet.sessionPresent && packet.reasonCode > 0)
            continue;
          if (packet.type === PacketType.DISCONNECT && packet.reasonCode === 0x8c) continue;
          expect(decode(version, [encodePacket(packet, version)])).toEqual({ packets: [packet], errors: [] });
        }
      }),
      { numRuns: 1000 },
    );
  });
});
