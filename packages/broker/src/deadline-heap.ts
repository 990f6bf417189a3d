/**
 * Absolute deadlines of sessions, wills and retained messages: a binary heap whose items know their place, so that one
 * can be moved or taken out. No timer per item.
 */
export interface DeadlineItem {
  /** Milliseconds since 1970. Only the heap writes it while the item is inside. */
  deadlineMs: number;
  /** Place in the heap; -1 outside. Only the heap writes it. */
  heapIndex: number;
  /** The deadline has passed; the item is out of the heap. */
  deadlinePassed(nowMs: number): void;
}

export class DeadlineHeap {
  private readonly items: DeadlineItem[] = [];

  /** Infinity when nothing waits. */
  get nextDeadlineMs(): number {
    return this.items.length === 0 ? Number.POSITIVE_INFINITY : this.items[0].deadlineMs;
  }

  get size(): number {
    return this.items.length;
  }

  /** Adds or moves; Infinity takes the item out. */
  set(item: DeadlineItem, deadlineMs: number): void {
    if (item.heapIndex >= 0) this.remove(item);
    item.deadlineMs = deadlineMs;
    if (deadlineMs === Number.POSITIVE_INFINITY) return;
    item.heapIndex = this.items.length;
    this.items.push(item);
    this.rise(item);
  }

  remove(item: DeadlineItem): void {
    const index = item.heapIndex;
    if (index < 0) return;
    item.heapIndex = -1;
    const last = this.items.pop() as DeadlineItem;
    if (last === item) return;
    this.items[index] = last;
    last.heapIndex = index;
    this.rise(last);
    this.sink(last);
  }

  /** Takes out every item whose deadline has passed, earliest first, and tells it. */
  advance(nowMs: number): void {
    while (this.items.length > 0 && this.items[0].deadlineMs <= nowMs) {
      const item = this.items[0];
      this.remove(item);
      item.deadlinePassed(nowMs);
    }
  }

  private rise(item: DeadlineItem): void {
    while (item.heapIndex > 0) {
      const parent = this.items[(item.heapIndex - 1) >> 1];
      if (parent.deadlineMs <= item.deadlineMs) return;
      this.swap(item, parent);
    }
  }

  private sink(item: DeadlineItem): void {
    for (;;) {
      const left = this.items[item.heapIndex * 2 + 1];
      const right = this.items[item.heapIndex * 2 + 2];
      if (left === undefined) return;
      const child = right !== undefined && right.deadlineMs < left.deadlineMs ? right : left;
      if (child.deadlineMs >= item.deadlineMs) return;
      this.swap(item, child);
    }
  }

  private swap(a: DeadlineItem, b: DeadlineItem): void {
    const index = a.heapIndex;
    a.heapIndex = b.heapIndex;
    b.heapIndex = index;
    this.items[a.heapIndex] = a;
    this.items[b.heapIndex] = b;
  }
}
