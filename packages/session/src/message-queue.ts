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
  #ring: (T | undefined)[] = NO_ENTRIES;
  #head = 0;
  readonly #limits: QueueLimits;
  readonly #owner: QueueOwner<T>;

  constructor(limits: QueueLimits, owner: QueueOwner<T>) {
    this.#owner = owner;
    this.#limits = limits;
  }

  /** False: refused, and the owner was told. */
  push(entry: T): boolean {
    const { queuedMessagesMax, queuedBytesMax, queueFullPolicy } = this.#limits;
    if (queueFullPolicy === "drop-oldest" && entry.sizeBytes <= queuedBytesMax) {
      while (this.size > 0 && (this.size >= queuedMessagesMax || this.bytes + entry.sizeBytes > queuedBytesMax)) {
        this.#owner.queueDropped(this.shift() as T);
      }
    }
    if (this.size >= queuedMessagesMax || this.bytes + entry.sizeBytes > queuedBytesMax) {
      this.#owner.queueDropped(entry);
      return false;
    }
    this.append(entry);
    return true;
  }

  /** Adds an entry whatever the limits say: for what was already accepted, such as a recovered queue. */
  append(entry: T): void {
    if (this.size === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.size) & (this.#ring.length - 1)] = entry;
    this.size += 1;
    this.bytes += entry.sizeBytes;
  }

  /** The first entry, which stays. */
  peek(): T | undefined {
    return this.size === 0 ? undefined : this.#ring[this.#head];
  }

  /** Takes the first entry out. */
  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const entry = this.#ring[this.#head] as T;
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.size -= 1;
    this.bytes -= entry.sizeBytes;
    // An empty queue gives back what a burst took.
    if (this.size === 0 && this.#ring.length > CAPACITY_INITIAL) {
      this.#ring = NO_ENTRIES;
      this.#head = 0;
    }
    return entry;
  }

  #grow(): void {
    const { size } = this;
    const ring = this.#ring;
    const head = this.#head;
    const next = new Array<T | undefined>(Math.max(CAPACITY_INITIAL, ring.length * 2)).fill(undefined);
    for (let i = 0; i < size; i++) next[i] = ring[(head + i) & (ring.length - 1)];
    this.#ring = next;
    this.#head = 0;
  }
}
