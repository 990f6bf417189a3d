/** A byte stream over a Duplex of Node, or of `readable-stream`: what a program's stream builder makes. */
import { type ByteStream, type ByteStreamHandler, type PeerInfo, TransportError } from "@tidings/transport";

/** What is used of a Duplex. It may still be connecting: what is written waits inside. */
export interface DuplexLike {
  // biome-ignore lint/suspicious/noExplicitAny: every Duplex fits, whatever the types of its listeners
  on(name: string, listener: (...values: any[]) => void): unknown;
  write(bytes: Uint8Array, done: (error?: Error | null) => void): unknown;
  end(): unknown;
  destroy(): unknown;
  pause(): unknown;
  resume(): unknown;
  setMaxListeners?(count: number): unknown;
}

/** After `end()`, how long the peer may take to close. */
const LINGER_MS = 2_000;

export class DuplexStream implements ByteStream {
  readonly peer: PeerInfo = { transport: "tcp" };
  readonly #duplex: DuplexLike;
  #bufferedBytes = 0;
  #handler: ByteStreamHandler | undefined;
  #isEnded = false;
  #isDestroyed = false;
  #isOver = false;
  #isReported = false;
  #error: Error | undefined;
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor(duplex: DuplexLike) {
    this.#duplex = duplex;
    duplex.on("error", (error: Error) => {
      this.#error ??= error;
      this.destroy();
    });
    duplex.on("end", () => this.#duplex.end());
    duplex.on("close", () => this.#over());
  }

  start(handler: ByteStreamHandler): void {
    if (this.#handler !== undefined) throw new TransportError("TIDINGS_STREAM_STARTED", "start() is called once.");
    this.#handler = handler;
    this.#duplex.on("data", (bytes: Uint8Array) => {
      if (!this.#isEnded) handler.onBytes(bytes, 0, bytes.length);
    });
    if (this.#isOver) queueMicrotask(() => this.#report());
  }

  /** Always false: a Duplex may hold the bytes until its callback. */
  write(bytes: Uint8Array): boolean {
    if (this.#isEnded || this.#isOver || bytes.length === 0) return true;
    this.#bufferedBytes += bytes.length;
    this.#duplex.write(bytes, () => {
      this.#bufferedBytes -= bytes.length;
      if (this.#bufferedBytes === 0) queueMicrotask(() => this.#drained());
    });
    return false;
  }

  writeAll(parts: readonly Uint8Array[]): boolean {
    let handedOn = true;
    for (const part of parts) handedOn = this.write(part) && handedOn;
    return handedOn;
  }

  get bufferedBytes(): number {
    return this.#isDestroyed ? 0 : this.#bufferedBytes;
  }

  pause(): void {
    this.#duplex.pause();
  }

  resume(): void {
    this.#duplex.resume();
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#duplex.resume();
    this.#duplex.end();
    this.#linger = setTimeout(() => this.destroy(), LINGER_MS);
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#isEnded = true;
    this.#duplex.destroy();
    // Not every Duplex says that it is closed.
    queueMicrotask(() => this.#over());
  }

  #drained(): void {
    if (this.#bufferedBytes === 0 && !this.#isEnded && !this.#isOver) this.#handler?.onDrain();
  }

  #over(): void {
    clearTimeout(this.#linger);
    this.#isOver = true;
    this.#report();
  }

  #report(): void {
    if (this.#isReported || this.#handler === undefined) return;
    this.#isReported = true;
    this.#handler.onClose(this.#error);
  }
}
