/**
 * A byte stream over a WebSocket of the `ws` library (MQTT 5.0 and 3.1.1 section 6). Frames are only an envelope: what
 * comes in is passed on piece by piece, and what goes out is cut where it suits [MQTT-6.0.0-2].
 */
import type { Socket } from "node:net";
import type { ByteStream, ByteStreamHandler } from "../byte-stream.js";
import type { PeerInfo } from "../peer-info.js";
import { TransportError } from "../transport-error.js";
import { lingerTimeoutError, placeOfPeer, streamError } from "./stream-error.js";
import type { WebSocketLike } from "./web-socket-like.js";

/** Longer writes go out as several messages, so that a receiver need not buffer more than this per message. */
export const OUTBOUND_MESSAGE_BYTES_MAX = 65_536;

const OPEN = 0;
const ENDING = 1;
const DESTROYED = 2;
const CLOSED = 3;

/** Close codes of RFC 6455 section 7.4.1. */
const CLOSE_NORMAL = 1000;
const CLOSE_UNSUPPORTED_DATA = 1003;
const CLOSE_ABNORMAL = 1006;

/** Shared by all frames: binary only [MQTT-6.0.0-1], never compressed. */
const BINARY = { binary: true, fin: true, compress: false } as const;
const STREAM = Symbol("tidings stream");

type OwnedWebSocket = WebSocketLike & { [STREAM]: WebSocketStream };

export class WebSocketStream implements ByteStream {
  readonly peer: PeerInfo;
  readonly #webSocket: WebSocketLike;
  /** Below the WebSocket, where it is known; only to gather several frames in one write. */
  readonly #socket: Socket | undefined;
  readonly #lingerMs: number;
  readonly #onSent = (): void => this.#sent();
  #handler: ByteStreamHandler | undefined;
  #state = OPEN;
  #paused = true;
  /** Frames whose callback has not come. `bufferedAmount` alone would not do: it counts the pongs of `ws` as well. */
  #unsentFrames = 0;
  #owesDrain = false;
  /** `ws` hands out every message of a chunk it has read, paused or not: the rest waits here. */
  #waiting: Uint8Array[] = [];
  #deliveryScheduled = false;
  #lingerTimer: NodeJS.Timeout | undefined;
  #error: Error | undefined;
  #gone = false;

  constructor(webSocket: WebSocketLike, peer: PeerInfo, lingerMs: number, socket?: Socket) {
    this.peer = peer;
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#lingerMs = lingerMs;
    (webSocket as OwnedWebSocket)[STREAM] = this;
    webSocket.binaryType = "fragments"; // no concatenation of what was cut on its way
    webSocket.pause();
    webSocket.on("message", onMessage);
    webSocket.on("error", onError);
    webSocket.on("close", onClose);
    if (webSocket.readyState === webSocket.CLOSED) process.nextTick(onClose.bind(webSocket), CLOSE_ABNORMAL);
  }

  start(handler: ByteStreamHandler): void {
    if (this.#handler !== undefined) throw new TransportError("TIDINGS_STREAM_STARTED", "start() is called once.");
    this.#handler = handler;
    if (this.#owesDrain) process.nextTick(reportDrain, this);
    this.resume();
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#writable() || bytes.length === 0) return true;
    this.#send(bytes);
    return this.#handedOn();
  }

  writeAll(parts: readonly Uint8Array[]): boolean {
    if (!this.#writable() || parts.length === 0) return true;
    this.#socket?.cork();
    for (let i = 0; i < parts.length; i += 1) if (parts[i].length > 0) this.#send(parts[i]);
    this.#socket?.uncork();
    return this.#handedOn();
  }

  get bufferedBytes(): number {
    return this.#state >= DESTROYED ? 0 : this.#webSocket.bufferedAmount;
  }

  pause(): void {
    this.#paused = true;
    if (this.#state === OPEN) this.#webSocket.pause();
  }

  resume(): void {
    if (this.#handler === undefined) return;
    this.#paused = false;
    if (this.#waiting.length > 0 || this.#gone) this.#scheduleDelivery();
    else if (this.#state === OPEN) this.#webSocket.resume();
  }

  end(): void {
    this.#endWith(CLOSE_NORMAL);
  }

  destroy(): void {
    if (this.#state >= DESTROYED) return;
    this.#state = DESTROYED;
    this.#waiting.length = 0;
    this.#webSocket.terminate();
    if (this.#gone) this.#scheduleDelivery();
  }

  /** Package-internal, like the rest below. */
  receive(fragments: readonly Uint8Array[], isBinary: boolean): void {
    if (this.#state !== OPEN) return;
    if (!isBinary) {
      this.#refuseText(); // [MQTT-6.0.0-1]
      return;
    }
    for (const fragment of fragments) {
      if (this.#paused || this.#waiting.length > 0) this.#waiting.push(fragment);
      else if (this.#state === OPEN && fragment.length > 0) this.#handler!.onBytes(fragment, 0, fragment.length);
    }
  }

  failed(error: Error): void {
    this.#error ??= streamError(error, this.peer);
  }

  closed(code: number): void {
    if (this.#gone) return;
    this.#gone = true;
    clearTimeout(this.#lingerTimer);
    if (code === CLOSE_ABNORMAL && this.#state === OPEN) {
      this.failed(new Error("the peer closed without a WebSocket close frame"));
    }
    // Bytes that came before the end are delivered before it.
    if (this.#waiting.length === 0) this.#reportClose();
  }

  reportDrain(): void {
    if (!this.#owesDrain || this.#unsentFrames > 0 || this.#handler === undefined || this.#state !== OPEN) return;
    this.#owesDrain = false;
    this.#handler.onDrain();
  }

  lingerOver(): void {
    const bytes = this.#webSocket.bufferedAmount;
    if (bytes > 0) this.failed(lingerTimeoutError(this.peer, bytes, this.#lingerMs));
    this.#webSocket.terminate();
  }

  #writable(): boolean {
    return this.#state === OPEN && this.#webSocket.readyState === this.#webSocket.OPEN;
  }

  #send(bytes: Uint8Array): void {
    if (bytes.length <= OUTBOUND_MESSAGE_BYTES_MAX) {
      this.#unsentFrames += 1;
      this.#webSocket.send(bytes, BINARY, this.#onSent);
      return;
    }
    for (let start = 0; start < bytes.length; start += OUTBOUND_MESSAGE_BYTES_MAX) {
      this.#unsentFrames += 1;
      this.#webSocket.send(bytes.subarray(start, start + OUTBOUND_MESSAGE_BYTES_MAX), BINARY, this.#onSent);
    }
  }

  #handedOn(): boolean {
    if (this.#webSocket.bufferedAmount === 0) return true;
    this.#owesDrain = true;
    return false;
  }

  #sent(): void {
    this.#unsentFrames -= 1;
    this.reportDrain();
  }

  #refuseText(): void {
    this.#error = new TransportError(
      "TIDINGS_TRANSPORT_VIOLATION",
      `${placeOfPeer(this.peer)} sent a WebSocket text frame; MQTT allows binary frames only.`,
    );
    this.#endWith(CLOSE_UNSUPPORTED_DATA);
  }

  #endWith(code: number): void {
    if (this.#state !== OPEN) return;
    this.#state = ENDING;
    this.#waiting.length = 0;
    if (this.#gone) {
      this.#scheduleDelivery();
      return;
    }
    this.#webSocket.resume(); // to read, and drop, what comes before the peer's close frame
    this.#webSocket.close(code);
    this.#lingerTimer = setTimeout(lingerOver, this.#lingerMs, this);
  }

  #scheduleDelivery(): void {
    if (this.#deliveryScheduled) return;
    this.#deliveryScheduled = true;
    process.nextTick(deliverWaiting, this);
  }

  deliverWaiting(): void {
    this.#deliveryScheduled = false;
    while (this.#waiting.length > 0) {
      if (this.#paused || this.#state !== OPEN) return;
      const bytes = this.#waiting.shift()!;
      if (bytes.length > 0) this.#handler!.onBytes(bytes, 0, bytes.length);
    }
    if (this.#gone) this.#reportClose();
    else if (this.#state === OPEN && !this.#paused) this.#webSocket.resume();
  }

  #reportClose(): void {
    if (this.#state === CLOSED || this.#handler === undefined) return;
    if (this.#state === DESTROYED) this.#error = undefined;
    this.#state = CLOSED;
    this.#handler.onClose(this.#error);
  }
}

/** With `binaryType` "fragments" binary messages come as a list, text ones as well; Bun's own `ws` knows no fragments. */
function onMessage(this: WebSocketLike, data: Uint8Array[] | Uint8Array, isBinary: boolean): void {
  (this as OwnedWebSocket)[STREAM].receive(Array.isArray(data) ? data : [data], isBinary);
}

function onError(this: WebSocketLike, error: Error): void {
  (this as OwnedWebSocket)[STREAM].failed(error);
}

function onClose(this: WebSocketLike, code: number): void {
  (this as OwnedWebSocket)[STREAM].closed(code);
}

function lingerOver(stream: WebSocketStream): void {
  stream.lingerOver();
}

function reportDrain(stream: WebSocketStream): void {
  stream.reportDrain();
}

function deliverWaiting(stream: WebSocketStream): void {
  stream.deliverWaiting();
}
