/**
 * Two byte streams wired back to back in memory: the same contract as the network ones without any I/O, so that tests,
 * simulations and pages in a browser can join a client and a broker. Delivery is driven by an injected scheduler.
 * Has no clock: `end()` waits for a peer that does not read as long as that takes; `destroy()` does not.
 */
import type { ByteStream, ByteStreamHandler } from "./byte-stream.js";
import type { PeerInfo } from "./peer-info.js";
import { TransportError } from "./transport-error.js";

/** Bytes one direction takes from its writer before `write` answers false, unless `capacityBytes` says otherwise. */
export const MEMORY_CAPACITY_BYTES_DEFAULT = 65_536;

export interface MemoryPairOptions {
  /** Runs a task later, in the order of the calls and never inside the call. Default: `queueMicrotask`. */
  readonly schedule?: (task: () => void) => void;
  /** What one direction holds between writer and reader, in bytes; at least 1. Default 65,536. Costs up to twice that. */
  readonly capacityBytes?: number;
  /**
   * Deliver through one buffer that is overwritten after each call, as a static read buffer does. It finds the reader
   * who keeps a view that was valid during `onBytes` only. Default false.
   */
  readonly staticReadBuffer?: boolean;
  /** What the first and the second stream report as their peer. Default `{ transport: "memory" }`. */
  readonly peers?: readonly [PeerInfo, PeerInfo];
}

/** The two ends; what one writes the other one reads. Both must be started. */
export function createMemoryPair(options: MemoryPairOptions = {}): [ByteStream, ByteStream] {
  const [firstPeer, secondPeer] = options.peers ?? [MEMORY_PEER, MEMORY_PEER];
  const first = new MemoryStream(firstPeer, options);
  const second = new MemoryStream(secondPeer, options);
  first.other = second;
  second.other = first;
  return [first, second];
}

const MEMORY_PEER: PeerInfo = { transport: "memory" };
const OVERWRITTEN = 0xdb;

function scheduleDefault(task: () => void): void {
  if (typeof queueMicrotask === "function") queueMicrotask(task);
  else void Promise.resolve().then(task);
}

/** Each stream owns the direction towards itself (`arrived`) and what it could not hand over yet (`held`). */
class MemoryStream implements ByteStream {
  readonly peer: PeerInfo;
  other!: MemoryStream;

  readonly #schedule: (task: () => void) => void;
  readonly #capacityBytes: number;
  readonly #readBuffer: Uint8Array | undefined;
  readonly #arrived: Uint8Array[] = [];
  #arrivedBytes = 0;
  /** By reference: the writer leaves them untouched until `onDrain`. */
  readonly #held: Uint8Array[] = [];
  #heldBytes = 0;
  #handler: ByteStreamHandler | undefined;
  #paused = false;
  #owesDrain = false;
  /** No more writes: `end()`, `destroy()`, or the peer has ended. */
  #ended = false;
  /** The other side has handed over its last byte. */
  #peerFinished = false;
  #over = false;
  #closeReported = false;
  #scheduled = false;

  constructor(peer: PeerInfo, options: MemoryPairOptions) {
    this.peer = peer;
    this.#schedule = options.schedule ?? scheduleDefault;
    this.#capacityBytes = Math.max(1, options.capacityBytes ?? MEMORY_CAPACITY_BYTES_DEFAULT);
    this.#readBuffer = options.staticReadBuffer ? new Uint8Array(this.#capacityBytes) : undefined;
  }

  start(handler: ByteStreamHandler): void {
    if (this.#handler !== undefined) throw new TransportError("TIDINGS_STREAM_STARTED", "start() is called once.");
    this.#handler = handler;
    this.#wake();
  }

  write(bytes: Uint8Array): boolean {
    if (this.#ended || this.#over || bytes.length === 0) return true;
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    this.#handOver();
    if (this.#heldBytes === 0) return true;
    this.#owesDrain = true;
    return false;
  }

  writeAll(parts: readonly Uint8Array[]): boolean {
    let handedOn = true;
    for (const part of parts) handedOn = this.write(part) && handedOn;
    return handedOn;
  }

  get bufferedBytes(): number {
    return this.#heldBytes;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake();
  }

  end(): void {
    if (this.#ended || this.#over) return;
    this.#ended = true;
    this.#wake();
  }

  destroy(): void {
    if (this.#over) return;
    this.#ended = true;
    this.#over = true;
    this.#dropHeld();
    this.#dropArrived();
    this.#wake();
  }

  #wake(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(this.#turn);
  }

  readonly #turn = (): void => {
    this.#scheduled = false;
    if (this.#over) {
      this.other.#peerGone();
      this.#reportClose();
      return;
    }
    this.#deliver();
    this.#handOver();
    this.#reportDrain();
    this.#finish();
  };

  /** Moves held bytes, copied, to the other side as far as there is room. */
  #handOver(): void {
    const other = this.other;
    while (this.#heldBytes > 0) {
      if (other.#over) {
        this.#dropHeld();
        return;
      }
      const room = other.#capacityBytes - other.#arrivedBytes;
      if (room <= 0) return;
      const first = this.#held[0];
      const part = first.length <= room ? first : first.subarray(0, room);
      if (part === first) this.#held.shift();
      else this.#held[0] = first.subarray(room);
      this.#heldBytes -= part.length;
      other.#arrive(new Uint8Array(part)); // a Buffer's own slice would be a view
    }
  }

  #arrive(bytes: Uint8Array): void {
    this.#arrived.push(bytes);
    this.#arrivedBytes += bytes.length;
    this.#wake();
  }

  #deliver(): void {
    if (this.#ended) this.#dropArrived(); // read, but discarded
    const handler = this.#handler;
    // Only what was there at the beginning: a writer answering at once must not keep this loop going.
    for (let remaining = this.#arrived.length; remaining > 0; remaining -= 1) {
      if (handler === undefined || this.#paused || this.#ended) break;
      const bytes = this.#arrived.shift()!;
      this.#arrivedBytes -= bytes.length;
      this.#hand(handler, bytes);
    }
    if (this.other.#heldBytes > 0 && this.#arrivedBytes < this.#capacityBytes) this.other.#wake();
  }

  #hand(handler: ByteStreamHandler, bytes: Uint8Array): void {
    const buffer = this.#readBuffer;
    if (buffer === undefined) {
      handler.onBytes(bytes, 0, bytes.length);
      return;
    }
    buffer.set(bytes);
    handler.onBytes(buffer, 0, bytes.length);
    buffer.fill(OVERWRITTEN);
  }

  #reportDrain(): void {
    if (!this.#owesDrain || this.#heldBytes > 0 || this.#ended || this.#handler === undefined) return;
    this.#owesDrain = false;
    this.#handler.onDrain();
  }

  /** After our last byte the other side learns that we are done; when both are, this side is over. */
  #finish(): void {
    if (this.#over) return;
    if (this.#peerFinished && this.#arrivedBytes === 0 && this.#handler !== undefined) this.#ended = true;
    if (!this.#ended || this.#heldBytes > 0) return;
    if (!this.other.#peerFinished) {
      this.other.#peerFinished = true;
      this.other.#wake();
    }
    if (!this.#peerFinished) return;
    this.#over = true;
    this.#wake();
  }

  /** The other side is over: what it handed on is still delivered, what we hold has nowhere to go. */
  #peerGone(): void {
    if (this.#over) return;
    this.#dropHeld();
    this.#owesDrain = false;
    this.#peerFinished = true;
    this.#wake();
  }

  #reportClose(): void {
    if (this.#closeReported || this.#handler === undefined) return;
    this.#closeReported = true;
    this.#handler.onClose();
  }

  #dropHeld(): void {
    this.#held.length = 0;
    this.#heldBytes = 0;
  }

  #dropArrived(): void {
    this.#arrived.length = 0;
    this.#arrivedBytes = 0;
  }
}
