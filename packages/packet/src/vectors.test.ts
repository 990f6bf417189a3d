/** Every vector whole, byte by byte, with a packet behind it, and cut at every length. */
import { describe, expect, it } from "vitest";
import type { ControlPacket } from "./control-packet.js";
import { decodePacket } from "./decode-packet.js";
import { PacketDecoder } from "./packet-decoder.js";
import { PacketError } from "./packet-error.js";
import type { ProtocolVersion } from "./packet-type.js";
import { errorVectors, packetVectors, vectorBytes } from "./testing/index.js";
import { encodePacket, packetLength, writePacket } from "./write-packet.js";

const PINGREQ = Uint8Array.of(0xc0, 0x00);

interface Recording {
  packets: ControlPacket[];
  errors: PacketError[];
  bufferedBytes: number;
}

function decode(version: ProtocolVersion, chunks: Iterable<Uint8Array>): Recording {
  const packets: ControlPacket[] = [];
  const errors: PacketError[] = [];
  const decoder = new PacketDecoder(
    { version },
    { onPacket: (packet) => packets.push(packet), onError: (error) => errors.push(error) },
  );
  for (const chunk of chunks) decoder.push(chunk);
  return { packets, errors, bufferedBytes: decoder.bufferedBytes };
}

function* oneByOne(bytes: Uint8Array): Generator<Uint8Array> {
  for (const byte of bytes) yield Uint8Array.of(byte);
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Cuts to try: all of a short vector, a sample of a long one. */
function lengthsBelow(length: number): number[] {
  const all = Array.from({ length }, (_, index) => index);
  return length < 400 ? all : all.filter((index) => index < 100 || index > length - 100 || index % 997 === 0);
}

/** Where the Remaining Length ends. */
function bodyStart(bytes: Uint8Array): number {
  let position = 1;
  while (bytes[position] >= 0x80) position += 1;
  return position + 1;
}

describe("packet vectors", () => {
  it("have distinct names", () => {
    const names = [...packetVectors, ...errorVectors].map((vector) => vector.name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  for (const vector of packetVectors) {
    it(vector.name, () => {
      const bytes = vectorBytes(vector.hex);
      const { version, packet } = vector;
      expect(decode(version, [bytes])).toEqual({ packets: [packet], errors: [], bufferedBytes: 0 });
      expect(decode(version, oneByOne(bytes))).toEqual({ packets: [packet], errors: [], bufferedBytes: 0 });
      const trailed = decode(version, [joined(bytes, PINGREQ)]);
      expect(trailed).toEqual({ packets: [packet, { type: 12 }], errors: [], bufferedBytes: 0 });
      for (const length of lengthsBelow(bytes.length)) {
        const cut = decode(version, [bytes.subarray(0, length)]);
        expect(cut).toEqual({ packets: [], errors: [], bufferedBytes: length });
      }
      if (vector.decodeOnly) return;
      expect(encodePacket(packet, version)).toEqual(bytes);
      expect(packetLength(packet, version)).toBe(bytes.length);
      const target = new Uint8Array(bytes.length + 4).fill(0xee);
      expect(writePacket(packet, version, target, 2)).toBe(bytes.length + 2);
      expect([...target]).toEqual([0xee, 0xee, ...bytes, 0xee, 0xee]);
    });
  }

  it("give a packet or a PacketError when their body is cut and framed anew", () => {
    let packets = 0;
    for (const vector of packetVectors) {
      const bytes = vectorBytes(vector.hex);
      for (const length of lengthsBelow(bytes.length)) {
        const start = bodyStart(bytes);
        if (length < start) continue;
        try {
          decodePacket(vector.version, bytes, 0, start, length);
          packets += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(PacketError);
        }
      }
    }
    expect(packets).toBeGreaterThan(0); // a PUBLISH, for one, may lose the end of its payload
  });
});

describe("error vectors", () => {
  for (const vector of errorVectors) {
    it(vector.name, () => {
      const bytes = vectorBytes(vector.hex);
      const { version, code, reasonCode, protocolVersion } = vector;
      const expected = [{ code, reasonCode, protocolVersion }];
      for (const chunks of [[bytes], oneByOne(bytes), [joined(bytes, PINGREQ)], [bytes, PINGREQ]]) {
        const { packets, errors } = decode(version, chunks);
        expect(packets).toEqual([]);
        expect(errors.map(summary)).toEqual(expected);
      }
      for (const length of lengthsBelow(bytes.length)) {
        const { packets, errors } = decode(version, [bytes.subarray(0, length)]);
        expect(packets).toEqual([]);
        if (errors.length > 0) expect(errors.map(summary)).toEqual(expected);
      }
    });
  }
});

function summary(error: PacketError): object {
  return { code: error.code, reasonCode: error.reasonCode, protocolVersion: error.protocolVersion };
}
