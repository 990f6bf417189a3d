import { describe, expect, test } from "vitest";
import { MessageRing } from "./message-ring.js";
import { recordOf } from "./testing/record-of.js";

describe("the ring of messages", () => {
  test("keeps the newest by count, and counts what it let go", () => {
    const ring = new MessageRing({ messagesMax: 3, bytesMax: 1_000_000 });
    for (let sequence = 1; sequence <= 5; sequence += 1) ring.push(recordOf("a", "x", { sequence }));
    expect(ring.toArray().map(({ sequence }) => sequence)).toEqual([3, 4, 5]);
    expect(ring.dropped).toBe(2);
    expect([ring.at(-1), ring.at(3)]).toEqual([undefined, undefined]);
  });

  test("keeps within its bytes whatever the payloads", () => {
    const ring = new MessageRing({ messagesMax: 100, bytesMax: 10_000 });
    for (let sequence = 1; sequence <= 50; sequence += 1) {
      ring.push(recordOf("a", new Uint8Array(sequence * 50), { sequence }));
      expect(ring.bytes).toBeLessThanOrEqual(10_000);
    }
    expect(ring.length + ring.dropped).toBe(50);
    expect(ring.at(ring.length - 1)?.sequence).toBe(50);
  });

  test("refuses what is larger than all of it, and keeps what it has", () => {
    const ring = new MessageRing({ messagesMax: 10, bytesMax: 2_000 });
    ring.push(recordOf("a", "small", { sequence: 1 }));
    ring.push(recordOf("a", new Uint8Array(5_000), { sequence: 2 }));
    expect([ring.length, ring.dropped]).toEqual([1, 1]);
  });

  test("finds the earlier message on the same topic and in the same direction", () => {
    const ring = new MessageRing({ messagesMax: 10, bytesMax: 100_000 });
    const first = recordOf("a", "1", { sequence: 1 });
    const last = recordOf("a", "2", { sequence: 4 });
    ring.push(first);
    ring.push(recordOf("b", "1", { sequence: 2 }));
    ring.push(recordOf("a", "sent", { sequence: 3, direction: "sent" }));
    ring.push(last);
    expect(ring.previousOf(last)).toBe(first);
    expect(ring.previousOf(first)).toBeUndefined();
  });

  test("is empty after clear, and goes on", () => {
    const ring = new MessageRing({ messagesMax: 2, bytesMax: 100_000 });
    for (let sequence = 1; sequence <= 3; sequence += 1) ring.push(recordOf("a", "x", { sequence }));
    ring.clear();
    expect([ring.length, ring.bytes]).toEqual([0, 0]);
    ring.push(recordOf("a", "x", { sequence: 4 }));
    expect(ring.toArray().map(({ sequence }) => sequence)).toEqual([4]);
  });
});
