import { closeSync, openSync, readdirSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { compactStore, dumpStore, storeStats, verifyStore } from "./inspect-store.js";
import type { KeyValueSessionStore } from "./key-value-session-store.js";
import { openLmdbSessionStore } from "./open-lmdb-session-store.js";
import { temporaryDirectories } from "./testing/temporary-directories.js";

const temporaryDirectory = temporaryDirectories(afterAll);

let directory: string;
let store: KeyValueSessionStore;

beforeEach(async () => {
  directory = temporaryDirectory();
  store = await openLmdbSessionStore({ directory });
});
afterEach(() => store.close());

const session = {
  clientIdentifier: "a",
  sessionExpiryInterval: 3600,
  disconnectedAtMs: 5,
  userName: "anna",
  will: { packet: Uint8Array.of(1, 2), delayInterval: 1, publishAtMs: undefined },
};
const subscription = {
  topicFilter: "x/#",
  qos: 1 as const,
  noLocal: false,
  retainAsPublished: false,
  retainHandling: 0 as const,
  subscriptionIdentifier: 7,
};
const delivery = (deliveryNumber: number) => ({
  deliveryNumber,
  qos: 1 as const,
  retain: false,
  subscriptionIdentifiers: undefined,
  sharedFilter: undefined,
});
const message = (topicName: string, payload: Uint8Array = Uint8Array.of(1)) => ({
  messageNumber: 0,
  stored: () => ({
    topicName,
    payload,
    properties: new Uint8Array(),
    qos: 1 as const,
    expiresAtMs: Number.POSITIVE_INFINITY,
    publisherIdentifier: undefined,
  }),
});

async function fill(): Promise<void> {
  store.putSession(session);
  store.putSubscription("a", subscription);
  store.addInbound("a", 9);
  for (let number = 1; number <= 3; number++) store.enqueue("a", delivery(number), message(`x/${number}`));
  store.sent("a", 1, 4711);
  store.setRetained("r", message("r"));
  await durable();
}

async function durable(): Promise<void> {
  const ticket = store.seal();
  await new Promise<void>((resolve) => {
    store.onDurable = (upTo) => {
      if (upTo >= ticket) resolve();
    };
    if (store.durableUpTo >= ticket) resolve();
  });
}

test("counts are those of a store in use, and of one that is closed", async () => {
  await fill();
  const counts = {
    sessions: 1,
    subscriptions: 1,
    deliveries: 3,
    inboundIdentifiers: 1,
    retainedMessages: 1,
    frames: 1,
  };
  expect(await storeStats(directory)).toMatchObject({ directory, inUse: true, format: 1, ...counts });
  await store.close();
  expect(await storeStats(directory)).toMatchObject({ inUse: false, ...counts });
});

test("a dump is everything, as plain data", async () => {
  await fill();
  const entries: object[] = [];
  await dumpStore(directory, (entry) => entries.push(JSON.parse(JSON.stringify(entry))));
  const { will, ...plain } = session;
  expect(entries).toEqual([
    {
      type: "session",
      ...plain,
      will: { delayInterval: will.delayInterval, packet: "AQI=" },
      nextDeliveryNumber: 4,
    },
    { type: "inbound", clientIdentifier: "a", packetIdentifier: 9 },
    { type: "subscription", clientIdentifier: "a", ...subscription },
    ...[1, 2, 3].map((number) => ({
      type: "delivery",
      clientIdentifier: "a",
      deliveryNumber: number,
      qos: 1,
      retain: false,
      messageNumber: number,
      message: { topicName: `x/${number}`, qos: 1, properties: "", payload: "AQ==" },
      packetIdentifier: number === 1 ? 4711 : 0,
      released: false,
    })),
    { type: "retained", messageNumber: 4, topicName: "r", qos: 1, properties: "", payload: "AQ==" },
  ]);
});

test("a good store has no problems, a damaged one has", async () => {
  await fill();
  const problems: string[] = [];
  expect(await verifyStore(directory, (problem) => problems.push(problem))).toBe(0);
  await store.close();
  const path = join(directory, "data.mdb");
  const file = openSync(path, "r+");
  // Past the pages with LMDB's own data.
  for (let page = 2; page * 4096 < statSync(path).size; page++) {
    writeSync(file, Buffer.alloc(2000, 0x5a), 0, 2000, page * 4096 + 2048);
  }
  closeSync(file);
  expect(await verifyStore(directory, (problem) => problems.push(problem))).toBeGreaterThan(0);
  expect(problems.length).toBeGreaterThan(0);
});

test("compaction makes a file as small as what it holds, and keeps that", async () => {
  await fill();
  for (let i = 4; i < 100; i++) {
    store.enqueue("a", delivery(i), message("large", new Uint8Array(20_000)));
    await durable();
  }
  for (let i = 4; i < 100; i++) if (i % 10 !== 0) store.done("a", i);
  await durable();
  await store.close();
  const before = await storeStats(directory);
  const { bytesBefore, bytesAfter } = await compactStore(directory);
  expect([bytesBefore, bytesAfter * 4 < bytesBefore]).toEqual([before.fileBytes, true]);
  const after = await storeStats(directory);
  expect(after).toMatchObject({
    sessions: 1,
    deliveries: before.deliveries,
    retainedMessages: 1,
    fileBytes: bytesAfter,
  });
  expect(await verifyStore(directory, () => {})).toBe(0);
});

test("a broker that works on the store makes it small when it is asked to, and goes on", async () => {
  await fill();
  await expect(compactStore(directory)).rejects.toMatchObject({ code: "TIDINGS_STORE_LOCKED" }); // not recovered
  await store.close();
  store = await openLmdbSessionStore({ directory });
  const nothing = () => {};
  const visitor = { session: nothing, subscription: nothing, delivery: nothing, inbound: nothing, retained: nothing };
  await store.recover(visitor);
  for (let i = 4; i < 100; i++) {
    store.enqueue("a", delivery(i), message("large", new Uint8Array(20_000)));
    await durable();
  }
  for (let i = 4; i < 100; i++) if (i % 10 !== 0) store.done("a", i);
  await durable();
  // What is told meanwhile is not lost, and what is read meanwhile is there.
  let isDone = false;
  const compaction = compactStore(directory).finally(() => {
    isDone = true;
  });
  let last = 99;
  for (; !isDone; last++) {
    store.enqueue("a", delivery(last + 1), message(`meanwhile/${last + 1}`));
    store.seal();
    let read = 0;
    store.readQueue("a", 10, { messages: 5, bytes: 1_000_000 }, () => void (read += 1));
    expect(read).toBe(5);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { bytesBefore, bytesAfter } = await compaction;
  expect(bytesAfter * 3).toBeLessThan(bytesBefore);
  await durable();
  expect(statSync(join(directory, "data.mdb")).size).toBeLessThan(bytesBefore);
  expect(await verifyStore(directory, () => {})).toBe(0);
  const { deliveries } = await storeStats(directory);
  expect(deliveries).toBe(3 + 9 + (last - 99));
  await store.close();
  store = await openLmdbSessionStore({ directory });
  let found = 0;
  await store.recover({ ...visitor, delivery: () => void (found += 1) });
  expect(found).toBe(deliveries);
  expect(readdirSync(directory).filter((name) => name.startsWith("compact"))).toEqual([]);
});

test("a directory without a store is not made one by looking at it", async () => {
  for (const look of [storeStats, (where: string) => dumpStore(where, () => {}), compactStore]) {
    await expect(look(join(directory, "none"))).rejects.toMatchObject({ code: "TIDINGS_STORE_DIRECTORY" });
  }
});
