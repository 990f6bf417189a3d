/** What is written, how much of it, and what becomes of it: frames, cursors, retained rows. */
import type { StorableMessage } from "@tidings/session";
import { beforeEach, expect, test } from "vitest";
import { KeyValueSessionStore } from "./key-value-session-store.js";
import { Table, tableRange } from "./keys.js";
import { loadState } from "./load-state.js";
import { FaultInjectingDriver } from "./testing/index.js";

let driver: FaultInjectingDriver;
let store: KeyValueSessionStore;

beforeEach(() => {
  driver = new FaultInjectingDriver();
  driver.isAutomatic = false;
  store = new KeyValueSessionStore(driver, undefined, { deadBytesMax: 200_000, pendingRetainedMax: 100 });
});

const put = (clientIdentifier: string) =>
  store.putSession({
    clientIdentifier,
    sessionExpiryInterval: 1,
    disconnectedAtMs: undefined,
    userName: undefined,
    will: undefined,
  });

const message = (payload: Uint8Array, topicName = "topic"): StorableMessage => ({
  messageNumber: 0,
  stored: () => ({
    topicName,
    payload,
    properties: new Uint8Array(),
    qos: 1,
    expiresAtMs: Number.POSITIVE_INFINITY,
    publisherIdentifier: undefined,
  }),
});

const delivery = (deliveryNumber: number) => ({
  deliveryNumber,
  qos: 1 as const,
  retain: false,
  subscriptionIdentifiers: undefined,
  sharedFilter: undefined,
});

/** Ends the batch; answers with what it made the driver write. */
async function sealed(): Promise<{ rows: number; bytes: number }> {
  const { changeCount, writtenBytes } = driver;
  store.seal();
  driver.flush();
  await new Promise((resolve) => setImmediate(resolve));
  return { rows: driver.changeCount - changeCount, bytes: driver.writtenBytes - writtenBytes };
}

const rowsOf = (table: Table) => [...driver.entries(...tableRange(table))].length;

test("a message for 1,000 sessions is one row, with some bytes for each", async () => {
  for (let i = 0; i < 1000; i++) put(`client-${i}`);
  await sealed();
  const large = message(new Uint8Array(10_000));
  for (let i = 0; i < 1000; i++) store.enqueue(`client-${i}`, delivery(1), large);
  const { rows, bytes } = await sealed();
  expect(rows).toBe(1);
  expect(bytes).toBeLessThan(10_000 + 1000 * 6);
});

test("a session's progress is one row for each batch, however far it went and however long its queue is", async () => {
  put("a");
  for (let number = 1; number <= 5000; number++) store.enqueue("a", delivery(number), message(new Uint8Array(10)));
  await sealed();
  for (let number = 1; number <= 1000; number++) store.sent("a", number, number);
  for (let number = 1; number <= 500; number++) store.done("a", number);
  const progress = await sealed();
  // And the frames whose messages are all done.
  expect(progress.rows).toBeLessThan(3);
  expect(progress.bytes).toBeLessThan(40);
});

test("messages that are done before they are on their way are not written", async () => {
  put("a");
  await sealed();
  store.enqueue("a", delivery(1), message(new Uint8Array(10_000)));
  store.done("a", 1);
  expect((await sealed()).bytes).toBeLessThan(100);
  store.enqueue("a", delivery(2), message(new Uint8Array(10)));
  store.seal();
  // While that is being written …
  store.enqueue("a", delivery(3), message(new Uint8Array(10_000)));
  store.seal();
  store.done("a", 3);
  store.seal();
  const { writtenBytes } = driver;
  for (let i = 0; i < 3; i++) await sealed();
  expect(driver.writtenBytes - writtenBytes).toBeLessThan(300);
});

test("a session that lags behind does not pin what others have done with", async () => {
  put("fast");
  put("slow");
  let slow = 0;
  for (let number = 1; number <= 10_000; number++) {
    const both = message(Buffer.from(`${number}`.padEnd(500)));
    store.enqueue("fast", delivery(number), both);
    if (number % 60 === 0) store.enqueue("slow", delivery(++slow), both);
    if (number % 20 !== 0) continue;
    for (let done = number - 19; done <= number; done++) store.done("fast", done);
    await sealed();
  }
  const { bytes, liveBytes, frames } = store.frameStatistics;
  expect(liveBytes).toBeGreaterThan(slow * 500);
  expect(bytes).toBeLessThan(2 * liveBytes + 200_000 + 100_000);
  expect(frames).toBeLessThan(60);
  expect(rowsOf(Table.Frames)).toBe(frames);
  driver.isAutomatic = true;
  await store.close();
  const reopened = driver.reopened();
  const next = new KeyValueSessionStore(reopened, await loadState(reopened));
  const found: string[] = [];
  await next.recover({
    session: () => {},
    subscription: () => {},
    inbound: () => {},
    retained: () => {},
    delivery: (_client, { message: { payload } }) => found.push(Buffer.from(payload).toString().trim()),
  });
  expect(found).toEqual(Array.from({ length: slow }, (_, i) => `${(i + 1) * 60}`));
});

test("rows of retained messages are written in portions, and their frames go then", async () => {
  for (let number = 0; number < 1000; number++) {
    const topicName = `topic/${number % 250}`;
    store.setRetained(topicName, message(new Uint8Array(1000), topicName));
    await sealed();
  }
  expect(rowsOf(Table.Retained)).toBeGreaterThan(100);
  expect(rowsOf(Table.Frames)).toBeLessThan(110);
  driver.isAutomatic = true;
  await store.compactAll();
  expect([rowsOf(Table.Retained), rowsOf(Table.Frames), store.countMessages()]).toEqual([250, 0, 250]);
});

test("no byte of any row can change unseen", async () => {
  put("a");
  store.putSubscription("a", {
    ...delivery(1),
    topicFilter: "x",
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0,
    subscriptionIdentifier: 0,
  });
  for (let number = 1; number <= 3; number++) store.enqueue("a", delivery(number), message(new Uint8Array(20)));
  store.sent("a", 1, 1);
  for (let number = 0; number < 102; number++)
    store.setRetained(`r/${number}`, message(new Uint8Array(1), `r/${number}`));
  await sealed();
  const rows = [...driver.entries(Uint8Array.of(0), Uint8Array.of(255))];
  expect(new Set(rows.map(([key]) => key[0])).size).toBe(6);
  for (const [key, value] of rows) {
    for (let position = 0; position < value.length; position += 1 + Math.floor(value.length / 40)) {
      const disk = driver.powerCut();
      disk.damage(key, (bytes) => {
        bytes[position] ^= 0x10;
        return bytes;
      });
      await expect(loadState(disk)).rejects.toMatchObject({ code: "TIDINGS_STORE_DAMAGED" });
    }
  }
});

test("a batch that reached the disk in parts is found out, if something refers to what is missing", async () => {
  put("a");
  store.enqueue("a", delivery(1), message(new Uint8Array(20)));
  store.sent("a", 1, 1);
  await sealed();
  const disk = driver.powerCut();
  for (const [key] of driver.entries(...tableRange(Table.Frames))) disk.damage(key, () => undefined);
  await expect(loadState(disk)).rejects.toMatchObject({ message: expect.stringContaining("1 deliveries are missing") });
});
