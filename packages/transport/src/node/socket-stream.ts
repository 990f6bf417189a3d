/**
 * A byte stream over a `net.Socket` or `tls.TLSSocket`. Four listeners a stream, all of them functions shared by every
 * stream; no timer before the end. A write is one `socket.write`: no closure, promise or listener.
 *
 * When is a write handed on? `writableLength` is 0 right after `write` when the kernel took everything at once. If it is
 * not, 'drain' is no help: Node emits it only after a write that crossed the high-water mark. So an empty write with a
 * callback is queued behind the bytes; its callback comes when all before it is gone. TLS finishes every write a turn
 * later, so there the callback rides on the write itself.
 */
import type { Socket } from "node:net";
import type { ByteStream, ByteStreamHandler } from "../byte-stream.js";
import type { PeerInfo } from "../peer-info.js";
import { TransportError } from "../transport-error.js";
import { lingerTimeoutError, streamError } from "./stream-error.js";

/** After `end()`, how long the peer has to take the last bytes and to close, in milliseconds. */
export const LINGER_MS_DEFAULT = 2_000;

const OPEN = 0;
const ENDING = 1;
const DESTROYED = 2;
const CLOSED = 3;

const NO_BYTES = new Uint8Array(0);
const STREAM = Symbol("tidings stream");

type OwnedSocket = Socket & { [STREAM]: SocketStream };

export class SocketStream implements ByteStream {
  readonly peer: PeerInfo;
  readonly #socket: Socket;
  readonly #lingerMs: number;
  readonly #finishesLate: boolean;
  #handler: ByteStreamHandler | undefined;
  #state = OPEN;
  #paused = false;
  #owesDrain = false;
  #onFlushed: (() => void) | undefined;
  #lingerTimer: NodeJS.Timeout | undefined;
  #error: Error | undefined;

  constructor(socket: Socket, peer: PeerInfo, lingerMs: number) {
    this.peer = peer;
    this.#socket = socket;
    this.#lingerMs = lingerMs;
    this.#finishesLate = peer.tls !== undefined;
    (socket as OwnedSocket)[STREAM] = this;
    socket.on("end", onPeerEnd);
    socket.on("error", onError);
    socket.on("close", onClose);
    if (socket.destroyed) process.nextTick(onClose.bind(socket)); // given to us too late to see its 'close'
  }

  start(handler: ByteStreamHandler): void {
    if (this.#handler !== undefined) throw new TransportError("TIDINGS_STREAM_STARTED", "start() is called once.");
    this.#handler = handler;
    if (this.#state === CLOSED) {
      process.nextTick(reportClose, this);
      return;
    }
    if (this.#owesDrain) process.nextTick(reportDrain, this);
    if (this.#state !== OPEN) return;
    this.#socket.on("data", onData);
    if (!this.#paused) this.#socket.resume();
  }

  write(bytes: Uint8Array): boolean {
    if (this.#state !== OPEN || bytes.length === 0) return true;
    const socket = this.#socket;
    if (this.#finishesLate) {
      socket.write(bytes, this.#flushed());
      this.#owesDrain = true;
      return false;
    }
    socket.write(bytes);
    return socket.writableLength === 0 || this.#waitForFlush();
  }

  writeAll(parts: readonly Uint8Array[]): boolean {
    if (this.#state !== OPEN || parts.length === 0) return true;
    if (parts.length === 1) return this.write(parts[0]);
    const socket = this.#socket;
    socket.cork();
    for (let i = 0; i < parts.length; i += 1) socket.write(parts[i]);
    if (this.#finishesLate) socket.write(NO_BYTES, this.#flushed());
    socket.uncork();
    if (this.#finishesLate) this.#owesDrain = true;
    return socket.writableLength === 0 || (this.#finishesLate ? false : this.#waitForFlush());
  }

  get bufferedBytes(): number {
    return this.#state >= DESTROYED ? 0 : this.#socket.writableLength;
  }

  pause(): void {
    this.#paused = true;
    if (this.#state === OPEN) this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#state === OPEN && this.#handler !== undefined) this.#socket.resume();
  }

  end(): void {
    if (this.#state !== OPEN) return;
    this.#state = ENDING;
    const socket = this.#socket;
    socket.end();
    // Closing with unread bytes makes the kernel send a reset, which can overtake our last bytes: so read on.
    socket.resume();
    this.#lingerTimer = setTimeout(lingerOver, this.#lingerMs, this);
  }

  destroy(): void {
    if (this.#state >= DESTROYED) return;
    this.#state = DESTROYED;
    this.#socket.destroy();
  }

  /** Bytes from the socket; package-internal. */
  receive(bytes: Uint8Array, end: number): void {
    if (this.#state === OPEN && this.#handler !== undefined) this.#handler.onBytes(bytes, 0, end);
  }

  /** Package-internal, like the rest below. */
  failed(error: Error): void {
    this.#error ??= error;
  }

  closed(): void {
    if (this.#state === CLOSED) return;
    clearTimeout(this.#lingerTimer);
    if (this.#state === DESTROYED) this.#error = undefined;
    else if (this.#error !== undefined) this.#error = streamError(this.#error, this.peer);
    this.#state = CLOSED;
    if (this.#handler !== undefined) this.reportClose();
  }

  reportClose(): void {
    this.#handler!.onClose(this.#error);
  }

  reportDrain(): void {
    if (!this.#owesDrain || this.#handler === undefined || this.#state !== OPEN) return;
    if (this.#socket.writableLength > 0) {
      if (!this.#finishesLate) this.#socket.write(NO_BYTES, this.#flushed()); // more was written meanwhile
      return;
    }
    this.#owesDrain = false;
    this.#handler.onDrain();
  }

  lingerOver(): void {
    if (this.#socket.writableLength > 0) {
      this.#error ??= lingerTimeoutError(this.peer, this.#socket.writableLength, this.#lingerMs);
    }
    this.#socket.destroy();
  }

  #waitForFlush(): false {
    if (this.#owesDrain) return false;
    this.#owesDrain = true;
    this.#socket.write(NO_BYTES, this.#flushed());
    return false;
  }

  /** One function a stream, made when first needed. */
  #flushed(): () => void {
    return (this.#onFlushed ??= () => this.reportDrain());
  }
}

function onData(this: Socket, chunk: Buffer): void {
  (this as OwnedSocket)[STREAM].receive(chunk, chunk.length);
}

/** MQTT has no use for a half-open connection: the peer is done, so are we. */
function onPeerEnd(this: Socket): void {
  (this as OwnedSocket)[STREAM].end();
}

function onError(this: Socket, error: Error): void {
  (this as OwnedSocket)[STREAM].failed(error);
}

function onClose(this: Socket): void {
  (this as OwnedSocket)[STREAM].closed();
}

function reportClose(stream: SocketStream): void {
  stream.reportClose();
}

function reportDrain(stream: SocketStream): void {
  stream.reportDrain();
}

function lingerOver(stream: SocketStream): void {
  stream.lingerOver();
}
