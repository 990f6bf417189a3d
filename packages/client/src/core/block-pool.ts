/**
 * Blocks that output is gathered in, shared by all clients of a process: an idle client holds none, and one that has little
 * to say has a small one.
 */

/** Bytes of the block that a turn begins with. */
const SMALL_BLOCK_BYTES = 1_024;
/** Bytes of one block: what is written at once, at most. */
export const OUTPUT_BLOCK_BYTES = 65_536;
/** Blocks of either size kept for reuse. */
const POOLED_BLOCKS_MAX = 16;

export class BlockPool {
  readonly #small: Uint8Array[] = [];
  readonly #large: Uint8Array[] = [];

  /** A block of `size` bytes or more, with anything in it. */
  take(size: number): Uint8Array {
    if (size <= SMALL_BLOCK_BYTES) return this.#small.pop() ?? new Uint8Array(SMALL_BLOCK_BYTES);
    if (size <= OUTPUT_BLOCK_BYTES) return this.#large.pop() ?? new Uint8Array(OUTPUT_BLOCK_BYTES);
    return new Uint8Array(size);
  }

  /** Only for a block that nobody reads any more. */
  give(block: Uint8Array): void {
    const { length } = block;
    const list = length === SMALL_BLOCK_BYTES ? this.#small : length === OUTPUT_BLOCK_BYTES ? this.#large : undefined;
    if (list !== undefined && list.length < POOLED_BLOCKS_MAX) list.push(block);
  }
}
