/**
 * A byte stream over the handle of an accepted TCP connection, without the `net.Socket` that usually stands between. That
 * is what makes an idle connection small and a lone message cheap: no stream state machine, no event, no closure, no
 * allocation per read or write. All streams of a thread read through one buffer: a read is handed out before the next
 * one begins.
 *
 * A write is tried at once. What the kernel does not take is queued by libuv under a request, which keeps the bytes; when
 * the last request is done, the stream has drained.
 */
import { getSystemErrorName } from "node:util";
import type { ByteStream, ByteStreamHandler } from "../byte-stream.js";
import type { PeerInfo } from "../peer-info.js";
import { TransportError } from "../transport-error.js";
import { lingerTimeoutError, streamError } from "./stream-error.js";
import type { HandleRequest, TcpHandle, TcpInternals } from "./tcp-handle.js";

/** What the streams of one listener have in common. */
export interface HandleStreamOwner {
  readonly internals: TcpInternals;
  /** After `end()`, how long the peer has to take the last bytes and to close, in milliseconds. */
  readonly lingerMs: number;
  /** The connection is gone. Called once per stream. */
  closed(): void;
}

/** One for all streams of the thread. */
const READ_BUFFER_BYTES = 65_536;
let sharedReadBuffer: Uint8Array | undefined;

const OPEN = 0;
const ENDING = 1;
const DESTROYED = 2;
const CLOSED = 3;

const STREAM = Symbol("tidings stream");

type OwnedHandle = TcpHandle & { [STREAM]: HandleStream };

/** What is needed from the beginning of the end on. */
interface Ending {
  readonly timer: NodeJS.Timeout;
  peerHasEnded: boolean;
  isShutDown: boolean;
}

export class HandleStream implements ByteStream {
  readonly peer: PeerInfo;
  readonly #handle: TcpHandle;
  readonly #owner: HandleStreamOwner;
  #handler: ByteStreamHandler | undefined = undefined;
  #state = OPEN;
  #paused = false;
  #reading = false;
  #owesDrain = false;
  /** Writes that the kernel has not taken wholly. */
  #writesUnderWay = 0;
  #ending: Ending | undefined = undefined;
  #error: Error | undefined = undefined;

  constructor(handle: TcpHandle, peer: PeerInfo, owner: HandleStreamOwner) {
    this.peer = peer;
    this.#handle = handle;
    this.#owner = owner;
    (handle as OwnedHandle)[STREAM] = this;
    sharedReadBuffer ??= new Uint8Array(READ_BUFFER_BYTES);
    handle.useUserBuffer(sharedReadBuffer);
    handle.onread = onRead;
  }

  start(handler: ByteStreamHandler): void {
    if (this.#handler !== undefined) throw new TransportError("TIDINGS_STREAM_STARTED", "start() is called once.");
    this.#handler = handler;
    if (this.#state === CLOSED) {
      process.nextTick(reportClose, this);
      return;
    }
    if (this.#owesDrain) process.nextTick(reportDrain, this);
    if (this.#state === OPEN && !this.#paused) this.#read();
  }

  write(bytes: Uint8Array): boolean {
    if (this.#state !== OPEN || bytes.length === 0) return true;
    const request = nextRequest(this.#owner.internals);
    return this.#wrote(this.#handle.writeBuffer(request, bytes), request, bytes);
  }

  writeAll(parts: readonly Uint8Array[]): boolean {
    if (this.#state !== OPEN || parts.length === 0) return true;
    const request = nextRequest(this.#owner.internals);
    return this.#wrote(this.#handle.writev(request, parts, true), request, parts);
  }

  get bufferedBytes(): number {
    return this.#state >= DESTROYED || this.#writesUnderWay === 0 ? 0 : this.#handle.writeQueueSize;
  }

  pause(): void {
    this.#paused = true;
    if (this.#state !== OPEN) return;
    this.#reading = false;
    this.#handle.readStop();
  }

  resume(): void {
    this.#paused = false;
    if (this.#state === OPEN && this.#handler !== undefined) this.#read();
  }

  end(): void {
    if (this.#state !== OPEN) return;
    this.#state = ENDING;
    this.#ending = {
      timer: setTimeout(lingerOver, this.#owner.lingerMs, this),
      peerHasEnded: false,
      isShutDown: false,
    };
    const request = new this.#owner.internals.ShutdownRequest();
    request.oncomplete = onShutdown;
    request.handle = this.#handle;
    // Behind the writes under way. At once, or not at all, when the peer is gone: what there is to know, reading tells.
    if (this.#handle.shutdown(request) !== 0) this.#ending.isShutDown = true;
    // Closing with unread bytes makes the kernel send a reset, which can overtake our last bytes: so read on.
    this.#read();
  }

  destroy(): void {
    if (this.#state >= DESTROYED) return;
    this.#error = undefined;
    this.#close();
  }

  /** Bytes, or the end, from the handle; package-internal, like the rest below. */
  received(): void {
    const { streamState, readAt } = this.#owner.internals;
    const count = streamState[readAt];
    if (count > 0) {
      if (this.#state === OPEN) this.#handler!.onBytes(sharedReadBuffer!, 0, count);
    } else if (count === END_OF_FILE) {
      // MQTT has no use for a half-open connection: the peer is done, so are we.
      this.end();
      if (this.#ending !== undefined) this.#ending.peerHasEnded = true;
      this.#closeWhenOver();
    } else if (count < 0) {
      this.#fail("read", count);
    }
  }

  writeDone(status: number): void {
    this.#writesUnderWay -= 1;
    if (status < 0) this.#fail("write", status);
    else this.reportDrain();
  }

  shutdownDone(): void {
    if (this.#state !== ENDING) return;
    this.#ending!.isShutDown = true;
    this.#closeWhenOver();
  }

  handleClosed(): void {
    this.#state = CLOSED;
    this.#owner.closed();
    if (this.#handler !== undefined) this.reportClose();
  }

  reportClose(): void {
    this.#handler!.onClose(this.#error);
  }

  reportDrain(): void {
    if (!this.#owesDrain || this.#writesUnderWay > 0 || this.#handler === undefined || this.#state !== OPEN) return;
    this.#owesDrain = false;
    this.#handler.onDrain();
  }

  lingerOver(): void {
    const left = this.bufferedBytes;
    if (left > 0) this.#error = lingerTimeoutError(this.peer, left, this.#owner.lingerMs);
    this.#close();
  }

  #read(): void {
    if (this.#reading) return;
    this.#reading = true;
    const status = this.#handle.readStart();
    if (status < 0) this.#fail("read", status);
  }

  #wrote(status: number, request: HandleRequest, bytes: Uint8Array | readonly Uint8Array[]): boolean {
    const { internals } = this.#owner;
    if (status < 0) {
      this.#fail("write", status);
      return true;
    }
    if (internals.streamState[internals.asynchronousAt] === 0) return true;
    spareRequest = undefined;
    request.oncomplete = onWritten;
    request.handle = this.#handle;
    request.bytes = bytes;
    this.#writesUnderWay += 1;
    this.#owesDrain = true;
    return false;
  }

  /** The connection is of no use any more; the owner hears of it in a later turn. */
  #fail(operation: string, status: number): void {
    if (this.#state >= DESTROYED) return;
    const name = getSystemErrorName(status);
    const cause = Object.assign(new Error(`${operation} ${name}`), { code: name, errno: status, syscall: operation });
    this.#error = streamError(cause, this.peer);
    this.#close();
  }

  #closeWhenOver(): void {
    if (this.#state === ENDING && this.#ending!.isShutDown && this.#ending!.peerHasEnded) this.#close();
  }

  #close(): void {
    this.#state = DESTROYED;
    clearTimeout(this.#ending?.timer);
    this.#handle.close(onClosed);
  }
}

/** UV_EOF, the same on every platform. */
const END_OF_FILE = -4095;

/** A request that no write has used up: most writes are taken at once and leave it as it was. */
let spareRequest: HandleRequest | undefined;

function nextRequest(internals: TcpInternals): HandleRequest {
  return (spareRequest ??= new internals.WriteRequest());
}

function onRead(this: TcpHandle): void {
  (this as OwnedHandle)[STREAM].received();
}

function onWritten(this: HandleRequest, status: number): void {
  this.bytes = undefined;
  (this.handle as OwnedHandle)[STREAM].writeDone(status);
}

function onShutdown(this: HandleRequest): void {
  (this.handle as OwnedHandle)[STREAM].shutdownDone();
}

function onClosed(this: TcpHandle): void {
  (this as OwnedHandle)[STREAM].handleClosed();
}

function reportClose(stream: HandleStream): void {
  stream.reportClose();
}

function reportDrain(stream: HandleStream): void {
  stream.reportDrain();
}

function lingerOver(stream: HandleStream): void {
  stream.lingerOver();
}
