/**
 * Byte arrays for packets that are encoded one by one. A short array borrows from a block that it shares with others:
 * memory of its own would cost more than encoding into it. Nothing is handed out twice, and nothing is taken back; a
 * block goes when the last array on it goes.
 */
import type { NativeBuffer } from "./native-buffer.js";

const BLOCK_BYTES = 8_192;
/** Longer arrays have memory of their own. */
const POOLED_BYTES_MAX = 1_024;

export class BytePool {
  private block = new ArrayBuffer(0);
  private used = 0;
  private readonly native: NativeBuffer | undefined;

  constructor(native: NativeBuffer | undefined) {
    this.native = native;
  }

  /** An array of `length` bytes with anything in them. */
  take(length: number): Uint8Array {
    if (length > POOLED_BYTES_MAX) return this.takeAlone(length);
    if (this.used + length > this.block.byteLength) {
      this.block = new ArrayBuffer(BLOCK_BYTES);
      this.used = 0;
    }
    const array = new Uint8Array(this.block, this.used, length);
    this.used = (this.used + length + 7) & ~7;
    return array;
  }

  private takeAlone(length: number): Uint8Array {
    if (this.native === undefined) return new Uint8Array(length);
    const { buffer, byteOffset } = this.native.allocUnsafe(length); // saves the filling with zeros
    return new Uint8Array(buffer, byteOffset, length);
  }
}
