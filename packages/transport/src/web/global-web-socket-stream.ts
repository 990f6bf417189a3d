/**
 * A byte stream over the platform's own WebSocket (MQTT 5.0 section 6). Such a WebSocket copies what it sends, tells how much
 * of it waits, but not when that has gone; and it cannot be told to stop reading. So `onDrain` comes from looking again and
 * again while something waits, and what comes while paused is kept here.
 */
import type { ByteStream, ByteStreamHandler } from "../byte-stream.js";
import type { PeerInfo } from "../peer-info.js";
import { TransportError } from "../transport-error.js";
import type { GlobalWebSocket, GlobalWebSocketEvent } from "./global-web-socket.js";

/** A write is held back when more than this waits to be sent, in bytes. */
const HIGH_WATER_BYTES = 65_536;
/** How often to look whether it has gone. */
const DRAIN_POLL_MS = 20;
/** After `end()`, how long the peer may take to close. */
const LINGER_MS = 2_000;
const OPEN_STATE = 1;
const CLOSE_NORMAL = 1000;
const CLOSE_ABNORMAL = 1006;

export class GlobalWebSocketStream implements ByteStream {
  readonly peer: PeerInfo;
  readonly #webSocket: GlobalWebSocket;
  #handler: ByteStreamHandler | undefined;
  #waiting: Uint8Array[] = [];
  #paused = false;
  #ended = false;
  #destroyed = false;
  #gone = false;
  #reported = false;
  #error: Error | undefined;
  #deliveryScheduled = false;
  #drainTimer: ReturnType<typeof setTimeout> | undefined;
  #lingerTimer: ReturnType<typeof setTimeout> | undefined;

  /** The WebSocket is open, and its `binaryType` is "arraybuffer". */
  constructor(webSocket: GlobalWebSocket, url: string) {
    this.peer = { transport: url.startsWith("wss:") ? "wss" : "ws" };
    this.#webSocket = webSocket;
    webSocket.onmessage = (event: GlobalWebSocketEvent) => this.#receive(event.data);
    webSocket.onerror = () => {}; // 'close' follows
    webSocket.onclose = (event: GlobalWebSocketEvent) => this.#closed(event);
  }

  start(handler: ByteStreamHandler): void {
    if (this.#handler !== undefined) throw new TransportError("TIDINGS_STREAM_STARTED", "start() is called once.");
    this.#handler = handler;
    this.#scheduleDelivery();
  }

  write(bytes: Uint8Array): boolean {
    const webSocket = this.#webSocket;
    if (this.#ended || webSocket.readyState !== OPEN_STATE || bytes.length === 0) return true;
    webSocket.send(bytes as Uint8Array<ArrayBuffer>);
    if (webSocket.bufferedAmount <= HIGH_WATER_BYTES) return true;
    this.#drainTimer ??= setTimeout(this.#lookForDrain, DRAIN_POLL_MS);
    return false;
  }

  writeAll(parts: readonly Uint8Array[]): boolean {
    let handedOn = true;
    for (const part of parts) handedOn = this.write(part) && handedOn;
    return handedOn;
  }

  get bufferedBytes(): number {
    return this.#destroyed || this.#gone ? 0 : this.#webSocket.bufferedAmount;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#scheduleDelivery();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#waiting = [];
    clearTimeout(this.#drainTimer);
    if (this.#gone) {
      this.#scheduleDelivery();
      return;
    }
    this.#webSocket.close(CLOSE_NORMAL);
    this.#lingerTimer = setTimeout(() => this.destroy(), LINGER_MS);
  }

  /** What is under way may still arrive: a WebSocket of this kind knows no other end. */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#ended = true;
    this.#waiting = [];
    clearTimeout(this.#drainTimer);
    clearTimeout(this.#lingerTimer);
    this.#webSocket.close();
    this.#scheduleDelivery();
  }

  #receive(data: unknown): void {
    if (this.#ended) return;
    if (!(data instanceof ArrayBuffer)) {
      const message = "The server sent a WebSocket text frame.";
      this.#error = new TransportError("TIDINGS_TRANSPORT_VIOLATION", message);
      this.end(); // [MQTT-6.0.0-1]
      return;
    }
    if (this.#handler === undefined || this.#paused || this.#waiting.length > 0) {
      this.#waiting.push(new Uint8Array(data));
    } else if (data.byteLength > 0) {
      this.#handler.onBytes(new Uint8Array(data), 0, data.byteLength);
    }
  }

  #closed({ code, reason }: GlobalWebSocketEvent): void {
    this.#gone = true;
    clearTimeout(this.#drainTimer);
    clearTimeout(this.#lingerTimer);
    if (code === CLOSE_ABNORMAL && !this.#ended) {
      const why = reason === undefined || reason === "" ? "" : `: ${reason}`;
      this.#error = new TransportError("TIDINGS_CONNECTION_LOST", `The connection to the server was lost${why}.`);
    }
    this.#scheduleDelivery();
  }

  readonly #lookForDrain = (): void => {
    this.#drainTimer = undefined;
    if (this.#ended || this.#gone) return;
    if (this.#webSocket.bufferedAmount > 0) this.#drainTimer = setTimeout(this.#lookForDrain, DRAIN_POLL_MS);
    else this.#handler?.onDrain();
  };

  #scheduleDelivery(): void {
    if (this.#deliveryScheduled || this.#handler === undefined) return;
    if (this.#waiting.length === 0 && !this.#gone && !this.#destroyed) return;
    this.#deliveryScheduled = true;
    queueMicrotask(() => {
      this.#deliveryScheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const handler = this.#handler as ByteStreamHandler;
    while (this.#waiting.length > 0 && !this.#paused && !this.#ended) {
      const bytes = this.#waiting.shift() as Uint8Array;
      if (bytes.length > 0) handler.onBytes(bytes, 0, bytes.length);
    }
    const isOver = this.#destroyed || (this.#gone && this.#waiting.length === 0);
    if (!isOver || this.#reported) return;
    this.#reported = true;
    handler.onClose(this.#destroyed ? undefined : this.#error);
  }
}
