/**
 * Copying small ranges of bytes, the commonest work of a broker. `Buffer` is used where there is one, because a view
 * for `Uint8Array.set` costs more than the copy itself; below some 40 bytes a loop beats both.
 */
const BYTE_LOOP_MAX = 40;

type NativeCopy = (target: Uint8Array, at: number, start: number, end: number) => number;
interface BufferLike {
  prototype: { copy: NativeCopy };
  allocUnsafe(size: number): Uint8Array;
  allocUnsafeSlow(size: number): Uint8Array;
}

const buffer = (globalThis as { Buffer?: BufferLike }).Buffer;
const nativeCopy = buffer?.prototype.copy;

/** Copies `source[start, end)` to `target` at `at`; answers with the offset behind it. */
export function copyBytes(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  const length = end - start;
  if (length <= BYTE_LOOP_MAX) {
    for (let i = 0; i < length; i++) target[at + i] = source[start + i];
  } else if (nativeCopy !== undefined) {
    nativeCopy.call(source, target, at, start, end);
  } else {
    target.set(source.subarray(start, end), at);
  }
  return at + length;
}

/** A copy with memory of its own. Never `slice`: on a Buffer that is a view. */
export function copyOf(source: Uint8Array, start = 0, end = source.length): Uint8Array {
  const copy = new Uint8Array(end - start);
  copyBytes(source, start, end, copy, 0);
  return copy;
}

/** Bytes of unspecified content that share memory with others of their kind: for what is soon written or acknowledged. */
export function allocateBytes(size: number): Uint8Array {
  return buffer === undefined ? new Uint8Array(size) : buffer.allocUnsafe(size);
}

/** Bytes of unspecified content with memory of their own: for blocks, and for what is kept long. */
export function allocateOwnBytes(size: number): Uint8Array {
  return buffer === undefined ? new Uint8Array(size) : buffer.allocUnsafeSlow(size);
}
