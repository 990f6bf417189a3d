/**
 * Reads the field types of MQTT (5.0 section 1.5, 3.1.1 section 1.5) one after another from one packet's bytes. Throws
 * a malformed `PacketError` when a field does not fit or is not well-formed; knows no packets.
 */
import { malformed, type PacketError } from "./packet-error.js";
import { readUtf8 } from "./read-utf8.js";

export class ByteReader {
  readonly bytes: Uint8Array;
  position: number;
  /** Narrowed while a properties section is read. */
  end: number;

  constructor(bytes: Uint8Array, position: number, end: number) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  readByte(): number {
    if (this.position >= this.end) throw cutShort();
    return this.bytes[this.position++];
  }

  readUint16(): number {
    const at = this.position;
    if (at + 2 > this.end) throw cutShort();
    this.position = at + 2;
    return (this.bytes[at] << 8) | this.bytes[at + 1];
  }

  readUint32(): number {
    const at = this.position;
    if (at + 4 > this.end) throw cutShort();
    this.position = at + 4;
    const bytes = this.bytes;
    return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
  }

  /** Refuses more than four bytes and longer forms than needed. [MQTT-1.5.5-1] */
  readVariableByteInteger(): number {
    let value = this.readByte();
    if (value < 0x80) return value;
    value &= 0x7f;
    for (let shift = 7; shift <= 21; shift += 7) {
      const byte = this.readByte();
      value |= (byte & 0x7f) << shift;
      if (byte === 0) break;
      if (byte < 0x80) return value;
    }
    throw malformed("Variable Byte Integer has more than four bytes or is not in its shortest form");
  }

  readString(): string {
    const start = this.position + 2;
    const end = start + this.readUint16();
    if (end > this.end) throw cutShort();
    this.position = end;
    return readUtf8(this.bytes, start, end);
  }

  /** A view, not a copy. */
  readBinary(): Uint8Array {
    const length = this.readUint16();
    if (this.position + length > this.end) throw cutShort();
    return this.readView(length);
  }

  /** A view of all that is left. */
  readRest(): Uint8Array {
    return this.readView(this.end - this.position);
  }

  private readView(length: number): Uint8Array {
    const bytes = this.bytes;
    const view = new Uint8Array(bytes.buffer, bytes.byteOffset + this.position, length);
    this.position += length;
    return view;
  }

  expectEnd(): void {
    if (this.position !== this.end) throw malformed("packet is longer than its fields");
  }
}

export function cutShort(): PacketError {
  return malformed("packet or property section ends inside a field");
}
