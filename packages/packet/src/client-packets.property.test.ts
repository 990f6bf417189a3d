/** What a client needs of the codec does what the whole codec does. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodePacket } from "./decode-packet.js";
import { decodeServerPacket } from "./decode-server-packet.js";
import { FrameDecoder } from "./frame-decoder.js";
import { PacketType } from "./packet-type.js";
import { controlPacket } from "./testing/control-packet-arbitrary.js";
import { type ClientPacket, clientPacketLength, writeClientPacket } from "./write-client-packet.js";
import { encodePacket, packetLength } from "./write-packet.js";

const BY_SERVERS: readonly PacketType[] = [
  PacketType.CONNACK,
  PacketType.SUBACK,
  PacketType.UNSUBACK,
  PacketType.PINGRESP,
];
const BY_CLIENTS: readonly PacketType[] = [
  PacketType.CONNECT,
  PacketType.SUBSCRIBE,
  PacketType.UNSUBSCRIBE,
  PacketType.PUBLISH,
];

describe.each([3, 4, 5] as const)("version %i", (version) => {
  test("writeClientPacket writes what encodePacket does", () => {
    fc.assert(
      fc.property(controlPacket(fc, version), (packet) => {
        if (BY_SERVERS.includes(packet.type)) return;
        const expected = encodePacket(packet, version);
        expect(clientPacketLength(packet as ClientPacket, version)).toBe(packetLength(packet, version));
        const target = new Uint8Array(expected.length + 3);
        expect(writeClientPacket(packet as ClientPacket, version, target, 2)).toBe(expected.length + 2);
        expect(target.subarray(2, -1)).toEqual(new Uint8Array(expected));
        expect(() => writeClientPacket(packet as ClientPacket, version, target, 4)).toThrow(
          expect.objectContaining({ code: "TIDINGS_INVALID_PACKET" }),
        );
      }),
    );
  });

  test("decodeServerPacket decodes what decodePacket does, and refuses what only clients send", () => {
    fc.assert(
      fc.property(controlPacket(fc, version), (packet) => {
        const bytes = encodePacket(packet, version);
        const decoder = new FrameDecoder({
          onFrame: (frame, start, bodyStart, end) => {
            const decode = () => decodeServerPacket(version, frame, start, bodyStart, end);
            if (BY_CLIENTS.includes(packet.type)) expect(decode).toThrow();
            else expect(decode()).toEqual(decodePacket(version, frame, start, bodyStart, end));
          },
          onFrameError: (error) => {
            throw error;
          },
        });
        decoder.push(bytes);
      }),
    );
  });
});
