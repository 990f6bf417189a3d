/**
 * Connections over a network that is slow, full, cut off at any byte, or gone without a word. Each direction is ordered
 * and holds so many bytes; more wait with their writer. What was handed on may still be lost, as with TCP.
 */
import type { ByteStream, ByteStreamHandler, PeerInfo } from "@tidings/transport";
import type { Random } from "./random.js";
import type { VirtualClock } from "./virtual-clock.js";

export interface NetworkSettings {
  /** A byte takes from 0 to so many milliseconds. */
  readonly latencyMsMax: number;
  /** Bytes that one direction holds between writer and reader. */
  readonly capacityBytes: number;
  /** Share of reads that bring a part of what has arrived. */
  readonly fragments: number;
}

/** How a connection ends without either side's wish. */
export interface Cut {
  /** False: that side hears nothing any more, and is not told. */
  readonly clientIsTold: boolean;
  readonly serverIsTold: boolean;
}

/** How long a side that has ended waits for the other. */
const LINGER_MS = 2000;
const OVERWRITTEN = 0xdb;

export class VirtualNetwork {
  readonly connections = new Set<VirtualConnection>();
  private nextNumber = 1;

  constructor(
    readonly clock: VirtualClock,
    readonly random: Random,
    readonly settings: NetworkSettings,
  ) {}

  /** A connection of two streams that nobody has started. */
  connect(clientName: string): VirtualConnection {
    const connection = new VirtualConnection(this, clientName, this.nextNumber++);
    this.connections.add(connection);
    return connection;
  }

  get latencyMs(): number {
    return this.random.between(0, this.settings.latencyMsMax);
  }
}

export class VirtualConnection {
  readonly client: VirtualStream;
  readonly server: VirtualStream;
  isCut = false;

  constructor(
    private readonly network: VirtualNetwork,
    readonly clientName: string,
    readonly number: number,
  ) {
    this.client = new VirtualStream(network, this);
    this.server = new VirtualStream(network, this);
    this.client.other = this.server;
    this.server.other = this.client;
  }

  /** Both directions end at any byte of what is under way. */
  cut({ clientIsTold, serverIsTold }: Cut): void {
    this.isCut = true;
    this.client.cutOff(clientIsTold);
    this.server.cutOff(serverIsTold);
  }

  /** @internal */
  closed(): void {
    if (this.client.isOver && this.server.isOver) this.network.connections.delete(this);
  }
}

interface Arrival {
  bytes: Uint8Array;
  readonly dueMs: number;
  /** Behind the last byte. */
  readonly end: "none" | "end" | "reset";
}

/** Each stream owns the direction towards itself (`arrivals`) and what it could not hand over yet (`held`). */
export class VirtualStream implements ByteStream {
  readonly peer: PeerInfo = { transport: "memory" };
  other!: VirtualStream;
  /** Sees every byte on its way in and out, for checks; `write` may change it. */
  tap: { read(bytes: Uint8Array): void; write(bytes: Uint8Array): Uint8Array } | undefined;
  /** Nothing more is read or written, and the handler was told or is gone. */
  isOver = false;
  private handler: ByteStreamHandler | undefined;
  private readonly arrivals: Arrival[] = [];
  private arrivedBytes = 0;
  /** When the last of `arrivals` is due: nothing overtakes. */
  private lastDueMs = 0;
  private held: Uint8Array[] = [];
  private heldBytes = 0;
  private isPaused = false;
  private owesDrain = false;
  private hasEnded = false;
  private hasSentEnd = false;
  /** What is written leads nowhere. */
  private isLost = false;
  /** Nothing is delivered before. */
  private stalledUntilMs = 0;
  private isPumpDue = false;

  constructor(
    private readonly network: VirtualNetwork,
    private readonly connection: VirtualConnection,
  ) {}

  start(handler: ByteStreamHandler): void {
    this.handler = handler;
    this.wake(0);
  }

  write(bytes: Uint8Array): boolean {
    if (this.hasEnded || this.isOver || bytes.length === 0) return true;
    const written = this.tap === undefined ? bytes : this.tap.write(bytes);
    this.held.push(written);
    this.heldBytes += written.length;
    this.handOver();
    if (this.heldBytes === 0) return true;
    this.owesDrain = true;
    return false;
  }

  writeAll(parts: readonly Uint8Array[]): boolean {
    let handedOn = true;
    for (const part of parts) handedOn = this.write(part) && handedOn;
    return handedOn;
  }

  get bufferedBytes(): number {
    return this.heldBytes;
  }

  /** Bytes on their way to this side. */
  get waitingBytes(): number {
    return this.arrivedBytes;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.wake(0);
  }

  end(): void {
    if (this.hasEnded || this.isOver) return;
    this.hasEnded = true;
    this.sendEnd();
    this.wake(0);
    this.network.clock.after(LINGER_MS, () => this.destroy());
  }

  destroy(): void {
    if (this.isOver) return;
    this.held = [];
    this.heldBytes = 0;
    this.hasEnded = true;
    if (!this.isLost) this.other.arrive(new Uint8Array(0), "reset");
    this.finish();
  }

  // What a simulation does to it.

  /** This side reads nothing for a while. */
  stall(milliseconds: number): void {
    this.stalledUntilMs = this.network.clock.elapsedMs + milliseconds;
  }

  /** The process of this side is gone. `isTold`: the other side hears of it. */
  vanish(isTold: boolean): void {
    if (this.isOver) return;
    this.handler = undefined;
    this.isOver = true;
    this.hasEnded = true;
    if (isTold && !this.isLost) this.other.arrive(new Uint8Array(0), "reset");
    this.other.isLost = true;
    this.connection.closed();
  }

  /** @internal Some bytes under way arrive, then nothing. */
  cutOff(isTold: boolean): void {
    if (this.isOver) return;
    this.isLost = true;
    const under = this.arrivals.splice(0);
    let kept = this.network.random.below(this.arrivedBytes + 1);
    this.arrivedBytes = 0;
    for (const { bytes, dueMs } of under) {
      const part = bytes.subarray(0, kept);
      kept -= part.length;
      if (part.length === 0) continue;
      this.arrivals.push({ bytes: part, dueMs, end: "none" });
      this.arrivedBytes += part.length;
    }
    if (isTold) this.arrive(new Uint8Array(0), "reset");
  }

  // How it goes.

  /** Moves held bytes, copied, to the other side as far as there is room. */
  private handOver(): void {
    const { other, network } = this;
    while (this.heldBytes > 0) {
      const room = network.settings.capacityBytes - other.arrivedBytes;
      if (room <= 0) return;
      const first = this.held[0];
      const part = first.subarray(0, Math.min(room, first.length));
      if (part.length === first.length) this.held.shift();
      else this.held[0] = first.subarray(part.length);
      this.heldBytes -= part.length;
      if (this.isLost)
        other.arrivedBytes += part.length; // never acknowledged, so the room stays taken
      else other.arrive(Uint8Array.from(part), "none");
    }
    this.sendEnd();
  }

  private sendEnd(): void {
    if (!this.hasEnded || this.hasSentEnd || this.heldBytes > 0) return;
    this.hasSentEnd = true;
    if (!this.isLost) this.other.arrive(new Uint8Array(0), "end");
  }

  private arrive(bytes: Uint8Array, end: Arrival["end"]): void {
    if (this.isOver) return;
    const { clock } = this.network;
    this.lastDueMs = Math.max(this.lastDueMs, clock.elapsedMs + this.network.latencyMs);
    this.arrivals.push({ bytes, dueMs: this.lastDueMs, end });
    this.arrivedBytes += bytes.length;
    this.wake(this.lastDueMs - clock.elapsedMs);
  }

  private wake(delayMs: number): void {
    if (delayMs === 0) {
      if (this.isPumpDue) return;
      this.isPumpDue = true;
      this.network.clock.after(0, () => {
        this.isPumpDue = false;
        this.pump();
      });
      return;
    }
    this.network.clock.after(delayMs, () => this.pump());
  }

  /** Delivers what is due, in one read or in some. */
  private pump(): void {
    const { clock, random, settings } = this.network;
    if (this.isOver || this.handler === undefined) return;
    if (clock.elapsedMs < this.stalledUntilMs) {
      this.wake(this.stalledUntilMs - clock.elapsedMs);
      return;
    }
    while (this.arrivals.length > 0 && this.arrivals[0].dueMs <= clock.elapsedMs) {
      const arrival = this.arrivals[0];
      if (arrival.bytes.length > 0) {
        if (this.isPaused && !this.hasEnded) return;
        const isPart = arrival.bytes.length > 1 && random.chance(settings.fragments);
        const count = isPart ? random.between(1, arrival.bytes.length - 1) : arrival.bytes.length;
        const bytes = arrival.bytes.subarray(0, count);
        arrival.bytes = arrival.bytes.subarray(count);
        this.arrivedBytes -= count;
        if (!this.hasEnded) this.read(bytes);
        this.other.roomCame();
        if (this.isOver) return;
        if (isPart) {
          this.wake(this.network.latencyMs);
          return;
        }
      }
      if (arrival.bytes.length === 0 && this.arrivals[0] === arrival) {
        this.arrivals.shift();
        if (arrival.end !== "none") {
          this.ended(arrival.end === "reset");
          return;
        }
      }
    }
  }

  private read(bytes: Uint8Array): void {
    this.tap?.read(bytes);
    // In a buffer that is overwritten at once, as a read buffer is.
    const buffer = Uint8Array.from(bytes);
    (this.handler as ByteStreamHandler).onBytes(buffer, 0, buffer.length);
    buffer.fill(OVERWRITTEN);
  }

  private roomCame(): void {
    if (this.heldBytes === 0 || this.isOver) return;
    this.handOver();
    if (this.heldBytes > 0 || !this.owesDrain || this.hasEnded) return;
    this.owesDrain = false;
    this.network.clock.after(0, () => {
      if (!this.isOver && !this.hasEnded && this.heldBytes === 0) this.handler?.onDrain();
    });
  }

  private ended(isReset: boolean): void {
    if (!isReset && !this.hasEnded) {
      this.hasEnded = true;
      this.held = [];
      this.heldBytes = 0;
      this.sendEnd();
    }
    if (isReset) this.isLost = true;
    this.finish(isReset ? new Error("the connection was reset") : undefined);
  }

  private finish(error?: Error): void {
    this.isOver = true;
    this.hasEnded = true;
    this.held = [];
    this.heldBytes = 0;
    this.arrivals.length = 0;
    this.arrivedBytes = 0;
    this.connection.closed();
    const { handler } = this;
    if (handler === undefined) return;
    this.network.clock.after(0, () => {
      if (this.handler !== handler) return;
      this.handler = undefined;
      handler.onClose(error);
    });
  }
}
