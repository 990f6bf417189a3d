/** What every pair of byte streams must do, whatever carries it. Each case runs in both directions. */
import type { ByteStream } from "../byte-stream.js";
import { concat, pattern, Recorder, turns } from "./recorder.js";

export interface StreamPair {
  /** The connecting side. */
  readonly client: ByteStream;
  /** The accepting side. */
  readonly server: ByteStream;
  /** Frees what the pair stands on; the streams may be in any state. */
  close(): Promise<void>;
}

/** What the suite asks of a test runner; vitest and jest have it all. */
export interface TestFunctions {
  describe(title: string, body: () => void): unknown;
  test(title: string, body: () => Promise<void>): unknown;
  afterEach(body: () => Promise<void>): unknown;
  expect(actual: unknown): {
    toBe(expected: unknown): unknown;
    toEqual(expected: unknown): unknown;
    toBeGreaterThan(expected: number): unknown;
    toHaveLength(expected: number): unknown;
  };
}

const MEBIBYTE = 1_048_576;

/** Declares the tests of one kind of byte stream. `open` makes a fresh pair for each. */
export function byteStreamSuite(name: string, open: () => Promise<StreamPair>, functions: TestFunctions): void {
  declareCases(`${name}, client to server`, open, false, functions);
  declareCases(`${name}, server to client`, open, true, functions);
}

function declareCases(title: string, open: () => Promise<StreamPair>, swap: boolean, functions: TestFunctions): void {
  const { describe, test, afterEach, expect } = functions;
  const expectSame = (actual: Uint8Array, expected: Uint8Array): void => {
    expect(actual.length).toBe(expected.length);
    // toEqual on megabytes takes seconds.
    expect(actual.findIndex((byte, index) => byte !== expected[index])).toBe(-1);
  };
  describe(title, () => {
    let close: (() => Promise<void>) | undefined;

    async function openUnstarted() {
      const pair = await open();
      close = async () => {
        pair.client.destroy();
        pair.server.destroy();
        await pair.close();
      };
      const [near, far] = swap ? [pair.server, pair.client] : [pair.client, pair.server];
      return { near, far, nearEnd: new Recorder(), farEnd: new Recorder() };
    }

    async function openStarted() {
      const pair = await openUnstarted();
      pair.near.start(pair.nearEnd);
      pair.far.start(pair.farEnd);
      return pair;
    }

    afterEach(async () => {
      await close?.();
      close = undefined;
    });

    test("[MQTT-4.2-1] bytes arrive in order and complete, both ways at once", async () => {
      const { near, far, nearEnd, farEnd } = await openStarted();
      const sizes = [1, 2, 125, 126, 127, 1_000, 65_535, 65_536, 65_537, 3, 200_000, 1];
      const there = sizes.map((size, i) => pattern(size, i + 1));
      const back = sizes.map((size, i) => pattern(size, i + 100));
      for (let i = 0; i < sizes.length; i += 1) {
        near.write(there[i]);
        far.write(back[i]);
      }
      const total = concat(there).length;
      await Promise.all([farEnd.received(total), nearEnd.received(total)]);
      expectSame(farEnd.bytes, concat(there));
      expectSame(nearEnd.bytes, concat(back));
    });

    test("bytes may be reused at once after true, and after the drain otherwise", async () => {
      const { near, nearEnd, farEnd } = await openStarted();
      const expected: Uint8Array[] = [];
      let byteCount = 0;
      for (let i = 0; i < 300; i += 1) {
        const bytes = pattern(1 + ((i * 7_919) % 20_000), i + 1);
        expected.push(bytes.slice());
        byteCount += bytes.length;
        const drains = nearEnd.drains;
        if (!near.write(bytes)) await nearEnd.until(() => nearEnd.drains > drains);
        bytes.fill(0xee);
      }
      await farEnd.received(byteCount);
      expectSame(farEnd.bytes, concat(expected));
    });

    test("one write of 5 MB arrives, and drains if it was held", async () => {
      const { near, nearEnd, farEnd } = await openStarted();
      const bytes = pattern(5 * MEBIBYTE);
      const handedOn = near.write(bytes);
      await farEnd.received(bytes.length);
      expectSame(farEnd.bytes, bytes);
      if (!handedOn) await nearEnd.until(() => nearEnd.drains > 0);
      expect(nearEnd.drains).toBe(handedOn ? 0 : 1);
      expect(near.bufferedBytes).toBe(0);
    });

    test("several ranges arrive as one run, empty ones included", async () => {
      const { near, farEnd } = await openStarted();
      const parts = [pattern(3, 1), new Uint8Array(0), pattern(70_000, 2), pattern(1, 3), pattern(500, 4)];
      near.writeAll(parts);
      near.writeAll([]);
      near.write(new Uint8Array(0));
      near.writeAll([pattern(9, 5)]);
      const expected = concat([...parts, pattern(9, 5)]);
      await farEnd.received(expected.length);
      expectSame(farEnd.bytes, expected);
    });

    test("a peer that does not read is reported, and its return as well", async () => {
      const { near, far, nearEnd, farEnd } = await openStarted();
      far.pause();
      const bytes = pattern(MEBIBYTE);
      let handedOn = true;
      for (let i = 0; i < 32; i += 1) handedOn = near.write(bytes);
      expect(handedOn).toBe(false);
      await turns();
      expect(near.bufferedBytes).toBeGreaterThan(0);
      expect(nearEnd.drains).toBe(0);
      far.resume();
      await nearEnd.until(() => nearEnd.drains > 0);
      expect(near.bufferedBytes).toBe(0);
      await farEnd.received(32 * MEBIBYTE);
      expect(farEnd.byteCount).toBe(32 * MEBIBYTE);
      await turns();
      expect(nearEnd.drains).toBe(1);
    });

    test("a small write that did not fit drains too", async () => {
      const { near, far, nearEnd, farEnd } = await openStarted();
      far.pause();
      const bytes = pattern(1_024);
      let writes = 1;
      while (near.write(bytes) && writes < 100_000) writes += 1;
      await turns();
      far.resume();
      await nearEnd.until(() => nearEnd.drains > 0);
      await farEnd.received(writes * 1_024);
      expect(near.bufferedBytes).toBe(0);
      expect(nearEnd.drains).toBe(1);
      // And again: the first time must not have used it up.
      far.pause();
      writes += 1;
      while (near.write(bytes) && writes < 100_000) writes += 1;
      far.resume();
      await nearEnd.until(() => nearEnd.drains > 1);
      await farEnd.received(writes * 1_024);
    });

    test("writing on while bytes are held drains in the end", async () => {
      const { near, nearEnd, farEnd } = await openStarted();
      const bytes = pattern(MEBIBYTE);
      let writes = 0;
      let handedOn = true;
      const write = (): void => {
        writes += 1;
        handedOn = near.write(bytes);
      };
      farEnd.onBytesExtra = () => {
        if (writes < 40) write();
      };
      for (let i = 0; i < 16; i += 1) write();
      await farEnd.until(() => writes === 40 && farEnd.byteCount === 40 * MEBIBYTE);
      if (!handedOn) await nearEnd.until(() => nearEnd.drains > 0 && near.bufferedBytes === 0);
      expect(near.bufferedBytes).toBe(0);
      expect(nearEnd.drains).toBeGreaterThan(0);
    });

    test("writing inside onDrain drains again", async () => {
      const { near, nearEnd, farEnd } = await openStarted();
      const bytes = pattern(MEBIBYTE);
      let rounds = 0;
      let sent = 0;
      nearEnd.onDrainExtra = () => {
        rounds += 1;
        if (rounds > 3) return;
        let handedOn = true;
        for (let i = 0; i < 64 && handedOn; i += 1) {
          sent += bytes.length;
          handedOn = near.write(bytes);
        }
      };
      nearEnd.onDrainExtra();
      await nearEnd.until(() => rounds > 3);
      await farEnd.received(sent);
      expect(farEnd.byteCount).toBe(sent);
    });

    test("pause holds what comes, resume delivers it in order", async () => {
      const { near, far, farEnd } = await openStarted();
      farEnd.onBytesExtra = () => far.pause();
      near.write(pattern(10, 1));
      await farEnd.received(10);
      for (let i = 2; i < 30; i += 1) near.write(pattern(1_000, i));
      await turns();
      expect(farEnd.byteCount).toBe(10);
      farEnd.onBytesExtra = undefined;
      far.resume();
      expect(farEnd.byteCount).toBe(10); // not from inside resume
      await farEnd.received(10 + 28 * 1_000);
      const expected = [pattern(10, 1)];
      for (let i = 2; i < 30; i += 1) expected.push(pattern(1_000, i));
      expectSame(farEnd.bytes, concat(expected));
    });

    test("pausing in every onBytes loses nothing and lets nothing through", async () => {
      const { near, far, farEnd } = await openStarted();
      let paused = false;
      let letThrough = 0;
      farEnd.onBytesExtra = () => {
        if (paused) letThrough += 1;
        paused = true;
        far.pause();
        setImmediate(() => {
          paused = false;
          far.resume();
        });
      };
      const parts = Array.from({ length: 40 }, (_, i) => pattern(3_000, i + 1));
      near.writeAll(parts);
      await farEnd.received(120_000);
      expect(letThrough).toBe(0);
      expectSame(farEnd.bytes, concat(parts));
    });

    test("nothing is delivered before start, and nothing is lost by it", async () => {
      const { near, far, nearEnd, farEnd } = await openUnstarted();
      near.start(nearEnd);
      near.write(pattern(1_000));
      near.end();
      await turns();
      expect(farEnd.byteCount).toBe(0);
      far.start(farEnd);
      expect(farEnd.byteCount).toBe(0); // not from inside start
      await farEnd.closed();
      expectSame(farEnd.bytes, pattern(1_000));
      let refusal: unknown;
      try {
        far.start(farEnd);
      } catch (error) {
        refusal = (error as { code?: string }).code;
      }
      expect(refusal).toBe("TIDINGS_STREAM_STARTED");
    });

    test("end hands on what was written, then both sides close without an error", async () => {
      const { near, nearEnd, farEnd } = await openStarted();
      const bytes = pattern(5 * MEBIBYTE);
      near.write(bytes);
      near.write(pattern(7));
      near.end();
      await Promise.all([nearEnd.closed(), farEnd.closed()]);
      expectSame(farEnd.bytes, concat([bytes, pattern(7)]));
      await turns();
      expect(nearEnd.closes).toEqual([undefined]);
      expect(farEnd.closes).toEqual([undefined]);
      expect(near.bufferedBytes).toBe(0);
    });

    test("the last bytes before end arrive although the peer keeps sending", async () => {
      const { near, far, nearEnd, farEnd } = await openStarted();
      const flood = pattern(100_000);
      let flooding = true;
      const pour = (): void => {
        if (!flooding) return;
        for (let i = 0; i < 20 && far.write(flood); i += 1);
        setImmediate(pour);
      };
      pour();
      await nearEnd.received(500_000);
      near.pause(); // a reader that has had enough must not stop the discarding
      await turns(3);
      const lastWords = pattern(300_000, 9);
      near.write(lastWords);
      near.end();
      const byteCount = nearEnd.byteCount;
      await farEnd.closed();
      flooding = false;
      await nearEnd.closed();
      expectSame(farEnd.bytes, lastWords);
      expect(farEnd.closes).toEqual([undefined]);
      expect(nearEnd.closes).toEqual([undefined]);
      expect(nearEnd.byteCount).toBe(byteCount); // discarded, not delivered
    });

    test("end while the peer does not read waits for it, and reports no drain any more", async () => {
      const { near, far, nearEnd, farEnd } = await openStarted();
      far.pause();
      const bytes = pattern(MEBIBYTE);
      for (let i = 0; i < 32; i += 1) near.write(bytes);
      near.end();
      await turns();
      expect(nearEnd.closes).toEqual([]);
      far.resume();
      await Promise.all([nearEnd.closed(), farEnd.closed()]);
      expect(farEnd.byteCount).toBe(32 * MEBIBYTE);
      expect(nearEnd.drains).toBe(0);
      expect(nearEnd.closes).toEqual([undefined]);
    });

    test("end on both sides at once closes both", async () => {
      const { near, far, nearEnd, farEnd } = await openStarted();
      near.write(pattern(100));
      near.end();
      far.end();
      await Promise.all([nearEnd.closed(), farEnd.closed()]);
      await turns();
      expect(nearEnd.closes).toEqual([undefined]);
      expect(farEnd.closes).toEqual([undefined]);
    });

    test("destroy closes both sides, once each", async () => {
      const { near, far, nearEnd, farEnd } = await openStarted();
      far.pause();
      for (let i = 0; i < 32; i += 1) near.write(pattern(MEBIBYTE));
      far.resume();
      near.destroy();
      expect(nearEnd.closes).toEqual([]); // not from inside destroy
      expect(near.bufferedBytes).toBe(0);
      await Promise.all([nearEnd.closed(), farEnd.closed()]);
      await turns();
      expect(nearEnd.closes).toEqual([undefined]);
      expect(farEnd.closes).toHaveLength(1);
    });

    test("destroy inside onBytes stops the delivery", async () => {
      const { near, far, farEnd } = await openStarted();
      farEnd.onBytesExtra = () => far.destroy();
      near.writeAll(Array.from({ length: 20 }, (_, i) => pattern(100_000, i + 1)));
      await farEnd.closed();
      await turns();
      expect(farEnd.chunks).toHaveLength(1);
      expect(farEnd.closes).toEqual([undefined]);
    });

    test("after the end every call is harmless and bytes are nobody's", async () => {
      const { near, far, nearEnd, farEnd } = await openStarted();
      near.end();
      expect(near.write(pattern(10))).toBe(true);
      expect(near.writeAll([pattern(10), pattern(10)])).toBe(true);
      await Promise.all([nearEnd.closed(), farEnd.closed()]);
      for (const stream of [near, far]) {
        expect(stream.write(pattern(10))).toBe(true);
        stream.pause();
        stream.resume();
        stream.end();
        stream.destroy();
        stream.end();
        expect(stream.bufferedBytes).toBe(0);
      }
      await turns();
      expect(farEnd.byteCount).toBe(0);
      expect(nearEnd.closes).toHaveLength(1);
      expect(farEnd.closes).toHaveLength(1);
    });
  });
}
