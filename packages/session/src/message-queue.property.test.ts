import fc from "fast-check";
import { expect, test } from "vitest";
import { MessageQueue, type QueueFullPolicy, type QueueLimits } from "./message-queue.js";

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
