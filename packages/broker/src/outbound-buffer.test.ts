import { describe, expect, test } from "vitest";
import { BlockPool, OUTPUT_BLOCK_BYTES, SMALL_OUTPUT_BLOCK_BYTES } from "./block-pool.js";
import type { ConnectionHost } from "./connection-host.js";
import { OutboundBuffer } from "./outbound-buffer.js";

/** Keeps what is written, takes it at once or not. */
class WritesHost {
  readonly writes: Uint8Array[] = [];
  flushesWanted = 0;
  takes = true;

  write(bytes: Uint8Array): boolean {
    this.writes.push(new Uint8Array(bytes));
    return this.takes;
  }

  writeAll(parts: readonly Uint8Array[]): boolean {
    return this.write(new Uint8Array(parts.flatMap((part) => [...part])));
  }

  wantsFlush(): void {
    this.flushesWanted += 1;
  }
}

function open() {
  const pool = new BlockPool();
  const host = new WritesHost();
  const outbound = new OutboundBuffer(pool, host as unknown as ConnectionHost);
  let next = 0;
  /** Puts `size` bytes in, counted up over all calls. */
  const put = (size: number): void => {
    const block = outbound.reserve(size);
    for (let i = 0; i < size; i++) block[outbound.length + i] = next++ & 0xff;
    outbound.commit(outbound.length + size);
  };
  const expectInOrder = (byteCount: number): void => {
    const bytes = host.writes.flatMap((write) => [...write]);
    expect(bytes).toHaveLength(byteCount);
    expect(bytes.findIndex((byte, index) => byte !== (index & 0xff))).toBe(-1);
  };
  return { pool, host, outbound, put, expectInOrder };
}

describe("OutboundBuffer", () => {
  test("writes what a turn brought in one write, whatever its size up to a block", () => {
    for (const sizes of [[1], [100, 100], [SMALL_OUTPUT_BLOCK_BYTES], [2_000, 100], [1_000, 60_000], [90, 65_446]]) {
      const { host, outbound, put, expectInOrder } = open();
      for (const size of sizes) put(size);
      expect(host.flushesWanted).toBe(1);
      outbound.flush();
      expect(host.writes).toHaveLength(1);
      expectInOrder(sizes.reduce((sum, size) => sum + size));
    }
  });

  test("writes a full block early and goes on in order", () => {
    const { host, outbound, put, expectInOrder } = open();
    for (let i = 0; i < 1_500; i++) put(100);
    outbound.flush();
    expect(host.flushesWanted).toBe(1);
    expect(host.writes.map(({ length }) => length)).toEqual([65_500, 65_500, 19_000]);
    expectInOrder(150_000);
  });

  test("gives every block back, of either size, over many turns", () => {
    const { pool, outbound, put, expectInOrder } = open();
    let total = 0;
    for (const size of [10, 3_000, 10, 70_000, 3_000, 65_536, 1]) {
      put(size);
      put(50);
      outbound.flush();
      total += size + 50;
      expect(pool.taken).toBe(0);
    }
    expectInOrder(total);
  });

  test("lends a block to a transport that has not taken it, until it drained", () => {
    const { pool, host, outbound, put } = open();
    host.takes = false;
    put(100);
    outbound.flush();
    put(OUTPUT_BLOCK_BYTES);
    outbound.flush();
    expect([pool.taken, outbound.pendingBytes]).toEqual([2, 100 + OUTPUT_BLOCK_BYTES]);
    outbound.drained();
    expect([pool.taken, outbound.pendingBytes]).toEqual([0, 0]);
  });
});
