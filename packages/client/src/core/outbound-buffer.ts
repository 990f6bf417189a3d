/**
 * The output of one connection: packets are encoded into a block, and the block is written once per turn or when it is
 * full. Where a session store has to be durable first, blocks wait for its ticket. Knows no packets.
 */
import type { Ticket } from "@tidings/session";
import { type BlockPool, OUTPUT_BLOCK_BYTES } from "./block-pool.js";

/** Above this many bytes not handed on, no PUBLISH is added: it waits in the queue. */
const OUTBOUND_HIGH_WATER_BYTES = 262_144;

/** The owner's side. */
export interface OutboundPort {
  /** There is output: call `flush` before this turn of the event loop ends. Asked once until then. */
  wantsFlush(): void;
  /** True: handed on, the bytes may be reused. False: held until `drained`. */
  write(bytes: Uint8Array): boolean;
  /** Ends what was told to the store so far; 0 or a ticket that is already durable: nothing to wait for. */
  seal(): Ticket;
  readonly durableUpTo: Ticket;
}

interface HeldBlock {
  block: Uint8Array;
  length: number;
  ticket: Ticket;
}

export class OutboundBuffer {
  /** Where the next byte goes in the block that `reserve` answered with. */
  length = 0;
  /** Blocks that were written since the last `flush` from outside: this turn has much to say. */
  fullBlocks = 0;
  /** Bytes that the transport holds since a write that it could not finish. */
  #pendingBytes = 0;
  /** Bytes that wait for the store. */
  #heldBytes = 0;
  #block: Uint8Array | undefined;
  #lent: Uint8Array[] | undefined;
  #held: HeldBlock[] | undefined;
  #asked = false;

  readonly #pool: BlockPool;
  readonly #port: OutboundPort;

  constructor(pool: BlockPool, port: OutboundPort) {
    this.#pool = pool;
    this.#port = port;
  }

  /** Bytes wait for the store. */
  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  get isWritable(): boolean {
    return this.#pendingBytes + this.#heldBytes < OUTBOUND_HIGH_WATER_BYTES;
  }

  /** A block with room for `size` bytes from `length` on. Write them, then `commit` the new length. */
  reserve(size: number): Uint8Array {
    const block = this.#block;
    return block !== undefined && block.length - this.length >= size ? block : this.#replaceBlock(size);
  }

  commit(length: number): void {
    this.length = length;
    if (!this.#asked) {
      this.#asked = true;
      this.#port.wantsFlush();
    }
  }

  /** Writes what is there, or holds it until the store is durable. */
  flush(): void {
    this.#asked = false;
    this.fullBlocks = 0;
    const ticket = this.#port.seal();
    const block = this.#block;
    if (block === undefined) return;
    this.#block = undefined;
    const length = this.length;
    this.length = 0;
    if (length === 0) {
      this.#pool.give(block);
    } else if (this.#held !== undefined || ticket > this.#port.durableUpTo) {
      if (this.#held === undefined) this.#held = [];
      this.#held.push({ block, length, ticket });
      this.#heldBytes += length;
    } else {
      this.#write(block, length);
    }
  }

  /** The store's mark has moved. */
  releaseDurable(): void {
    const held = this.#held;
    if (held === undefined) return;
    let count = 0;
    while (count < held.length && held[count].ticket <= this.#port.durableUpTo) {
      const { block, length } = held[count++];
      this.#heldBytes -= length;
      this.#write(block, length);
    }
    if (count === held.length) this.#held = undefined;
    else held.splice(0, count);
  }

  /** The transport handed on everything. */
  drained(): void {
    this.#pendingBytes = 0;
    if (this.#lent === undefined) return;
    for (const block of this.#lent) this.#pool.give(block);
    this.#lent = undefined;
  }

  /** The transport is gone. What it held may still be read by a write under way, so it is not reused. */
  discard(): void {
    if (this.#block !== undefined) this.#pool.give(this.#block);
    this.#block = undefined;
    this.#held = undefined;
    this.#lent = undefined;
    this.length = 0;
    this.#pendingBytes = 0;
    this.#heldBytes = 0;
  }

  #write(block: Uint8Array, length: number): void {
    if (this.#port.write(block.subarray(0, length))) {
      this.#pool.give(block);
      return;
    }
    this.#pendingBytes += length;
    if (this.#lent === undefined) this.#lent = [block];
    else this.#lent.push(block);
  }

  #replaceBlock(size: number): Uint8Array {
    const { length } = this;
    const block = this.#block;
    if (block !== undefined && length + size <= OUTPUT_BLOCK_BYTES && block.length < OUTPUT_BLOCK_BYTES) {
      // The turn has more to say than its small block takes.
      const larger = this.#pool.take(OUTPUT_BLOCK_BYTES);
      larger.set(block.subarray(0, length));
      this.#pool.give(block);
      this.#block = larger;
      return larger;
    }
    const { fullBlocks } = this;
    const asked = this.#asked;
    if (block !== undefined) {
      this.flush();
      this.fullBlocks = fullBlocks + 1;
    }
    this.#asked = asked;
    this.#block = this.#pool.take(block === undefined ? size : Math.max(size, OUTPUT_BLOCK_BYTES));
    return this.#block;
  }
}
