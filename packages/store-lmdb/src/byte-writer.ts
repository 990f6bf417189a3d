/** Appends numbers, texts and bytes to a buffer that grows. */

export class ByteWriter {
  bytes: Buffer;
  length = 0;

  constructor(capacity = 256) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** Forgets what was written. A buffer that one large entry made large is given back. */
  clear(capacityMax = 1 << 20): void {
    this.length = 0;
    if (this.bytes.length > capacityMax) this.bytes = Buffer.allocUnsafeSlow(capacityMax);
  }

  /** A copy of what was written, from `start` on. */
  copy(start = 0): Uint8Array {
    const copy = Buffer.allocUnsafeSlow(this.length - start);
    this.bytes.copy(copy, 0, start, this.length);
    return copy;
  }

  uint8(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  uint16(value: number): void {
    this.reserve(2);
    this.length = this.bytes.writeUInt16LE(value, this.length);
  }

  uint32(value: number): void {
    this.reserve(4);
    this.length = this.bytes.writeUInt32LE(value, this.length);
  }

  float64(value: number): void {
    this.reserve(8);
    this.length = this.bytes.writeDoubleLE(value, this.length);
  }

  /** Whole numbers from 0 up to 2^53; seven bits a byte. */
  varint(value: number): void {
    this.reserve(8);
    const { bytes } = this;
    let rest = value;
    while (rest >= 0x80) {
      bytes[this.length++] = (rest % 0x80) | 0x80;
      rest = rest < 0x8000_0000 ? rest >>> 7 : Math.floor(rest / 0x80);
    }
    bytes[this.length++] = rest;
  }

  /** UTF-8 behind its length. */
  text(value: string): void {
    // Three bytes for each UTF-16 unit are always enough; short ASCII is written in place.
    const { length } = value;
    this.reserve(length * 3 + 8);
    if (length < 0x2a) {
      const written = this.bytes.write(value, this.length + 1, "utf8");
      this.bytes[this.length] = written;
      this.length += 1 + written;
      return;
    }
    this.varint(Buffer.byteLength(value));
    this.length += this.bytes.write(value, this.length, "utf8");
  }

  /** Bytes behind their length. */
  block(value: Uint8Array): void {
    this.varint(value.length);
    this.raw(value);
  }

  raw(value: Uint8Array): void {
    this.reserve(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  private reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}
