/**
 * Cuts a byte stream into Control Packets by their fixed headers (MQTT 5.0 section 2.1, 3.1.1 section 2.2). It makes no
 * objects and reads nothing behind the Remaining Length: type, flags and body are the handler's business.
 *
 * Whole packets are handed over in place, in the caller's bytes; only a cut tail is copied, into a buffer that grows
 * with what has arrived, never by what a header merely announces. The decoder does not write to bytes once handed over.
 */
import { malformed, PacketError } from "./packet-error.js";
import { ReasonCode } from "./reason-code.js";
import { MAXIMUM_PACKET_SIZE } from "./variable-byte-integer.js";

/** What a `FrameDecoder` calls, always from inside `push` or `resume`. */
export interface FrameHandler {
  /**
   * One whole packet: first byte at `start`, body from `bodyStart` to `end`. The bytes belong to whoever called `push`;
   * keep offsets only until this returns, and copy what must live longer. What this throws comes out of `push` or
   * `resume`, and stops the decoder, as the place in the stream is lost.
   */
  onFrame(bytes: Uint8Array, start: number, bodyStart: number, end: number): void;
  /** The stream cannot be cut any further. Comes at most once; all later input is ignored. */
  onFrameError(error: PacketError): void;
}

const NO_BYTES = new Uint8Array(0);
const HELD_CAPACITY_MIN = 64;

/**
 * Cuts a byte stream into Control Packets by offsets, in place (MQTT 5.0 section 2.1). It may hold one cut packet, up to
 * `maximumPacketSize` bytes, and whatever is pushed while paused.
 */
export class FrameDecoder {
  /**
   * Bytes a packet may have, fixed header included; larger ones are refused as soon as their header is known. Settable
   * at any time, also inside `onFrame`; it holds from the next header on. Default 268,435,460, the protocol's limit.
   */
  maximumPacketSize: number;
  readonly #handler: FrameHandler;
  /** The cut tail, or what waits while paused: from `heldStart` to `heldEnd`. */
  private held: Uint8Array = NO_BYTES;
  #heldStart = 0;
  #heldEnd = 0;
  #paused = false;
  #stopped = false;
  #delivering = false;
  /** Copies of what was pushed from inside `onFrame`. */
  #nested: Uint8Array[] | undefined = undefined;

  /** `maximumPacketSize` in bytes, fixed header included; default 268,435,460. */
  constructor(handler: FrameHandler, maximumPacketSize: number = MAXIMUM_PACKET_SIZE) {
    this.#handler = handler;
    this.maximumPacketSize = maximumPacketSize;
  }

  /** Bytes copied and waiting: a cut packet, or all that came while paused. */
  get bufferedBytes(): number {
    let waiting = this.#heldEnd - this.#heldStart;
    if (this.#nested !== undefined) for (const chunk of this.#nested) waiting += chunk.length;
    return waiting;
  }

  /**
   * Takes the bytes from `start` to `end` and calls `onFrame` for each packet that is now whole, before it returns. The
   * caller keeps the bytes and may reuse them afterwards. A push from inside `onFrame` is copied and waits its turn.
   */
  push(bytes: Uint8Array, start = 0, end = bytes.length): void {
    if (this.#stopped || start >= end) return;
    if (this.#delivering) {
      this.#nested ??= [];
      this.#nested.push(new Uint8Array(bytes.subarray(start, end))); // a Buffer's own slice would be a view
      return;
    }
    this.#delivering = true;
    try {
      this.#take(bytes, start, end);
      this.#takeNested();
    } catch (error) {
      this.stop();
      throw error;
    }
    this.#delivering = false;
  }

  /** No packet is handed over any more, not even a whole one of this `push`; bytes are copied and held. */
  pause(): void {
    this.#paused = true;
  }

  /** Hands over what is held, before it returns, until paused again; then `push` delivers as before. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#stopped || this.#delivering) return;
    this.#delivering = true;
    try {
      this.#deliverHeld();
      this.#takeNested();
    } catch (error) {
      this.stop();
      throw error;
    }
    this.#delivering = false;
  }

  /** Ignores all further input and lets go of what is held. */
  stop(): void {
    this.#stopped = true;
    this.#nested = undefined;
    this.#release();
  }

  #take(bytes: Uint8Array, start: number, end: number): void {
    let position = start;
    if (!this.#paused) {
      if (this.#heldStart < this.#heldEnd) position = this.#completeHeld(bytes, position, end);
      if (!this.#stopped && !this.#paused && position < end) position = this.#deliver(bytes, position, end);
    }
    if (!this.#stopped && position < end) {
      this.#hold(bytes, position, end, this.#paused ? 0 : announcedSize(bytes, position, end));
    }
  }

  #takeNested(): void {
    for (let chunk = this.#nested?.shift(); chunk !== undefined; chunk = this.#nested?.shift()) {
      this.#take(chunk, 0, chunk.length);
    }
  }

  /** Hands over the whole packets from `position` on; returns where the first one that it did not hand over begins. */
  #deliver(bytes: Uint8Array, position: number, end: number): number {
    while (position < end) {
      let cursor = position + 1;
      let remainingLength = 0;
      let weight = 1;
      let byte: number;
      do {
        if (cursor === end) return position;
        byte = bytes[cursor++];
        remainingLength += (byte & 0x7f) * weight;
        weight *= 128;
        if (byte >= 0x80 ? cursor - position > 4 : byte === 0 && weight > 128) {
          this.#fail(malformed("Remaining Length has more than four bytes or is not in its shortest form")); // [MQTT-1.5.5-1]
          return end;
        }
      } while (byte >= 0x80);
      const frameEnd = cursor + remainingLength;
      if (frameEnd - position > this.maximumPacketSize) {
        this.#fail(tooLarge(frameEnd - position, this.maximumPacketSize));
        return end;
      }
      if (frameEnd > end) return position;
      this.#handler.onFrame(bytes, position, cursor, frameEnd);
      position = frameEnd;
      if (this.#stopped || this.#paused) return position;
    }
    return position;
  }

  #deliverHeld(): void {
    const next = this.#deliver(this.held, this.#heldStart, this.#heldEnd);
    if (this.#stopped) return;
    this.#heldStart = next;
    if (next === this.#heldEnd) this.#release();
  }

  /** Copies just what the held packet lacks, and hands it over when whole; returns where it stopped reading `bytes`. */
  #completeHeld(bytes: Uint8Array, position: number, end: number): number {
    while (position < end) {
      const size = announcedSize(this.held, this.#heldStart, this.#heldEnd);
      const missing = size === 0 ? 1 : size - (this.#heldEnd - this.#heldStart);
      const taken = Math.min(missing, end - position);
      this.#hold(bytes, position, position + taken, size);
      position += taken;
      if (taken < missing) break;
      this.#deliverHeld();
      if (this.#stopped || this.#heldStart === this.#heldEnd) break;
    }
    return position;
  }

  /** `size` is what the header of the held packet announces, 0 when unknown. */
  #hold(bytes: Uint8Array, start: number, end: number, size: number): void {
    const added = end - start;
    if (this.#heldEnd + added > this.held.length) this.#growHeld(this.#heldEnd - this.#heldStart + added, size);
    if (added < 32) {
      for (let index = 0; index < added; index += 1) this.held[this.#heldEnd + index] = bytes[start + index];
    } else {
      this.held.set(bytes.subarray(start, end), this.#heldEnd);
    }
    this.#heldEnd += added;
  }

  /** A new buffer rather than moving bytes: packets handed over from the old one stay as they are. */
  #growHeld(needed: number, size: number): void {
    let capacity = Math.max(needed * 2, HELD_CAPACITY_MIN);
    if (size >= needed && size < capacity) capacity = size;
    const grown = new Uint8Array(capacity);
    grown.set(this.held.subarray(this.#heldStart, this.#heldEnd));
    this.#heldEnd -= this.#heldStart;
    this.#heldStart = 0;
    this.held = grown;
  }

  #release(): void {
    this.held = NO_BYTES;
    this.#heldStart = 0;
    this.#heldEnd = 0;
  }

  #fail(error: PacketError): void {
    this.stop();
    this.#handler.onFrameError(error);
  }
}

/** Size of the packet that begins at `start`, fixed header included; 0 as long as its header is cut. */
function announcedSize(bytes: Uint8Array, start: number, end: number): number {
  let remainingLength = 0;
  let weight = 1;
  for (let cursor = start + 1; cursor < end; cursor += 1) {
    const byte = bytes[cursor];
    remainingLength += (byte & 0x7f) * weight;
    weight *= 128;
    if (byte < 0x80) return cursor + 1 - start + remainingLength;
  }
  return 0;
}

function tooLarge(size: number, maximum: number): PacketError {
  const message = `packet of ${size} bytes exceeds the maximum packet size of ${maximum}`;
  return new PacketError("TIDINGS_PACKET_TOO_LARGE", ReasonCode.PacketTooLarge, message);
}
