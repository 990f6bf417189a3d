/** Plain values to bytes and back: what a journal is written in. Every value says what it is. */

const Tag = {
  Undefined: 0,
  False: 1,
  True: 2,
  Number: 3,
  Integer: 4,
  String: 5,
  Bytes: 6,
  List: 7,
  Object: 8,
} as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const CAPACITY_INITIAL = 1024;

/** Gathers values. */
export class ValueWriter {
  private bytes = new Uint8Array(CAPACITY_INITIAL);
  private view = new DataView(this.bytes.buffer);
  private length = 0;

  get size(): number {
    return this.length;
  }

  write(value: unknown): void {
    if (value === undefined) this.byte(Tag.Undefined);
    else if (typeof value === "boolean") this.byte(value ? Tag.True : Tag.False);
    else if (typeof value === "number") this.number(value);
    else if (typeof value === "string") this.block(Tag.String, encoder.encode(value));
    else if (value instanceof Uint8Array) this.block(Tag.Bytes, value);
    else if (Array.isArray(value)) {
      this.count(Tag.List, value.length);
      for (const element of value) this.write(element);
    } else {
      const entries = Object.entries(value as object);
      this.count(Tag.Object, entries.length);
      for (const [name, element] of entries) {
        this.write(name);
        this.write(element);
      }
    }
  }

  /** What was gathered; the writer is empty afterwards. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.bytes.slice(0, this.length);
    this.length = 0;
    if (this.bytes.length > 1024 * CAPACITY_INITIAL) {
      this.bytes = new Uint8Array(CAPACITY_INITIAL);
      this.view = new DataView(this.bytes.buffer);
    }
    return taken;
  }

  private number(value: number): void {
    if (Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff && !Object.is(value, -0)) {
      this.count(Tag.Integer, value);
      return;
    }
    this.reserve(9);
    this.byte(Tag.Number);
    this.view.setFloat64(this.length, value);
    this.length += 8;
  }

  private block(tag: number, bytes: Uint8Array): void {
    this.count(tag, bytes.length);
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  private count(tag: number, count: number): void {
    this.reserve(5);
    this.byte(tag);
    this.view.setUint32(this.length, count);
    this.length += 4;
  }

  private byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  private reserve(size: number): void {
    if (this.length + size <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + size));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

/** Reads what a `ValueWriter` has written. Throws on anything else. */
export class ValueReader {
  private readonly view: DataView;
  private position = 0;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.position >= this.bytes.length;
  }

  read(): unknown {
    const tag = this.view.getUint8(this.position++);
    switch (tag) {
      case Tag.Undefined:
        return undefined;
      case Tag.False:
      case Tag.True:
        return tag === Tag.True;
      case Tag.Number: {
        const value = this.view.getFloat64(this.position);
        this.position += 8;
        return value;
      }
      case Tag.Integer:
        return this.uint32();
      case Tag.String:
        return decoder.decode(this.block());
      case Tag.Bytes:
        return new Uint8Array(this.block());
      case Tag.List: {
        const count = this.uint32();
        return Array.from({ length: count }, () => this.read());
      }
      case Tag.Object: {
        const entries = Array.from({ length: this.uint32() }, () => [this.read(), this.read()]);
        return Object.fromEntries(entries);
      }
      default:
        throw new RangeError(`the journal holds a value of unknown kind ${tag}`);
    }
  }

  private uint32(): number {
    const value = this.view.getUint32(this.position);
    this.position += 4;
    return value;
  }

  private block(): Uint8Array {
    const length = this.uint32();
    if (this.position + length > this.bytes.length) throw new RangeError("the journal ends inside a value");
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }
}
