/** The end of a session whose queue is longer than memory should hold: others get what it held, a page in each turn. */
import { DelayedSessionStore } from "@tidings/session/testing";
import { expect, test } from "vitest";
import type { BrokerOptions } from "./broker-options.js";
import { BrokerHarness } from "./testing/index.js";

const IN_MEMORY = 10;
const MESSAGES = 200;

class DurableHarness extends BrokerHarness {
  /** Messages that were read from the store in each turn that read some. */
  readonly reads: number[] = [];
  private readInTurn = 0;

  constructor(
    readonly store: DelayedSessionStore,
    options: BrokerOptions = {},
  ) {
    super({ queuedMessagesInMemoryMax: IN_MEMORY, ...options, store });
    const readQueue = store.readQueue.bind(store);
    store.readQueue = (clientIdentifier, from, limits, visit) =>
      readQueue(clientIdentifier, from, limits, (delivery) => {
        this.readInTurn += 1;
        visit(delivery);
      });
  }

  override endTurn(): void {
    if (this.readInTurn > 0) this.reads.push(this.readInTurn);
    this.readInTurn = 0;
    for (let busy = true; busy; busy = this.store.waitingBatches > 0) {
      this.broker.endTurn();
      this.store.makeDurable();
      super.endTurn();
    }
  }
}

function membersOf(harness: DurableHarness): void {
  for (const [clientIdentifier, sessionExpiryInterval] of [
    ["short", 60],
    ["long", 3600],
  ] as const) {
    const client = harness.connected({ clientIdentifier, cleanStart: false, properties: { sessionExpiryInterval } });
    client.subscribed("$share/group/a", { qos: 1 }).drop();
  }
  const publisher = harness.connected();
  for (let i = 0; i < MESSAGES; i++) publisher.publish("a", `${i}`, { qos: 1 });
  harness.endTurn();
  publisher.drop();
}

function allOf(harness: DurableHarness): string[] {
  const client = harness.connected({
    clientIdentifier: "long",
    cleanStart: false,
    properties: { sessionExpiryInterval: 3600, receiveMaximum: MESSAGES },
  });
  harness.endTurn();
  return client.payloads().sort((a, b) => Number(a) - Number(b));
}

const everything = Array.from({ length: MESSAGES }, (_, i) => `${i}`);

test("another member of the group gets it, page by page", () => {
  const harness = new DurableHarness(new DelayedSessionStore());
  membersOf(harness);
  harness.advance(60_250);
  expect(harness.broker.sessionCount).toBe(2);
  harness.advance(10_000);
  expect(harness.broker.sessionCount).toBe(1);
  expect(harness.broker.counters.sessionsExpired).toBe(1);
  expect(harness.reads.length).toBeGreaterThan(4);
  expect(Math.max(...harness.reads)).toBeLessThanOrEqual(2 * IN_MEMORY);
  expect(allOf(harness)).toEqual(everything);
});

test("a broker that is killed meanwhile goes on with the rest", async () => {
  const first = new DurableHarness(new DelayedSessionStore());
  membersOf(first);
  first.advance(60_500);
  expect(first.broker.sessionCount).toBe(2);
  const second = new DurableHarness(first.store.killed());
  second.nowMs = first.nowMs;
  await second.broker.recover(second.nowMs);
  second.advance(10_000);
  expect(second.broker.sessionCount).toBe(1);
  expect(allOf(second)).toEqual(everything);
});

test("a client that comes back meanwhile finds no session", () => {
  const harness = new DurableHarness(new DelayedSessionStore());
  membersOf(harness);
  harness.advance(60_250);
  const again = harness.connect({ clientIdentifier: "short", cleanStart: false });
  expect(again.take()).toMatchObject([{ sessionPresent: false, reasonCode: 0 }]);
  expect(allOf(harness)).toEqual(everything);
});

test("a hook is told of each message that nobody gets, page by page", () => {
  const dropped: string[] = [];
  const onDrop = (_client: unknown, { payload }: { payload: Uint8Array }): void => {
    dropped.push(new TextDecoder().decode(payload));
  };
  const harness = new DurableHarness(new DelayedSessionStore(), { hooks: [{ onDrop }] });
  const client = harness.connected({ clientIdentifier: "c", properties: { sessionExpiryInterval: 60 } });
  client.subscribed("a", { qos: 1 }).drop();
  const publisher = harness.connected();
  for (const payload of everything) publisher.publish("a", payload, { qos: 1 });
  harness.advance(70_000);
  expect(harness.broker.sessionCount).toBe(1);
  expect(Math.max(...harness.reads)).toBeLessThanOrEqual(2 * IN_MEMORY);
  expect(dropped).toEqual(everything);
});
