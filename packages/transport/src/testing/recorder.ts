/** A handler that keeps what it was told, and lets a test wait for it without a clock. */
import type { ByteStreamHandler } from "../byte-stream.js";

export class Recorder implements ByteStreamHandler {
  readonly chunks: Uint8Array[] = [];
  byteCount = 0;
  drains = 0;
  readonly closes: (Error | undefined)[] = [];
  /** Called after the record was made. */
  onBytesExtra: (() => void) | undefined;
  onDrainExtra: (() => void) | undefined;
  #waiting: { condition: () => boolean; resolve: () => void }[] = [];

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    if (this.closes.length > 0) throw new Error("bytes after the end");
    if (end <= start) throw new Error("an empty range");
    this.chunks.push(new Uint8Array(bytes.subarray(start, end)));
    this.byteCount += end - start;
    this.onBytesExtra?.();
    this.#check();
  }

  onDrain(): void {
    if (this.closes.length > 0) throw new Error("drain after the end");
    this.drains += 1;
    this.onDrainExtra?.();
    this.#check();
  }

  onClose(error?: Error): void {
    this.closes.push(error);
    this.#check();
  }

  get bytes(): Uint8Array {
    return concat(this.chunks);
  }

  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ condition, resolve }));
  }

  received(byteCount: number): Promise<void> {
    return this.until(() => this.byteCount >= byteCount);
  }

  closed(): Promise<void> {
    return this.until(() => this.closes.length > 0);
  }

  #check(): void {
    this.#waiting = this.#waiting.filter(({ condition, resolve }) => {
      if (!condition()) return true;
      resolve();
      return false;
    });
  }
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Bytes whose value depends on their position, so that a swap or a gap shows. */
export function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

/** Lets the event loop go round: time enough for what is wrong to happen, without a clock. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
