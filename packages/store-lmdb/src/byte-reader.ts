/** Reads what `ByteWriter` wrote. Whatever does not fit is damage. */
import { damaged } from "./store-error.js";

const NO_BYTES = new Uint8Array();

export class ByteReader {
  private readonly bytes: Buffer;

  constructor(
    bytes: Uint8Array,
    public position = 0,
    readonly end = bytes.length,
  ) {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.position >= this.end;
  }

  uint8(): number {
    return this.bytes[this.take(1)];
  }

  uint16(): number {
    return this.bytes.readUInt16LE(this.take(2));
  }

  uint32(): number {
    return this.bytes.readUInt32LE(this.take(4));
  }

  float64(): number {
    return this.bytes.readDoubleLE(this.take(8));
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 56; scale *= 0x80) {
      const byte = this.uint8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw damaged("a number is longer than numbers are");
  }

  text(): string {
    const length = this.varint();
    const start = this.take(length);
    return this.bytes.toString("utf8", start, start + length);
  }

  /** Passes over a text or a block. */
  skip(): void {
    this.take(this.varint());
  }

  /** A view. */
  block(): Uint8Array {
    const length = this.varint();
    if (length === 0) return NO_BYTES;
    const start = this.take(length);
    return this.bytes.subarray(start, start + length);
  }

  private take(count: number): number {
    const start = this.position;
    if (count > this.end - start) throw damaged("a record ends too early");
    this.position = start + count;
    return start;
  }
}
