import { describe, expect, test } from "vitest";
import { MessageQueue, type QueueFullPolicy } from "./message-queue.js";

interface Entry {
  name: string;
  sizeBytes: number;
}

function queueOf(queuedMessagesMax: number, queuedBytesMax: number, queueFullPolicy: QueueFullPolicy) {
  const dropped: string[] = [];
  const queue = new MessageQueue<Entry>(
    { queuedMessagesMax, queuedBytesMax, queueFullPolicy },
    { queueDropped: (entry) => void dropped.push(entry.name) },
  );
  const push = (name: string, sizeBytes = 1): boolean => queue.push({ name, sizeBytes });
  const drain = (): string[] => {
    const names: string[] = [];
    for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) names.push(entry.name);
    return names;
  };
  return { queue, dropped, push, drain };
}

describe("MessageQueue", () => {
  test("hands out what was pushed, in order, and counts it", () => {
    const { queue, push, drain } = queueOf(100, 1000, "drop-new");
    expect(queue.peek()).toBeUndefined();
    expect(queue.shift()).toBeUndefined();
    for (let i = 0; i < 20; i++) expect(push(`${i}`, i)).toBe(true);
    expect([queue.size, queue.bytes]).toEqual([20, 190]);
    expect(queue.peek()?.name).toBe("0");
    expect(drain()).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`));
    expect([queue.size, queue.bytes]).toEqual([0, 0]);
  });

  test("drop-new refuses what does not fit, by count and by bytes, and keeps the rest", () => {
    const { queue, dropped, push, drain } = queueOf(2, 10, "drop-new");
    expect([push("a", 6), push("b", 5), push("c", 4), push("d", 0)]).toEqual([true, false, true, false]);
    expect(dropped).toEqual(["b", "d"]);
    expect([queue.size, queue.bytes]).toEqual([2, 10]);
    expect(drain()).toEqual(["a", "c"]);
  });

  test("drop-oldest makes room from the front, by count and by bytes", () => {
    const { queue, dropped, push, drain } = queueOf(3, 10, "drop-oldest");
    expect([push("a", 1), push("b", 1), push("c", 1), push("d", 1)]).toEqual([true, true, true, true]);
    expect(dropped).toEqual(["a"]);
    expect(push("e", 9)).toBe(true);
    expect(dropped).toEqual(["a", "b", "c"]);
    expect([queue.size, queue.bytes]).toEqual([2, 10]);
    expect(drain()).toEqual(["d", "e"]);
  });

  test("drop-oldest gives up nothing for a message that would not fit an empty queue", () => {
    const { dropped, push, drain } = queueOf(3, 10, "drop-oldest");
    push("a", 5);
    expect(push("huge", 11)).toBe(false);
    expect(dropped).toEqual(["huge"]);
    expect(drain()).toEqual(["a"]);
  });

  test("a dropped entry is out of the queue when its owner hears of it", () => {
    const sizes: number[] = [];
    const queue = new MessageQueue<Entry>(
      { queuedMessagesMax: 1, queuedBytesMax: 10, queueFullPolicy: "drop-oldest" },
      { queueDropped: () => void sizes.push(queue.size) },
    );
    queue.push({ name: "a", sizeBytes: 1 });
    queue.push({ name: "b", sizeBytes: 1 });
    expect(sizes).toEqual([0]);
  });

  test("append takes what was accepted before, whatever the limits", () => {
    const { queue, dropped, drain } = queueOf(1, 1, "drop-new");
    for (const name of ["a", "b", "c"]) queue.append({ name, sizeBytes: 5 });
    expect([queue.size, queue.bytes]).toEqual([3, 15]);
    expect(dropped).toEqual([]);
    expect(drain()).toEqual(["a", "b", "c"]);
  });
});
