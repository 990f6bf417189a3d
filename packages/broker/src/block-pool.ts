/**
 * Output blocks for connections that have something to write in this turn. Reused last in, first out, so that a few hot
 * blocks serve any number of connections.
 */
import { allocateOwnBytes } from "./copy-bytes.js";

/** One write to a socket carries at most this much. */
export const OUTPUT_BLOCK_BYTES = 65_536;

export class BlockPool {
  private readonly free: Uint8Array[] = [];
  /** Blocks out of the pool now. */
  taken = 0;

  /** `keptBlocksMax` blocks stay in the pool when nobody uses them, 64 KiB each. */
  constructor(private readonly keptBlocksMax = 256) {}

  take(): Uint8Array {
    this.taken += 1;
    return this.free.pop() ?? allocateOwnBytes(OUTPUT_BLOCK_BYTES);
  }

  /** For a block that nobody reads any more. Blocks of another size are left to the garbage collector. */
  give(block: Uint8Array): void {
    if (block.length !== OUTPUT_BLOCK_BYTES) return;
    this.taken -= 1;
    if (this.free.length < this.keptBlocksMax) this.free.push(block);
  }

  /** For a block that someone may still read: the garbage collector takes it. */
  forget(block: Uint8Array): void {
    if (block.length === OUTPUT_BLOCK_BYTES) this.taken -= 1;
  }
}
