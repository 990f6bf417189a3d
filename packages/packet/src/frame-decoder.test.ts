import { beforeEach, describe, expect, it } from "vitest";
import { FrameDecoder } from "./frame-decoder.js";
import type { PacketError } from "./packet-error.js";

/** PUBLISH with a body of `length` bytes, filled with `fill`. */
function frame(length: number, fill = 0x61): Uint8Array {
  const header = [0x30];
  for (let rest = length; ; ) {
    header.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
    if (rest === 0) break;
  }
  return joined(Uint8Array.from(header), new Uint8Array(length).fill(fill));
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

let frames: { bytes: Uint8Array; start: number; bodyStart: number; end: number }[];
let errors: PacketError[];
let onFrame: (() => void) | undefined;
let decoder: FrameDecoder;

function newDecoder(maximumPacketSize?: number): FrameDecoder {
  return new FrameDecoder(
    {
      onFrame(bytes, start, bodyStart, end) {
        frames.push({ bytes, start, bodyStart, end });
        onFrame?.();
      },
      onFrameError: (error) => errors.push(error),
    },
    maximumPacketSize,
  );
}

beforeEach(() => {
  frames = [];
  errors = [];
  onFrame = undefined;
  decoder = newDecoder();
});

function bodyLengths(): number[] {
  return frames.map(({ bodyStart, end }) => end - bodyStart);
}

describe("push", () => {
  it("copies a Buffer that is pushed from inside onFrame", () => {
    const nested = Buffer.from(frame(5, 0x62));
    onFrame = () => {
      if (frames.length > 1) return;
      decoder.push(nested);
      nested.fill(0);
    };
    decoder.push(frame(1));
    expect(bodyLengths()).toEqual([1, 5]);
  });

  it("hands whole packets over in the caller's bytes", () => {
    const bytes = joined(frame(0), frame(200), frame(3));
    decoder.push(bytes);
    expect(frames).toEqual([
      { bytes, start: 0, bodyStart: 2, end: 2 },
      { bytes, start: 2, bodyStart: 5, end: 205 },
      { bytes, start: 205, bodyStart: 207, end: 210 },
    ]);
    expect(frames.every((entry) => entry.bytes === bytes)).toBe(true);
    expect(decoder.bufferedBytes).toBe(0);
  });

  it("reads only from start to end", () => {
    const bytes = joined(Uint8Array.of(0xff, 0xff), frame(5), Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff));
    decoder.push(bytes, 2, 9);
    expect(frames).toEqual([{ bytes, start: 2, bodyStart: 4, end: 9 }]);
    decoder.push(bytes, 4, 4);
    expect(errors).toEqual([]);
  });

  it("copies only a cut tail, so that the caller may reuse its bytes", () => {
    const first = joined(frame(1), frame(10, 0x62).subarray(0, 7));
    decoder.push(first);
    expect(bodyLengths()).toEqual([1]);
    expect(decoder.bufferedBytes).toBe(7);
    first.fill(0);
    const second = joined(frame(10, 0x62).subarray(7), frame(2));
    decoder.push(second);
    expect(bodyLengths()).toEqual([1, 10, 2]);
    expect(frames[1].bytes).not.toBe(second);
    expect([...frames[1].bytes.slice(frames[1].bodyStart, frames[1].end)]).toEqual(Array(10).fill(0x62));
    expect(frames[2].bytes).toBe(second);
    expect(decoder.bufferedBytes).toBe(0);
  });

  it("buffers what has arrived, not what is announced", () => {
    const capacities: number[] = [];
    const held = () => (decoder as unknown as { held: Uint8Array }).held.length;
    decoder.push(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0x7f)); // 256 MiB
    capacities.push(held());
    decoder.push(new Uint8Array(1000));
    capacities.push(held());
    decoder.push(new Uint8Array(100_000));
    capacities.push(held());
    expect(capacities[0]).toBeLessThanOrEqual(64);
    expect(capacities[1]).toBeLessThanOrEqual(2 * 1005);
    expect(capacities[2]).toBeLessThanOrEqual(2 * 101_005);
    expect(decoder.bufferedBytes).toBe(101_005);
  });

  it("buffers no more than the packet when most of it has arrived", () => {
    decoder.push(frame(1000), 0, 900);
    expect((decoder as unknown as { held: Uint8Array }).held.length).toBe(1003);
  });

  it("takes headers of every length, cut anywhere", () => {
    for (const length of [0, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152]) {
      const bytes = joined(frame(length), frame(1));
      for (const cut of [1, 2, 3, 4]) {
        decoder.push(bytes, 0, cut);
        decoder.push(bytes, cut);
      }
      expect(bodyLengths()).toEqual(Array(4).fill([length, 1]).flat());
      frames = [];
    }
    expect(errors).toEqual([]);
  });

  it("lets go of its buffer when a packet is whole", () => {
    const bytes = frame(1000);
    decoder.push(bytes, 0, 500);
    decoder.push(bytes, 500);
    expect((decoder as unknown as { held: Uint8Array }).held.length).toBe(0);
  });

  it("takes a packet of many chunks", () => {
    const bytes = joined(frame(300_000), frame(1));
    for (let position = 0; position < bytes.length; position += 1000) {
      decoder.push(bytes, position, Math.min(position + 1000, bytes.length));
    }
    expect(bodyLengths()).toEqual([300_000, 1]);
  });

  it("takes the largest Remaining Length", () => {
    const bytes = new Uint8Array(5);
    bytes.set([0x30, 0xff, 0xff, 0xff, 0x7f]);
    decoder.push(bytes);
    expect(errors).toEqual([]);
    expect(decoder.bufferedBytes).toBe(5);
  });

  it("delivers what is pushed from inside the handler after what came before it", () => {
    let pushed = false;
    onFrame = () => {
      if (pushed) return;
      pushed = true;
      decoder.push(frame(7));
      expect(decoder.bufferedBytes).toBe(9);
    };
    decoder.push(joined(frame(1), frame(2)));
    expect(bodyLengths()).toEqual([1, 2, 7]);
    expect(decoder.bufferedBytes).toBe(0);
  });

  it("lets an error of the handler through and stops, as the place in the stream is lost", () => {
    onFrame = () => {
      throw new Error("handler");
    };
    expect(() => decoder.push(joined(frame(1), frame(2), frame(3).subarray(0, 2)))).toThrow("handler");
    onFrame = undefined;
    decoder.push(frame(4));
    expect(bodyLengths()).toEqual([1]);
    expect([decoder.bufferedBytes, errors]).toEqual([0, []]);
  });

  it("does the same when the error comes out of resume", () => {
    decoder.pause();
    decoder.push(joined(frame(1), frame(2)));
    onFrame = () => {
      throw new Error("handler");
    };
    expect(() => decoder.resume()).toThrow("handler");
    decoder.push(frame(3));
    expect(bodyLengths()).toEqual([1]);
    expect(decoder.bufferedBytes).toBe(0);
  });
});

describe("maximumPacketSize", () => {
  it("counts the fixed header and passes a packet of just that size", () => {
    decoder = newDecoder(130);
    decoder.push(frame(127)); // 129 bytes
    decoder.push(frame(128)); // 131 bytes
    expect(bodyLengths()).toEqual([127]);
    expect(errors.map(({ code, reasonCode }) => [code, reasonCode])).toEqual([["TIDINGS_PACKET_TOO_LARGE", 0x95]]);
  });

  it("refuses from the header, before the body has come", () => {
    decoder = newDecoder(1000);
    decoder.push(frame(2000), 0, 3);
    expect(errors.map((error) => error.code)).toEqual(["TIDINGS_PACKET_TOO_LARGE"]);
    expect(decoder.bufferedBytes).toBe(0);
  });

  it("refuses from a header that arrives in pieces", () => {
    decoder = newDecoder(1000);
    for (const byte of frame(2000).subarray(0, 3)) decoder.push(Uint8Array.of(byte));
    expect(errors.map((error) => error.code)).toEqual(["TIDINGS_PACKET_TOO_LARGE"]);
  });

  it("can change inside the handler, for the packets that follow", () => {
    decoder = newDecoder(10);
    onFrame = () => {
      decoder.maximumPacketSize = 100;
    };
    decoder.push(joined(frame(8), frame(98), frame(99)));
    expect(bodyLengths()).toEqual([8, 98]);
    expect(errors.length).toBe(1);
  });
});

describe("an error", () => {
  it("comes once, and all further input is ignored", () => {
    decoder.push(joined(frame(1), Uint8Array.of(0x30, 0x80, 0x00), frame(1)));
    decoder.push(frame(1));
    decoder.resume();
    expect(bodyLengths()).toEqual([1]);
    expect(errors.map(({ code, reasonCode }) => [code, reasonCode])).toEqual([["TIDINGS_MALFORMED_PACKET", 0x81]]);
    expect(decoder.bufferedBytes).toBe(0);
  });

  it("[MQTT-1.5.5-1] comes with the fourth length byte that promises a fifth", () => {
    decoder.push(Uint8Array.of(0x30, 0xff, 0xff, 0xff));
    expect(errors).toEqual([]);
    decoder.push(Uint8Array.of(0x80));
    expect(errors.length).toBe(1);
  });
});

describe("pause and resume", () => {
  it("hold what follows, and hand it over later", () => {
    onFrame = () => decoder.pause();
    const bytes = joined(frame(1), frame(2), frame(3));
    decoder.push(bytes);
    expect(bodyLengths()).toEqual([1]);
    expect(decoder.bufferedBytes).toBe(9);
    bytes.fill(0xff);
    decoder.resume();
    expect(bodyLengths()).toEqual([1, 2]);
    decoder.push(frame(4));
    expect(bodyLengths()).toEqual([1, 2]);
    onFrame = undefined;
    decoder.resume();
    expect(bodyLengths()).toEqual([1, 2, 3, 4]);
    expect(decoder.bufferedBytes).toBe(0);
    expect(errors).toEqual([]);
  });

  it("hold a tail that was cut before the pause", () => {
    const bytes = frame(10);
    decoder.push(bytes, 0, 4);
    decoder.pause();
    decoder.push(bytes, 4);
    decoder.push(frame(1));
    expect(bodyLengths()).toEqual([]);
    expect(decoder.bufferedBytes).toBe(15);
    decoder.resume();
    expect(bodyLengths()).toEqual([10, 1]);
  });

  it("leave a cut packet waiting after resume", () => {
    decoder.pause();
    decoder.push(joined(frame(1), frame(10).subarray(0, 5)));
    decoder.resume();
    expect(bodyLengths()).toEqual([1]);
    expect(decoder.bufferedBytes).toBe(5);
    decoder.push(frame(10).subarray(5));
    expect(bodyLengths()).toEqual([1, 10]);
  });

  it("notice a broken header only after resume", () => {
    decoder.pause();
    decoder.push(Uint8Array.of(0x30, 0x80, 0x00));
    expect(errors).toEqual([]);
    decoder.resume();
    expect(errors.length).toBe(1);
  });

  it("may both happen inside the handler", () => {
    onFrame = () => {
      decoder.pause();
      decoder.resume();
    };
    decoder.push(joined(frame(1), frame(2)));
    expect(bodyLengths()).toEqual([1, 2]);
  });

  it("may both happen inside the handler of a held packet", () => {
    decoder.pause();
    decoder.push(joined(frame(1), frame(2)));
    onFrame = () => {
      decoder.pause();
      decoder.resume();
    };
    decoder.resume();
    expect(bodyLengths()).toEqual([1, 2]);
    expect(decoder.bufferedBytes).toBe(0);
  });

  it("keep the order when input is pushed from inside the handler", () => {
    onFrame = () => {
      if (frames.length > 1) return;
      decoder.push(frame(3));
      decoder.pause();
    };
    decoder.push(joined(frame(1), frame(2)));
    expect(bodyLengths()).toEqual([1]);
    expect(decoder.bufferedBytes).toBe(9);
    decoder.resume();
    expect(bodyLengths()).toEqual([1, 2, 3]);
  });

  it("do not move what is held for each packet of a long queue", () => {
    decoder.pause();
    for (let index = 0; index < 100; index += 1) decoder.push(frame(100));
    onFrame = () => decoder.pause();
    const buffers = new Set<Uint8Array>();
    for (let index = 0; index < 100; index += 1) decoder.resume();
    for (const entry of frames) buffers.add(entry.bytes);
    expect(frames.length).toBe(100);
    expect(buffers.size).toBe(1);
  });
});

describe("stop", () => {
  it("inside the handler ends delivery at once", () => {
    onFrame = () => decoder.stop();
    decoder.push(joined(frame(1), frame(2), frame(3).subarray(0, 3)));
    decoder.push(frame(4));
    decoder.pause();
    decoder.resume();
    expect(bodyLengths()).toEqual([1]);
    expect(decoder.bufferedBytes).toBe(0);
    expect(errors).toEqual([]);
  });

  it("inside the handler of a reassembled packet lets go of everything", () => {
    onFrame = () => {
      decoder.push(frame(9));
      decoder.stop();
    };
    const bytes = joined(frame(10), frame(2));
    decoder.push(bytes, 0, 5);
    decoder.push(bytes, 5);
    expect(bodyLengths()).toEqual([10]);
    expect(decoder.bufferedBytes).toBe(0);
  });

  it("inside the handler of a held packet lets go of everything", () => {
    decoder.pause();
    decoder.push(joined(frame(1), frame(2)));
    onFrame = () => decoder.stop();
    decoder.resume();
    expect(bodyLengths()).toEqual([1]);
    expect(decoder.bufferedBytes).toBe(0);
  });
});
