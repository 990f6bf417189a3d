import { describe, expect, it } from "vitest";
import type { ControlPacket } from "./control-packet.js";
import { PacketDecoder, type PacketDecoderOptions } from "./packet-decoder.js";
import type { PacketError } from "./packet-error.js";
import { vectorBytes } from "./testing/index.js";

const connect5 = vectorBytes("10 0e 0004'MQTT' 05 02 003c 00 0001'c'");
const publish5 = vectorBytes("30 06 0001't' 00 'hi'");

function record(options: PacketDecoderOptions = {}) {
  const packets: ControlPacket[] = [];
  const errors: PacketError[] = [];
  const decoder = new PacketDecoder(options, {
    onPacket: (packet) => packets.push(packet),
    onError: (error) => errors.push(error),
  });
  return { decoder, packets, errors };
}

describe("PacketDecoder", () => {
  it("reads by 3.1.1 until a CONNECT names its version", () => {
    const { decoder, packets } = record();
    expect(decoder.version).toBe(4);
    decoder.push(vectorBytes("30 05 0001't' 'hi'"));
    decoder.push(connect5);
    expect(decoder.version).toBe(5);
    decoder.push(publish5);
    const payloads = packets.map((packet) => (packet.type === 3 ? [...packet.payload] : undefined));
    expect(payloads).toEqual([[0x68, 0x69], undefined, [0x68, 0x69]]);
  });

  it("reads by the version it was given, or is given later", () => {
    const { decoder, packets, errors } = record({ version: 5 });
    decoder.push(publish5);
    decoder.version = 4;
    decoder.push(vectorBytes("30 05 0001't' 'hi'"));
    expect(errors).toEqual([]);
    expect(packets.map((packet) => packet.type === 3 && packet.payload.length)).toEqual([2, 2]);
  });

  it("gives byte fields as views into the chunk", () => {
    const { decoder, packets } = record({ version: 5 });
    const chunk = publish5.slice();
    decoder.push(chunk);
    const packet = packets[0];
    if (packet.type !== 3) return expect.unreachable();
    expect(packet.payload.buffer).toBe(chunk.buffer);
    expect(packet.payload.constructor).toBe(Uint8Array);
  });

  it("keeps the bytes of a reassembled packet untouched when more arrive", () => {
    const { decoder, packets } = record({ version: 5 });
    for (let round = 0; round < 3; round += 1) {
      decoder.push(publish5.subarray(0, 4));
      decoder.push(publish5.subarray(4));
    }
    expect(packets.map((packet) => packet.type === 3 && [...packet.payload])).toEqual(Array(3).fill([0x68, 0x69]));
  });

  it("ends at the first error, whether of a frame or of a packet", () => {
    for (const broken of ["30 8000", "00 00", "c0 01 00"]) {
      const { decoder, packets, errors } = record();
      decoder.push(vectorBytes(`c000 ${broken} c000`));
      decoder.push(vectorBytes("c000"));
      expect(packets).toEqual([{ type: 12 }]);
      expect(errors.map((error) => error.code)).toEqual(["TIDINGS_MALFORMED_PACKET"]);
    }
  });

  it("passes the limit, pause, resume, stop and bufferedBytes on to the frames", () => {
    const { decoder, packets, errors } = record({ version: 5, maximumPacketSize: 10 });
    expect(decoder.maximumPacketSize).toBe(10);
    decoder.pause();
    decoder.push(publish5);
    expect([packets.length, decoder.bufferedBytes]).toEqual([0, 8]);
    decoder.resume();
    expect([packets.length, decoder.bufferedBytes]).toEqual([1, 0]);
    decoder.maximumPacketSize = 7;
    decoder.push(publish5);
    expect(errors.map((error) => error.reasonCode)).toEqual([0x95]);
    const other = record({ version: 5 });
    other.decoder.stop();
    other.decoder.push(publish5);
    expect(other.packets).toEqual([]);
  });

  it("lets an error of the handler through", () => {
    const decoder = new PacketDecoder(
      {},
      {
        onPacket() {
          throw new TypeError("handler");
        },
        onError: () => expect.unreachable(),
      },
    );
    expect(() => decoder.push(vectorBytes("c000"))).toThrow(TypeError);
  });
});
