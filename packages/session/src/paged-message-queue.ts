/**
 * A queue of which only the front is in memory; what lies behind is read again, page by page, from where somebody else
 * keeps it: a store.
 */
import { MessageQueue, type QueueEntry, type QueueLimits, type QueueOwner } from "./message-queue.js";

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

/** As a `MessageQueue`; entries without a place to be read from again are always in memory. */
export class PagedMessageQueue<T extends QueueEntry> extends MessageQueue<T> {
  /** Messages that are not in memory: the last ones. */
  unreadSize = 0;
  private unreadBytes = 0;
  /** Where the first of them can be read again. */
  private unreadFrom = 0;

  constructor(
    limits: QueueLimits,
    owner: QueueOwner<T>,
    private readonly pager: QueuePager<T>,
  ) {
    super(limits, owner);
  }

  override append(entry: T): void {
    if (this.wouldLeave(entry.sizeBytes)) {
      const place = this.pager.placeOf(entry);
      if (place > 0) {
        this.leave(place, entry.sizeBytes);
        return;
      }
    }
    super.append(entry);
  }

  /**
   * The same for an entry that need not be made if it would not stay in memory. False: make it and `append` it.
   */
  appendUnread(place: number, sizeBytes: number): boolean {
    if (!this.wouldLeave(sizeBytes)) return false;
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

  override shift(): T | undefined {
    if (this.inMemory === 0 && this.unreadSize > 0) this.readPage();
    const entry = super.shift();
    if (this.unreadSize > 0 && this.isLow) this.readPage();
    return entry;
  }

  protected override takes(entry: T): boolean {
    // What cannot be read again has no place behind what has to be.
    return super.takes(entry) && !(this.unreadSize > 0 && this.pager.placeOf(entry) === 0);
  }

  override get bytesInMemory(): number {
    return this.bytes - this.unreadBytes;
  }

  /** Half of what may be in memory has gone. */
  private get isLow(): boolean {
    const { queuedMessagesInMemoryMax, queuedBytesInMemoryMax } = this.pager;
    return this.inMemory * 2 <= queuedMessagesInMemoryMax && this.bytesInMemory * 2 <= queuedBytesInMemoryMax;
  }

  /** An entry that comes now is not kept in memory. */
  private wouldLeave(sizeBytes: number): boolean {
    if (this.unreadSize > 0) return true;
    const { inMemory, pager } = this;
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
    const { pager } = this;
    const messagesMax = Math.min(this.unreadSize, pager.queuedMessagesInMemoryMax - this.inMemory);
    const bytesMax = pager.queuedBytesInMemoryMax - this.bytesInMemory;
    this.unreadFrom = pager.readBack(this.unreadFrom, messagesMax, bytesMax, (entry) => {
      this.unreadSize -= 1;
      this.unreadBytes -= entry.sizeBytes;
      this.hold(entry);
    });
  }
}
