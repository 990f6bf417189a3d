/** The host's one timer: what is due happens without a client to wake the broker. */
import { MemorySessionStore } from "@tidings/session";
import { expect, test } from "vitest";
import { Broker } from "./broker.js";
import { type Scheduler, StreamHost } from "./stream-host.js";
import { BrokerHarness } from "./testing/index.js";

class ManualScheduler implements Scheduler {
  private tasks: { dueMs: number; run: () => void }[] = [];

  constructor(public nowMs: number) {}

  now(): number {
    return this.nowMs;
  }

  afterTurn(task: () => void): void {
    this.after(0, task);
  }

  after(delayMs: number, run: () => void): () => void {
    const task = { dueMs: this.nowMs + delayMs, run };
    this.tasks.push(task);
    return () => {
      this.tasks = this.tasks.filter((one) => one !== task);
    };
  }

  pass(milliseconds: number): void {
    const endMs = this.nowMs + milliseconds;
    for (;;) {
      this.tasks.sort((a, b) => a.dueMs - b.dueMs);
      if (this.tasks.length === 0 || this.tasks[0].dueMs > endMs) break;
      const [{ dueMs, run }] = this.tasks.splice(0, 1);
      this.nowMs = Math.max(this.nowMs, dueMs);
      run();
    }
    this.nowMs = endMs;
  }
}

test("[MQTT-3.1.2-23] a session whose time comes after a restart ends, and its will is published, though nobody connects", async () => {
  const store = new MemorySessionStore();
  const earlier = new BrokerHarness({ store });
  const will = { topic: "gone", payload: new Uint8Array(1), qos: 1 as const, retain: true };
  const properties = { sessionExpiryInterval: 60 };
  earlier
    .connected({ cleanStart: false, properties, will: { ...will, properties: { willDelayInterval: 30 } } } as never)
    .drop();
  earlier.endTurn();

  const broker = new Broker({ store });
  const scheduler = new ManualScheduler(earlier.nowMs);
  const host = new StreamHost(broker, scheduler);
  await host.recover();
  scheduler.pass(29_000);
  expect([broker.sessionCount, broker.retainedMessageCount]).toEqual([1, 0]);
  scheduler.pass(3000);
  expect([broker.sessionCount, broker.retainedMessageCount]).toEqual([1, 1]);
  scheduler.pass(30_000);
  expect(broker.sessionCount).toBe(0);
});
