/**
 * The part of Node beneath `net.Socket` that `HandleStream` stands on: the handle of a TCP connection and the two request
 * objects of a write and a shutdown. Node does not document it, so every piece is tested for, once a process; where one
 * is missing (another runtime, a permission model, a later Node) the answer is undefined and sockets are used.
 * Why, and the figures: docs/decisions/0002-tcp-handles.md.
 */
import type { Server, Socket } from "node:net";

/** One TCP connection as libuv has it. Methods answer 0 or a negative error number. */
export interface TcpHandle {
  /** Called with bytes in the buffer of `useUserBuffer`; how many, or which error, stands in `streamState`. */
  onread: (this: TcpHandle) => void;
  /** Bytes of writes that the kernel has not taken yet. */
  readonly writeQueueSize: number;
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): number;
  readStop(): number;
  /** Writes what the kernel takes at once; `request` and the bytes are needed further only if that was not all. */
  writeBuffer(request: HandleRequest, bytes: Uint8Array): number;
  writev(request: HandleRequest, parts: readonly Uint8Array[], allBuffers: true): number;
  shutdown(request: HandleRequest): number;
  /** `onClosed` is called in a later turn. */
  close(onClosed: (this: TcpHandle) => void): void;
  getpeername(name: SocketName): number;
  getsockname(name: SocketName): number;
  setNoDelay(on: boolean): number;
  setKeepAlive(on: boolean, initialDelaySeconds: number): number;
}

/** A write or a shutdown under way. */
export interface HandleRequest {
  oncomplete: (this: HandleRequest, status: number) => void;
  handle: TcpHandle;
  /** Keeps the bytes of a write from the garbage collector. */
  bytes: Uint8Array | readonly Uint8Array[] | undefined;
}

export interface SocketName {
  address?: string;
  port?: number;
}

/** What a listening server calls for each connection. */
export interface ListeningHandle {
  onconnection: (status: number, handle: TcpHandle | undefined) => void;
}

export interface TcpInternals {
  readonly WriteRequest: new () => HandleRequest;
  readonly ShutdownRequest: new () => HandleRequest;
  /** What the last call left behind, at the places that follow. */
  readonly streamState: Int32Array;
  /** Of `onread`: the number of bytes, or a negative error number. */
  readonly readAt: number;
  /** Of `writeBuffer` and `writev`: 1 when bytes are still to be taken, and `oncomplete` will be called. */
  readonly asynchronousAt: number;
}

const METHODS = ["useUserBuffer", "readStart", "readStop", "writeBuffer", "writev", "shutdown", "close"] as const;
const NAME_METHODS = ["getpeername", "getsockname", "setNoDelay", "setKeepAlive"] as const;

let known: TcpInternals | false | undefined;

/** Undefined where this runtime has not all of it. */
export function tcpInternals(): TcpInternals | undefined {
  known ??= findInternals() ?? false;
  return known === false ? undefined : known;
}

function findInternals(): TcpInternals | undefined {
  // Other runtimes have a `process.binding` too, with less behind it.
  if (process.versions.bun !== undefined || process.versions.deno !== undefined) return undefined;
  try {
    const { binding } = process as unknown as { binding: (name: string) => Record<string, unknown> };
    const { WriteWrap, ShutdownWrap, streamBaseState, kReadBytesOrError, kLastWriteWasAsync } = binding("stream_wrap");
    const { TCP } = binding("tcp_wrap") as { TCP: { prototype: object } };
    const isComplete =
      typeof WriteWrap === "function" &&
      typeof ShutdownWrap === "function" &&
      streamBaseState instanceof Int32Array &&
      isIndex(kReadBytesOrError, streamBaseState) &&
      isIndex(kLastWriteWasAsync, streamBaseState) &&
      "onread" in TCP.prototype &&
      "writeQueueSize" in TCP.prototype &&
      [...METHODS, ...NAME_METHODS].every((name) => typeof (TCP.prototype as never)[name] === "function");
    if (!isComplete) return undefined;
    return {
      WriteRequest: WriteWrap as TcpInternals["WriteRequest"],
      ShutdownRequest: ShutdownWrap as TcpInternals["ShutdownRequest"],
      streamState: streamBaseState,
      readAt: kReadBytesOrError,
      asynchronousAt: kLastWriteWasAsync,
    };
  } catch {
    return undefined;
  }
}

function isIndex(value: unknown, of: Int32Array): value is number {
  return typeof value === "number" && value >= 0 && value < of.length;
}

/** The handle of a server that listens; undefined where it is not as expected. */
export function listeningHandle(server: Server): ListeningHandle | undefined {
  const { _handle: handle } = server as unknown as { _handle?: ListeningHandle | null };
  return typeof handle?.onconnection === "function" ? handle : undefined;
}

/**
 * Takes the handle out of a connected socket that has not begun to read; the socket is of no use any more. Undefined,
 * and the socket as it was, where it is not as expected.
 */
export function takeHandle(socket: Socket): TcpHandle | undefined {
  const owner = socket as unknown as { _handle?: (TcpHandle & { reading?: boolean }) | null };
  const { _handle: handle } = owner;
  if (typeof handle?.useUserBuffer !== "function" || handle.reading !== false || !socket.isPaused()) return undefined;
  owner._handle = null;
  // The handle knows its socket by a symbol, which would keep the socket in memory.
  const fields = handle as unknown as Record<symbol, unknown>;
  for (const field of Object.getOwnPropertySymbols(handle)) if (fields[field] === socket) fields[field] = undefined;
  return handle;
}
