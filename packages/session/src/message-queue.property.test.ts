import fc from "fast-check";
import { expect, test } from "vitest";
import { MessageQueue, type QueueFullPolicy, type QueueLimits } from "./message-queue.js";
import { PagedMessageQueue, type QueuePager } from "./paged-message-queue.js";

interface Entry {
  name: number;
  sizeBytes: number;
}

/** The same queue over an array. */
class ArrayQueue {
  entries: Entry[] = [];
  dropped: number[] = [];

  constructor(private readonly limits: QueueLimits) {}

  get bytes(): number {
    return this.entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  push(entry: Entry): boolean {
    const { queuedMessagesMax, queuedBytesMax, queueFullPolicy } = this.limits;
    const fits = () => this.entries.length < queuedMessagesMax && this.bytes + entry.sizeBytes <= queuedBytesMax;
    if (queueFullPolicy === "drop-oldest" && entry.sizeBytes <= queuedBytesMax) {
      while (!fits()) this.dropped.push((this.entries.shift() as Entry).name);
    }
    if (fits()) this.entries.push(entry);
    else this.dropped.push(entry.name);
    return this.entries.includes(entry);
  }
}

test.each<QueueFullPolicy>(["drop-new", "drop-oldest"])(
  "a queue with the policy %s behaves like one over an array",
  (queueFullPolicy) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 200 }),
        fc.array(fc.tuple(fc.nat(9), fc.nat(30)), { maxLength: 400 }),
        (queuedMessagesMax, queuedBytesMax, commands) => {
          const limits = { queuedMessagesMax, queuedBytesMax, queueFullPolicy };
          const dropped: number[] = [];
          const queue = new MessageQueue<Entry>(limits, { queueDropped: (entry) => void dropped.push(entry.name) });
          const model = new ArrayQueue(limits);
          let name = 0;
          for (const [kind, sizeBytes] of commands) {
            const entry = { name: ++name, sizeBytes };
            if (kind < 6) expect(queue.push(entry)).toBe(model.push(entry));
            else if (kind < 9) expect(queue.shift()).toBe(model.entries.shift());
            else {
              queue.append(entry);
              model.entries.push(entry);
            }
            expect(queue.peek()).toBe(model.entries[0]);
            expect([queue.size, queue.bytes]).toEqual([model.entries.length, model.bytes]);
          }
          expect(dropped).toEqual(model.dropped);
          while (queue.size > 0) expect(queue.shift()).toBe(model.entries.shift());
          expect(model.entries).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  },
);

/** Keeps entries by place, and reads a few at once. */
class MapPager implements QueuePager<Entry> {
  readonly kept = new Map<number, Entry>();
  largestPage = 0;

  constructor(
    readonly queuedMessagesInMemoryMax: number,
    readonly queuedBytesInMemoryMax: number,
    private readonly atOnceMax: number,
  ) {}

  placeOf({ name }: Entry): number {
    return this.kept.has(name) ? name : 0;
  }

  readBack(place: number, messagesMax: number, bytesMax: number, into: (entry: Entry) => void): number {
    let bytes = 0;
    let count = 0;
    let next = place;
    for (const [name, entry] of this.kept) {
      if (name < place) continue;
      if (count >= Math.min(messagesMax, this.atOnceMax) || (count > 0 && bytes >= bytesMax)) break;
      count += 1;
      bytes += entry.sizeBytes;
      next = name + 1;
      into({ ...entry });
    }
    this.largestPage = Math.max(this.largestPage, count);
    return next;
  }
}

test.each<QueueFullPolicy>(["drop-new", "drop-oldest"])(
  "a queue with the policy %s that reads back what lies far behind holds the same, and little of it in memory",
  (queueFullPolicy) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.tuple(fc.nat(9), fc.nat(30)), { maxLength: 400 }),
        (queuedMessagesMax, inMemoryMax, bytesInMemoryMax, atOnceMax, commands) => {
          const limits = { queuedMessagesMax, queuedBytesMax: 400, queueFullPolicy };
          const dropped: number[] = [];
          const pager = new MapPager(inMemoryMax, bytesInMemoryMax, atOnceMax);
          const queue = new PagedMessageQueue<Entry>(limits, { queueDropped: (entry) => drop(entry) }, pager);
          const model = new ArrayQueue(limits);
          let name = 0;
          const drop = (entry: Entry): void => {
            dropped.push(entry.name);
            pager.kept.delete(entry.name);
          };
          const take = (): Entry | undefined => {
            const entry = queue.shift();
            if (entry !== undefined) pager.kept.delete(entry.name);
            return entry;
          };
          for (const [kind, sizeBytes] of commands) {
            const entry = { name: ++name, sizeBytes };
            if (kind < 7) {
              pager.kept.set(name, entry);
              expect(queue.push(entry)).toBe(model.push(entry));
            } else if (kind < 9) expect(take()).toEqual(model.entries.shift());
            else {
              pager.kept.set(name, entry);
              if (sizeBytes % 2 === 0 || !queue.appendUnread(name, sizeBytes)) queue.append(entry);
              model.entries.push(entry);
            }
            expect(queue.peek()).toEqual(model.entries[0]);
            expect([queue.size, queue.bytes]).toEqual([model.entries.length, model.bytes]);
            expect(queue.size - queue.unreadSize).toBeLessThanOrEqual(inMemoryMax);
          }
          expect(dropped).toEqual(model.dropped);
          expect(pager.largestPage).toBeLessThanOrEqual(inMemoryMax);
          while (queue.size > 0) expect(take()).toEqual(model.entries.shift());
          expect([model.entries, queue.bytes, queue.unreadSize]).toEqual([[], 0, 0]);
        },
      ),
      { numRuns: 200 },
    );
  },
);
