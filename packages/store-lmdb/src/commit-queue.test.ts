/** Room, failures and order of what is written, on a disk in memory and in virtual time. */
import { expect, test } from "vitest";
import { CommitQueue } from "./commit-queue.js";
import { KeyValueSessionStore } from "./key-value-session-store.js";
import { loadState } from "./load-state.js";
import type { KeyValueStoreOptions } from "./store-options.js";
import { FaultInjectingDriver } from "./testing/index.js";

class VirtualTime {
  private tasks: (() => void)[] = [];

  after(_delayMs: number, task: () => void): () => void {
    this.tasks.push(task);
    return () => {
      this.tasks = this.tasks.filter((other) => other !== task);
    };
  }

  /** What was due by now runs. */
  async pass(): Promise<void> {
    for (const task of this.tasks.splice(0)) task();
    await settled();
  }
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function storeOn(driver: FaultInjectingDriver, options: KeyValueStoreOptions = {}) {
  const time = new VirtualTime();
  driver.isAutomatic = false;
  const store = new KeyValueSessionStore(driver, undefined, { ...options, scheduler: time });
  const events: unknown[] = [];
  store.onDurable = (upTo) => events.push(upTo);
  store.onFailure = (error) => events.push(error.message);
  store.onRoomChange = (hasRoom) => events.push(hasRoom ? "room" : "full");
  return { store, time, events };
}

const put = (store: KeyValueSessionStore, clientIdentifier: string) =>
  store.putSession({
    clientIdentifier,
    sessionExpiryInterval: 1,
    disconnectedAtMs: undefined,
    userName: undefined,
    will: undefined,
  });

const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });

test("what is sealed during a write goes together with the next", async () => {
  const driver = new FaultInjectingDriver();
  const { store, events } = storeOn(driver);
  for (const client of ["a", "b", "c"]) {
    put(store, client);
    store.seal();
  }
  driver.flush();
  await settled();
  expect(events).toEqual([1]);
  driver.flush();
  await settled();
  expect([events, driver.writeCount]).toEqual([[1, 3], 2]);
});

test("a write that finds no room is tried again until it does, and its order stays", async () => {
  const driver = new FaultInjectingDriver();
  const { store, time, events } = storeOn(driver);
  put(store, "a");
  store.seal();
  driver.failure = full;
  driver.flush();
  await settled();
  expect([events, store.hasRoom]).toEqual([["full"], false]);
  put(store, "b");
  store.seal();
  await time.pass();
  driver.flush();
  await settled();
  expect(events).toEqual(["full"]);
  await time.pass();
  driver.failure = undefined;
  driver.flush();
  await settled();
  expect(events).toEqual(["full", 1]);
  driver.flush();
  await time.pass();
  expect([events, store.hasRoom]).toEqual([["full", 1, 2, "room"], true]);
  await store.close();
  expect((await loadState(driver.reopened())).sessions.size).toBe(2);
});

test("messages are refused before the disk is full, and small things still go through", async () => {
  const driver = new FaultInjectingDriver();
  const { store, time, events } = storeOn(driver, { reservedBytes: 1000 });
  driver.room = 999;
  put(store, "a");
  store.seal();
  driver.flush();
  await settled();
  await time.pass();
  expect(events).toEqual([1, "full"]);
  put(store, "b");
  store.seal();
  driver.flush();
  await settled();
  expect(events).toEqual([1, "full", 2]);
  // A little more is not enough: it would go to and fro.
  driver.room = 1001;
  await time.pass();
  expect(store.hasRoom).toBe(false);
  driver.room = 1250;
  await time.pass();
  expect(events).toEqual([1, "full", 2, "room"]);
});

test("any other failure is the end, told once, and what comes later is not kept", async () => {
  const driver = new FaultInjectingDriver();
  const { store, events } = storeOn(driver);
  put(store, "a");
  store.seal();
  driver.failure = new Error("the disk is broken");
  driver.flush();
  await settled();
  put(store, "b");
  expect([store.seal(), store.durableUpTo, store.backlogBytes]).toEqual([1, 0, 0]);
  await settled();
  expect(events).toEqual(["the disk is broken"]);
  await store.close();
});

test("an orderly end that finds no room says so", async () => {
  const driver = new FaultInjectingDriver();
  const { store } = storeOn(driver);
  put(store, "a");
  driver.failure = full;
  const closed = store.close();
  driver.flush();
  await expect(closed).rejects.toThrow("no space left");
});

test("a store that promises nothing answers at once and writes later", async () => {
  const driver = new FaultInjectingDriver();
  const { store, time, events } = storeOn(driver, { gatherMs: 1000 });
  put(store, "a");
  expect([store.currentTicket, store.seal(), store.durableUpTo]).toEqual([0, 0, 0]);
  put(store, "b");
  store.seal();
  driver.flush();
  expect(driver.writeCount).toBe(0);
  await time.pass();
  driver.flush();
  await settled();
  expect([driver.writeCount, events]).toEqual([1, []]);
  put(store, "c");
  const closed = store.close();
  driver.flush();
  await closed;
  expect((await loadState(driver.reopened())).sessions.size).toBe(3);
});

test("during a pause nothing is written, and what was told goes with the next write", async () => {
  const driver = new FaultInjectingDriver();
  driver.isAutomatic = false;
  const queue = new CommitQueue(driver, new VirtualTime(), { reservedBytes: 0, retryIntervalMs: 1, gatherMs: 0 });
  const log: unknown[] = [];
  queue.onDurable = (upTo) => log.push(upTo);
  const row = (name: number) => [{ key: Uint8Array.of(name), value: Uint8Array.of(name) }];
  queue.seal(row(1), 1, 1);
  let finish = (): void => {};
  const paused = queue.pauseFor(() => {
    log.push("paused");
    return new Promise<void>((resolve) => {
      finish = resolve;
    });
  });
  queue.seal(row(2), 2, 1);
  await settled();
  expect(log).toEqual([]); // the write under way comes first
  driver.flush();
  await settled();
  queue.seal(row(3), 3, 1);
  await expect(queue.pauseFor(async () => {})).rejects.toThrow("not to be disturbed");
  expect([log, driver.writeCount]).toEqual([[1, "paused"], 1]);
  finish();
  await paused;
  driver.flush();
  await settled();
  expect([log, driver.writeCount]).toEqual([[1, "paused", 3], 2]);
});

test("there is no pause while the disk is full, and one that fails is over", async () => {
  const driver = new FaultInjectingDriver();
  driver.isAutomatic = false;
  const queue = new CommitQueue(driver, new VirtualTime(), { reservedBytes: 0, retryIntervalMs: 1, gatherMs: 0 });
  await expect(queue.pauseFor(() => Promise.reject(new Error("no copy")))).rejects.toThrow("no copy");
  driver.failure = full;
  queue.seal([{ key: Uint8Array.of(1), value: Uint8Array.of(1) }], 1, 1);
  const paused = queue.pauseFor(async () => {});
  driver.flush();
  await expect(paused).rejects.toThrow("full");
});
