import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createMemoryPair } from "./memory-pair.js";
import { concat, pattern, Recorder } from "./testing/recorder.js";

/** Runs tasks only when told to. */
function handScheduler() {
  const tasks: (() => void)[] = [];
  return {
    schedule: (task: () => void) => void tasks.push(task),
    runOne: () => tasks.shift()?.(),
    runAll: () => {
      for (let count = 0; tasks.length > 0; count += 1) {
        if (count > 10_000) throw new Error("the pair never comes to rest");
        tasks.shift()!();
      }
    },
    get waiting() {
      return tasks.length;
    },
  };
}

describe("createMemoryPair", () => {
  test("nothing moves until the scheduler runs, and it comes to rest", () => {
    const scheduler = handScheduler();
    const [near, far] = createMemoryPair(scheduler);
    const farEnd = new Recorder();
    near.start(new Recorder());
    far.start(farEnd);
    near.write(pattern(10));
    expect(farEnd.byteCount).toBe(0);
    scheduler.runAll();
    expect(farEnd.bytes).toEqual(pattern(10));
    expect(scheduler.waiting).toBe(0);
  });

  test("a Buffer may be reused like any other bytes once write was true", () => {
    const scheduler = handScheduler();
    const [near, far] = createMemoryPair(scheduler);
    const farEnd = new Recorder();
    near.start(new Recorder());
    far.start(farEnd);
    const bytes = Buffer.from(pattern(10));
    expect(near.write(bytes)).toBe(true);
    bytes.fill(0);
    scheduler.runAll();
    expect(farEnd.bytes).toEqual(pattern(10));
  });

  test("both sides stuck on each other do not spin", () => {
    const scheduler = handScheduler();
    const [near, far] = createMemoryPair({ schedule: scheduler.schedule, capacityBytes: 10 });
    near.start(new Recorder());
    far.start(new Recorder());
    near.pause();
    far.pause();
    expect(near.write(pattern(11))).toBe(false);
    expect(far.write(pattern(11))).toBe(false);
    scheduler.runAll();
    expect([near.bufferedBytes, far.bufferedBytes]).toEqual([1, 1]);
  });

  test("write is true up to the capacity and false from the first byte beyond", () => {
    const scheduler = handScheduler();
    const [near, far] = createMemoryPair({ schedule: scheduler.schedule, capacityBytes: 100 });
    const nearEnd = new Recorder();
    near.start(nearEnd);
    far.start(new Recorder());
    expect(near.write(pattern(100))).toBe(true);
    expect(near.write(pattern(1))).toBe(false);
    expect(near.bufferedBytes).toBe(1);
    scheduler.runAll();
    expect(near.bufferedBytes).toBe(0);
    expect(nearEnd.drains).toBe(1);
  });

  test("the static read buffer is overwritten after each delivery", () => {
    const scheduler = handScheduler();
    const [near, far] = createMemoryPair({ schedule: scheduler.schedule, staticReadBuffer: true });
    let kept = new Uint8Array(0);
    far.start({
      onBytes: (bytes, start, end) => {
        expect(bytes.subarray(start, end)).toEqual(pattern(5));
        kept = bytes.subarray(start, end) as Uint8Array<ArrayBuffer>;
      },
      onDrain: () => {},
      onClose: () => {},
    });
    near.write(pattern(5));
    scheduler.runAll();
    expect(kept).not.toEqual(pattern(5));
  });

  test("without a scheduler it delivers in microtasks", async () => {
    const [near, far] = createMemoryPair();
    const farEnd = new Recorder();
    far.start(farEnd);
    near.write(pattern(5));
    expect(farEnd.byteCount).toBe(0);
    await Promise.resolve();
    await Promise.resolve();
    expect(farEnd.byteCount).toBe(5);
  });

  test("peers are as told", () => {
    const [near, far] = createMemoryPair({
      peers: [{ transport: "tcp", address: "192.0.2.1" }, { transport: "memory" }],
    });
    expect(near.peer.address).toBe("192.0.2.1");
    expect(far.peer).toEqual({ transport: "memory" });
  });

  test("any mix of writes, pauses and turns delivers the same bytes and every drain", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("write" as const), size: fc.integer({ min: 0, max: 50 }) }),
      fc.constantFrom({ kind: "pause" as const }, { kind: "resume" as const }, { kind: "turn" as const }),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        (steps, capacityBytes, graceful) => {
          const scheduler = handScheduler();
          const [near, far] = createMemoryPair({ schedule: scheduler.schedule, capacityBytes, staticReadBuffer: true });
          const nearEnd = new Recorder();
          const farEnd = new Recorder();
          near.start(nearEnd);
          far.start(farEnd);
          const written: Uint8Array[] = [];
          const owed: Uint8Array[] = [];
          nearEnd.onDrainExtra = () => {
            expect(near.bufferedBytes).toBe(0);
            for (const bytes of owed.splice(0)) bytes.fill(0xee);
          };
          for (const [i, step] of steps.entries()) {
            if (step.kind === "write") {
              const bytes = pattern(step.size, i + 1);
              written.push(bytes.slice());
              if (near.write(bytes)) bytes.fill(0xee);
              else owed.push(bytes);
            } else if (step.kind === "pause") far.pause();
            else if (step.kind === "resume") far.resume();
            else scheduler.runOne();
          }
          far.resume();
          if (graceful) near.end();
          scheduler.runAll();
          expect(farEnd.bytes).toEqual(concat(written));
          expect(near.bufferedBytes).toBe(0);
          if (!graceful) expect(owed).toEqual([]);
          expect(farEnd.closes).toEqual(graceful ? [undefined] : []);
          expect(nearEnd.closes).toEqual(graceful ? [undefined] : []);
        },
      ),
    );
  });
});
