/**
 * Blocks that output is gathered in, shared by all clients of a process: an idle client holds none.
 */

/** Bytes of one block: what is written at once, at most. */
export const OUTPUT_BLOCK_BYTES = 65_536;
/** Blocks kept for reuse. */
const POOLED_BLOCKS_MAX = 16;

export class BlockPool {
  private readonly free: Uint8Array[] = [];

  take(): Uint8Array {
    return this.free.pop() ?? new Uint8Array(OUTPUT_BLOCK_BYTES);
  }

  /** Only for a block that nobody reads any more. */
  give(block: Uint8Array): void {
    if (block.length === OUTPUT_BLOCK_BYTES && this.free.length < POOLED_BLOCKS_MAX) this.free.push(block);
  }
}
