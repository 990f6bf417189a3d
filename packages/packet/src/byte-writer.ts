/**
 * Writes the field types of MQTT (5.0 section 1.5, 3.1.1 section 1.5) one after another into a packet's bytes. Knows no
 * packets, and trusts what measuring has checked; strings alone it checks itself.
 *
 * Looking at every character twice, to measure and then to write, would cost more than all the rest of encoding. So
 * strings are first measured as if they were plain ASCII, and a writer that meets another one only takes note of it
 * (`irregular`): the packet is then measured `exact`, which checks all of every string, and written once more.
 */
import type { NativeBuffer } from "./native-buffer.js";
import { hasWildcard } from "./topic-name.js";
import { writeVariableByteInteger } from "./variable-byte-integer.js";
import { writeUtf8With } from "./write-utf8.js";

/** Up to here a loop beats the call into native code: characters, and bytes. */
const LOOP_LENGTH_MAX = 40;
const LOOP_BYTES_MAX = 12;

export class ByteWriter {
  readonly target: Uint8Array;
  position: number;
  /** Whether strings were measured by their bytes; otherwise by their UTF-16 units. */
  readonly exact: boolean;
  /** A string was not what it had been measured for. What was written is of no use, but is no longer than measured. */
  irregular = false;
  readonly #native: NativeBuffer | undefined;

  constructor(target: Uint8Array, position: number, exact: boolean, native: NativeBuffer | undefined) {
    this.target = target;
    this.position = position;
    this.exact = exact;
    this.#native = native;
  }

  writeByte(value: number): void {
    this.target[this.position++] = value;
  }

  writeUint16(value: number): void {
    const { target, position } = this;
    target[position] = value >> 8;
    target[position + 1] = value;
    this.position = position + 2;
  }

  writeUint32(value: number): void {
    const { target, position } = this;
    target[position] = value >>> 24;
    target[position + 1] = value >>> 16;
    target[position + 2] = value >>> 8;
    target[position + 3] = value;
    this.position = position + 4;
  }

  writeVariableByteInteger(value: number): void {
    this.position = writeVariableByteInteger(value, this.target, this.position);
  }

  /** A string with its length. */
  writeString(text: string): void {
    const units = text.length;
    if (this.exact || units > LOOP_LENGTH_MAX) {
      this.#writeLongString(text, false);
      return;
    }
    const target = this.target;
    const start = this.position + 2;
    for (let index = 0; index < units; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit === 0 || unit > 0x7f) {
        this.irregular = true;
        break;
      }
      target[start + index] = unit;
    }
    target[start - 2] = 0; // a longer string has left above
    target[start - 1] = units;
    this.position = start + units;
  }

  /** As `writeString`; a wildcard is irregular. */
  writeTopicName(topicName: string): void {
    const units = topicName.length;
    if (this.exact || units > LOOP_LENGTH_MAX) {
      this.#writeLongString(topicName, true);
      return;
    }
    const target = this.target;
    const start = this.position + 2;
    for (let index = 0; index < units; index += 1) {
      const unit = topicName.charCodeAt(index);
      // Letters, digits and the slash lie above both wildcards: one comparison settles most.
      if (unit < 0x2c ? unit === 0 || unit === 0x23 || unit === 0x2b : unit > 0x7f) {
        this.irregular = true;
        break;
      }
      target[start + index] = unit;
    }
    target[start - 2] = 0; // a longer string has left above
    target[start - 1] = units;
    this.position = start + units;
  }

  writeBinary(bytes: Uint8Array): void {
    this.writeUint16(bytes.length);
    this.writeBytes(bytes);
  }

  /** Without a length. */
  writeBytes(bytes: Uint8Array): void {
    const length = bytes.length;
    const { target, position } = this;
    if (length > LOOP_BYTES_MAX) {
      target.set(bytes, position);
    } else {
      for (let index = 0; index < length; index += 1) target[position + index] = bytes[index];
    }
    this.position = position + length;
  }

  #writeLongString(text: string, isTopicName: boolean): void {
    const start = this.position + 2;
    let end = start + text.length;
    if (!this.exact && !isPlain(text, isTopicName)) this.irregular = true;
    else end = writeUtf8With(this.#native, text, this.target, start);
    this.writeUint16(end - start);
    this.position = end;
  }
}

const NOT_PLAIN = /[^ -~]/;

/** False for control characters too: they are rare, and `exact` settles them. */
function isPlain(text: string, isTopicName: boolean): boolean {
  return !NOT_PLAIN.test(text) && !(isTopicName && hasWildcard(text));
}
