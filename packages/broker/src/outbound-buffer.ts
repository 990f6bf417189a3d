/**
 * The output of one connection during one turn: packets are copied or encoded into a block, and the block is written
 * once. Large payloads are not copied but referenced. Knows no packets.
 */
import type { BlockPool } from "./block-pool.js";
import { OUTPUT_BLOCK_BYTES, SMALL_OUTPUT_BLOCK_BYTES } from "./block-pool.js";
import type { ConnectionHost } from "./connection-host.js";
import { allocateOwnBytes, copyBytes } from "./copy-bytes.js";

/** Payloads from this size on are referenced, not copied. */
export const REFERENCED_PAYLOAD_BYTES_MIN = 32_768;

export class OutboundBuffer {
  /** Where the next byte goes in the block that `reserve` answered with. */
  length = 0;
  /** Bytes that the transport holds since a write that it could not finish. */
  pendingBytes = 0;
  private block: Uint8Array | undefined;
  private lent: Uint8Array[] | undefined;
  private asked = false;
  /** The last turn filled more than a small block, so the next one begins with a large one. */
  private filledMuch = false;

  constructor(
    private readonly pool: BlockPool,
    private readonly host: ConnectionHost,
  ) {}

  /** A block with room for `size` bytes from `length` on. Write them, then `commit` the new length. */
  reserve(size: number): Uint8Array {
    const block = this.block;
    return block !== undefined && block.length - this.length >= size ? block : this.replaceBlock(size);
  }

  commit(length: number): void {
    this.length = length;
    if (!this.asked) {
      this.asked = true;
      this.host.wantsFlush();
    }
  }

  /** Writes what is there, and `bytes` behind it without copying them; they must never change. */
  writeReferenced(bytes: Uint8Array): void {
    const block = this.block;
    const size = this.length + bytes.length;
    const taken =
      block === undefined || this.length === 0
        ? this.host.write(bytes)
        : this.host.writeAll([block.subarray(0, this.length), bytes]);
    if (!taken) this.pendingBytes += size;
    this.dispose(taken);
  }

  /** Writes what is there as one range. */
  flush(): void {
    this.asked = false;
    if (this.block === undefined) return;
    if (this.length === 0) {
      this.dispose(true);
      return;
    }
    this.filledMuch = this.length > SMALL_OUTPUT_BLOCK_BYTES;
    const taken = this.host.write(this.block.subarray(0, this.length));
    if (!taken) this.pendingBytes += this.length;
    this.dispose(taken);
  }

  /** The transport handed on everything. */
  drained(): void {
    this.pendingBytes = 0;
    if (this.lent === undefined) return;
    for (const block of this.lent) this.pool.give(block);
    this.lent = undefined;
  }

  /** The transport is gone. What it held may still be read by a write under way, so it is not reused. */
  discard(): void {
    this.dispose(true);
    this.pendingBytes = 0;
    if (this.lent === undefined) return;
    for (const block of this.lent) this.pool.forget(block);
    this.lent = undefined;
  }

  private replaceBlock(size: number): Uint8Array {
    const { block, pool } = this;
    if (block === undefined) {
      if (size <= SMALL_OUTPUT_BLOCK_BYTES && !this.filledMuch) this.block = pool.takeSmall();
      else this.block = size <= OUTPUT_BLOCK_BYTES ? pool.take() : allocateOwnBytes(size);
      return this.block;
    }
    if (block.length === SMALL_OUTPUT_BLOCK_BYTES && this.length + size <= OUTPUT_BLOCK_BYTES) {
      const larger = pool.take();
      copyBytes(block, 0, this.length, larger, 0);
      pool.give(block);
      this.block = larger;
      return larger;
    }
    const asked = this.asked;
    this.flush();
    this.asked = asked;
    this.block = size <= OUTPUT_BLOCK_BYTES ? pool.take() : allocateOwnBytes(size);
    return this.block;
  }

  private dispose(reusable: boolean): void {
    const block = this.block;
    this.length = 0;
    if (block === undefined) return;
    this.block = undefined;
    if (reusable) this.pool.give(block);
    else if (this.lent === undefined) this.lent = [block];
    else this.lent.push(block);
  }
}
