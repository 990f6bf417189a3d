/**
 * How much one client may publish: a token bucket for messages and one for bytes. What a message takes may leave a bucket in
 * debt, so that a large one is no offence by itself; the debt is paid before the next one. Has no clock and no timer: a
 * client that has to wait is an item in the broker's heap of deadlines.
 */
import type { Connection } from "./connection.js";
import type { DeadlineItem } from "./deadline-heap.js";
import type { ConnectionLimits } from "./listener-facts.js";

export type PublishRatePolicy =
  /** Nothing more is read from the client until it may publish again. */
  | "pause"
  /** DISCONNECT with 0x96. */
  | "disconnect";

/** A client that was paused is read again after this long at the earliest, so that it is not woken for each message. */
const PAUSE_MS_MIN = 50;

class Bucket {
  private tokens: number;

  constructor(
    private readonly perMs: number,
    private readonly capacity: number,
  ) {
    this.tokens = capacity;
  }

  get isEmpty(): boolean {
    return this.tokens <= 0;
  }

  /** Until there is something in it again; 0 when there is. */
  get emptyForMs(): number {
    // A whole millisecond more: what fills it to exactly nothing is not enough.
    return this.tokens > 0 ? 0 : Math.floor(-this.tokens / this.perMs) + 1;
  }

  refill(elapsedMs: number): void {
    this.tokens = Math.min(this.capacity, this.tokens + elapsedMs * this.perMs);
  }

  take(amount: number): void {
    this.tokens -= amount;
  }
}

export class PublishRate implements DeadlineItem {
  deadlineMs = 0;
  heapIndex = -1;
  /** The client waits: nothing is read from it. */
  isPaused = false;
  private readonly messages: Bucket | undefined;
  private readonly bytes: Bucket | undefined;
  private atMs: number;

  /** Undefined: the client may publish as fast as it can. */
  static for(connection: Connection, limits: Readonly<ConnectionLimits>): PublishRate | undefined {
    if (limits.publishRateMax === 0 && limits.publishBytesRateMax === 0) return undefined;
    return new PublishRate(connection, limits);
  }

  private constructor(
    private readonly connection: Connection,
    limits: Readonly<ConnectionLimits>,
  ) {
    const { publishRateMax, publishBytesRateMax, publishBurstMs } = limits;
    this.messages = bucket(publishRateMax, publishBurstMs);
    this.bytes = bucket(publishBytesRateMax, publishBurstMs);
    this.atMs = connection.broker.nowMs;
    this.disconnects = limits.publishRatePolicy === "disconnect";
  }

  private readonly disconnects: boolean;

  /** A PUBLISH of so many bytes is here. False: it is one too many, and the client is to be disconnected. */
  take(bytes: number): boolean {
    const { nowMs } = this.connection.broker;
    this.refill(nowMs);
    if (this.disconnects && this.isEmpty) return false;
    this.messages?.take(1);
    this.bytes?.take(bytes);
    if (!this.disconnects && this.isEmpty) this.pause(nowMs);
    return true;
  }

  /** The client has waited long enough. */
  deadlinePassed(): void {
    this.end();
    this.connection.publishRateRegained();
  }

  /** Waits no more, for whatever reason. */
  end(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    const { broker } = this.connection;
    broker.pausedPublishers -= 1;
    broker.deadlines.remove(this);
  }

  private get isEmpty(): boolean {
    return this.messages?.isEmpty === true || this.bytes?.isEmpty === true;
  }

  private pause(nowMs: number): void {
    const { broker } = this.connection;
    const waitsMs = Math.max(PAUSE_MS_MIN, this.messages?.emptyForMs ?? 0, this.bytes?.emptyForMs ?? 0);
    this.isPaused = true;
    broker.pausedPublishers += 1;
    broker.counters.publishPauses += 1;
    broker.deadlines.set(this, nowMs + waitsMs);
  }

  private refill(nowMs: number): void {
    const elapsedMs = nowMs - this.atMs;
    if (elapsedMs <= 0) return;
    this.atMs = nowMs;
    this.messages?.refill(elapsedMs);
    this.bytes?.refill(elapsedMs);
  }
}

/** One message at least fits into it, however slow the rate. */
function bucket(perSecond: number, burstMs: number): Bucket | undefined {
  if (perSecond === 0) return undefined;
  const perMs = perSecond / 1000;
  return new Bucket(perMs, Math.max(1, perMs * burstMs));
}
