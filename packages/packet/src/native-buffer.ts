/**
 * The parts of Node's `Buffer` that are faster than what every platform has, behind a feature test; `undefined` where
 * they are missing or mean something else. Each user has a portable path beside it. Nothing here imports `node:`.
 */

interface BufferPrototype {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  utf8Slice(this: Uint8Array, start: number, end: number): string;
  utf8Write(this: Uint8Array, text: string, offset: number, length: number): number;
}

interface BufferConstructor {
  allocUnsafe(size: number): Uint8Array;
  prototype: BufferPrototype;
}

export type NativeBuffer = Pick<BufferConstructor, "allocUnsafe"> & BufferPrototype;

/** Takes the global object as an argument so that tests can show it one without `Buffer`, or with a lesser one. */
export function findNativeBuffer(scope: { Buffer?: unknown }): NativeBuffer | undefined {
  const candidate = scope.Buffer as BufferConstructor | undefined;
  const prototype = candidate?.prototype;
  if (candidate === undefined || prototype === undefined) return undefined;
  if (typeof candidate.allocUnsafe !== "function") return undefined;
  if (typeof prototype.latin1Slice !== "function") return undefined;
  if (typeof prototype.utf8Slice !== "function" || typeof prototype.utf8Write !== "function") return undefined;
  const { latin1Slice, utf8Slice, utf8Write } = prototype;
  const probe = Uint8Array.of(0x61, 0xc3, 0xa9, 0x62);
  if (latin1Slice.call(probe, 1, 3) !== "\u00c3\u00a9" || utf8Slice.call(probe, 1, 3) !== "\u00e9") return undefined;
  if (utf8Write.call(probe, "\u00e8", 1, 3) !== 2 || probe[2] !== 0xa8 || probe[3] !== 0x62) return undefined;
  return { allocUnsafe: (size) => candidate.allocUnsafe(size), latin1Slice, utf8Slice, utf8Write };
}

export const nativeBuffer: NativeBuffer | undefined = findNativeBuffer(globalThis as { Buffer?: unknown });
