/**
 * Output blocks for connections that have something to write in this turn, in two sizes: most connections have a packet
 * or two. Reused last in, first out, so that a few hot blocks serve any number of connections.
 */
import { allocateOwnBytes } from "./copy-bytes.js";

/** One write to a socket carries at most this much. */
export const OUTPUT_BLOCK_BYTES = 65_536;
/** What a connection begins a turn with, unless it filled more in the last one. */
export const SMALL_OUTPUT_BLOCK_BYTES = 2_048;

/** Blocks that stay in the pool when nobody uses them: 16 MiB and 4 MiB. */
const KEPT_BLOCKS_MAX = 256;
const KEPT_SMALL_BLOCKS_MAX = 2_048;

export class BlockPool {
  /** Blocks out of the pool now. */
  taken = 0;
  private readonly free: Uint8Array[] = [];
  private readonly freeSmall: Uint8Array[] = [];

  /** A block of 64 KiB. */
  take(): Uint8Array {
    this.taken += 1;
    return this.free.pop() ?? allocateOwnBytes(OUTPUT_BLOCK_BYTES);
  }

  /** A block of 2 KiB. */
  takeSmall(): Uint8Array {
    this.taken += 1;
    return this.freeSmall.pop() ?? allocateOwnBytes(SMALL_OUTPUT_BLOCK_BYTES);
  }

  /** For a block that nobody reads any more. Blocks of another size are left to the garbage collector. */
  give(block: Uint8Array): void {
    if (block.length === SMALL_OUTPUT_BLOCK_BYTES) {
      this.taken -= 1;
      if (this.freeSmall.length < KEPT_SMALL_BLOCKS_MAX) this.freeSmall.push(block);
    } else if (block.length === OUTPUT_BLOCK_BYTES) {
      this.taken -= 1;
      if (this.free.length < KEPT_BLOCKS_MAX) this.free.push(block);
    }
  }

  /** For a block that someone may still read: the garbage collector takes it. */
  forget(block: Uint8Array): void {
    if (block.length === OUTPUT_BLOCK_BYTES || block.length === SMALL_OUTPUT_BLOCK_BYTES) this.taken -= 1;
  }
}
