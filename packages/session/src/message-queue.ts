/**
 * Bounded first-in first-out queue of messages that wait for a send slot or for their client to come back
 * (MQTT 5.0 section 4.1 and 4.6). Bounded by count and by bytes; says what it drops. A growing ring, no object per entry.
 */

/** What to do with a message that does not fit. */
export type QueueFullPolicy =
  /** Refuse the new message. */
  | "drop-new"
  /** Make room by dropping from the front. */
  | "drop-oldest";

/** What a queue may hold; exceeded only by `append`. */
export interface QueueLimits {
  /** Messages, 1 or more. */
  queuedMessagesMax: number;
  /** Sum of `sizeBytes`. One message larger than this is refused even by an empty queue. */
  queuedBytesMax: number;
  queueFullPolicy: QueueFullPolicy;
}

/** The least that a queue has to know of a message. */
export interface QueueEntry {
  /** What the entry is counted as, in bytes. */
  readonly sizeBytes: number;
}

/** Whoever has to know what a queue gives up. */
export interface QueueOwner<T> {
  /** Refused, or pushed out; called before `push` returns. */
  queueDropped(entry: T): void;
}

const CAPACITY_INITIAL = 8;

/** What every queue begins with: most never hold anything. Never written to. */
const NO_ENTRIES: never[] = [];

/** Messages that wait, first in first out (section 4.6). Costs a reference for each beyond the messages themselves. */
export class MessageQueue<T extends QueueEntry> {
  /** Messages in the queue. */
  size = 0;
  /** Sum of their `sizeBytes`. */
  bytes = 0;
  /** Messages in the ring: all of them, unless a pager keeps some. */
  protected inMemory = 0;
  private ring: (T | undefined)[] = NO_ENTRIES;
  private head = 0;

  constructor(
    protected readonly limits: QueueLimits,
    private readonly owner: QueueOwner<T>,
  ) {}

  /** False: refused, and the owner was told. */
  push(entry: T): boolean {
    if (this.limits.queueFullPolicy === "drop-oldest" && entry.sizeBytes <= this.limits.queuedBytesMax) {
      while (this.size > 0 && this.isFullFor(entry)) {
        const oldest = this.shift();
        if (oldest === undefined) break; // it cannot be read
        this.owner.queueDropped(oldest);
      }
    }
    if (!this.takes(entry)) {
      this.owner.queueDropped(entry);
      return false;
    }
    this.append(entry);
    return true;
  }

  /** Adds an entry whatever the limits say: for what was already accepted, such as a recovered queue. */
  append(entry: T): void {
    this.size += 1;
    this.bytes += entry.sizeBytes;
    this.hold(entry);
  }

  /** Of `bytes`, what is in memory. */
  get bytesInMemory(): number {
    return this.bytes;
  }

  /** The first entry, which stays. */
  peek(): T | undefined {
    return this.inMemory === 0 ? undefined : this.ring[this.head];
  }

  /** Takes the first entry out. Undefined: there is none, or it cannot be read. */
  shift(): T | undefined {
    if (this.inMemory === 0) return undefined;
    const entry = this.ring[this.head] as T;
    this.ring[this.head] = undefined;
    this.head = (this.head + 1) & (this.ring.length - 1);
    this.inMemory -= 1;
    this.size -= 1;
    this.bytes -= entry.sizeBytes;
    if (this.size === 0 && this.ring.length > CAPACITY_INITIAL) {
      // An empty queue gives back what a burst took.
      this.ring = NO_ENTRIES;
      this.head = 0;
    }
    return entry;
  }

  protected takes(entry: T): boolean {
    return !this.isFullFor(entry);
  }

  /** Puts an entry that is counted already at the end of those in memory. */
  protected hold(entry: T): void {
    const { inMemory } = this;
    if (inMemory === this.ring.length) this.grow();
    this.ring[(this.head + inMemory) & (this.ring.length - 1)] = entry;
    this.inMemory += 1;
  }

  private isFullFor(entry: T): boolean {
    return this.size >= this.limits.queuedMessagesMax || this.bytes + entry.sizeBytes > this.limits.queuedBytesMax;
  }

  private grow(): void {
    const { ring, head, inMemory } = this;
    const next = new Array<T | undefined>(Math.max(CAPACITY_INITIAL, ring.length * 2)).fill(undefined);
    for (let i = 0; i < inMemory; i++) next[i] = ring[(head + i) & (ring.length - 1)];
    this.ring = next;
    this.head = 0;
  }
}
