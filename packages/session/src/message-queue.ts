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

/**
 * Reads again what lies far behind in a queue, so that it need not be in memory. Only for entries that somebody else keeps:
 * a store.
 */
export interface QueuePager<T> {
  /** With so many messages in memory, further ones are left to the pager; 1 or more. */
  readonly queuedMessagesInMemoryMax: number;
  /** The same for the sum of `sizeBytes`. One message is always in memory. */
  readonly queuedBytesInMemoryMax: number;
  /** Where the entry can be read again: 1 or more, and higher than that of the entry before. 0: nowhere. */
  placeOf(entry: T): number;
  /**
   * Reads entries from a place on, in order: up to so many messages and about so many bytes, at least one if it can.
   * Answers with the place to go on from.
   */
  readBack(place: number, messagesMax: number, bytesMax: number, into: (entry: T) => void): number;
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
  /** Of these, messages that are not in memory: the last ones. */
  unreadSize = 0;
  private unreadBytes = 0;
  /** Where the first of them can be read again. */
  private unreadFrom = 0;
  private ring: (T | undefined)[] = NO_ENTRIES;
  private head = 0;

  constructor(
    private readonly limits: QueueLimits,
    private readonly owner: QueueOwner<T>,
    private readonly pager?: QueuePager<T>,
  ) {}

  /** False: refused, and the owner was told. */
  push(entry: T): boolean {
    const { queuedMessagesMax, queuedBytesMax, queueFullPolicy } = this.limits;
    if (queueFullPolicy === "drop-oldest" && entry.sizeBytes <= queuedBytesMax) {
      while (this.size > 0 && (this.size >= queuedMessagesMax || this.bytes + entry.sizeBytes > queuedBytesMax)) {
        const oldest = this.shift();
        if (oldest === undefined) break; // it cannot be read
        this.owner.queueDropped(oldest);
      }
    }
    if (
      this.size >= queuedMessagesMax ||
      this.bytes + entry.sizeBytes > queuedBytesMax ||
      // What cannot be read again has no place behind what has to be.
      (this.unreadSize > 0 && this.pager?.placeOf(entry) === 0)
    ) {
      this.owner.queueDropped(entry);
      return false;
    }
    this.append(entry);
    return true;
  }

  /** Adds an entry whatever the limits say: for what was already accepted, such as a recovered queue. */
  append(entry: T): void {
    const { pager, inMemory } = this;
    if (pager !== undefined && this.wouldLeave(entry.sizeBytes, pager)) {
      const place = pager.placeOf(entry);
      if (place > 0) {
        this.leave(place, entry.sizeBytes);
        return;
      }
    }
    if (inMemory === this.ring.length) this.grow();
    this.ring[(this.head + inMemory) & (this.ring.length - 1)] = entry;
    this.size += 1;
    this.bytes += entry.sizeBytes;
  }

  /**
   * The same for an entry that need not be made if it would not stay in memory. False: make it and `append` it.
   */
  appendUnread(place: number, sizeBytes: number): boolean {
    const { pager } = this;
    if (pager === undefined || !this.wouldLeave(sizeBytes, pager)) return false;
    this.leave(place, sizeBytes);
    return true;
  }

  /** Gives up what is not in memory. Answers with how many messages that were. */
  forgetUnread(): number {
    const { unreadSize } = this;
    this.size -= unreadSize;
    this.bytes -= this.unreadBytes;
    this.unreadSize = 0;
    this.unreadBytes = 0;
    return unreadSize;
  }

  /** The first entry, which stays. */
  peek(): T | undefined {
    return this.inMemory === 0 ? undefined : this.ring[this.head];
  }

  /** Takes the first entry out. Undefined: there is none, or it cannot be read. */
  shift(): T | undefined {
    if (this.size === 0) return undefined;
    if (this.inMemory === 0) this.readPage();
    if (this.inMemory === 0) return undefined;
    const entry = this.ring[this.head] as T;
    this.ring[this.head] = undefined;
    this.head = (this.head + 1) & (this.ring.length - 1);
    this.size -= 1;
    this.bytes -= entry.sizeBytes;
    if (this.unreadSize > 0) {
      if (this.isLow) this.readPage();
    } else if (this.size === 0 && this.ring.length > CAPACITY_INITIAL) {
      // An empty queue gives back what a burst took.
      this.ring = NO_ENTRIES;
      this.head = 0;
    }
    return entry;
  }

  private get inMemory(): number {
    return this.size - this.unreadSize;
  }

  /** Of `bytes`, what is in memory. */
  get bytesInMemory(): number {
    return this.bytes - this.unreadBytes;
  }

  /** Half of what may be in memory has gone. */
  private get isLow(): boolean {
    const { queuedMessagesInMemoryMax, queuedBytesInMemoryMax } = this.pager as QueuePager<T>;
    return this.inMemory * 2 <= queuedMessagesInMemoryMax && this.bytesInMemory * 2 <= queuedBytesInMemoryMax;
  }

  /** An entry that comes now is not kept in memory. */
  private wouldLeave(sizeBytes: number, pager: QueuePager<T>): boolean {
    if (this.unreadSize > 0) return true;
    const { inMemory } = this;
    if (inMemory === 0) return false;
    return inMemory >= pager.queuedMessagesInMemoryMax || this.bytesInMemory + sizeBytes > pager.queuedBytesInMemoryMax;
  }

  private leave(place: number, sizeBytes: number): void {
    if (this.unreadSize === 0) this.unreadFrom = place;
    this.unreadSize += 1;
    this.unreadBytes += sizeBytes;
    this.size += 1;
    this.bytes += sizeBytes;
  }

  private readPage(): void {
    const pager = this.pager as QueuePager<T>;
    const messagesMax = Math.min(this.unreadSize, pager.queuedMessagesInMemoryMax - this.inMemory);
    const bytesMax = pager.queuedBytesInMemoryMax - this.bytesInMemory;
    this.unreadFrom = pager.readBack(this.unreadFrom, messagesMax, bytesMax, (entry) => {
      const { inMemory } = this;
      if (inMemory === this.ring.length) this.grow();
      this.ring[(this.head + inMemory) & (this.ring.length - 1)] = entry;
      this.unreadSize -= 1;
      this.unreadBytes -= entry.sizeBytes;
    });
  }

  private grow(): void {
    const { ring, head, inMemory } = this;
    const next = new Array<T | undefined>(Math.max(CAPACITY_INITIAL, ring.length * 2)).fill(undefined);
    for (let i = 0; i < inMemory; i++) next[i] = ring[(head + i) & (ring.length - 1)];
    this.ring = next;
    this.head = 0;
  }
}
