import { spawn } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { isLocked, lockDirectory } from "./directory-lock.js";
import type { KeyValueSessionStore } from "./key-value-session-store.js";
import { metaKey } from "./keys.js";
import { lmdbDriver } from "./lmdb-driver.js";
import { encodeMetaRow, MetaName } from "./meta-row.js";
import { type DamageReport, openLmdbSessionStore } from "./open-lmdb-session-store.js";
import { temporaryDirectories } from "./testing/temporary-directories.js";

const temporaryDirectory = temporaryDirectories(afterAll);

const session = (clientIdentifier: string) => ({
  clientIdentifier,
  sessionExpiryInterval: 3600,
  disconnectedAtMs: undefined,
  userName: undefined,
  will: undefined,
});

const message = (topicName: string, payload = "payload") => ({
  messageNumber: 0,
  stored: () => ({
    topicName,
    payload: Buffer.from(payload),
    properties: new Uint8Array(),
    qos: 1 as const,
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

/** Sessions with one message each, and as many retained messages. */
async function fill(store: KeyValueSessionStore, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    store.putSession(session(`client-${i}`));
    store.enqueue(`client-${i}`, delivery(1), message(`topic/${i}`, "x".repeat(500)));
    store.setRetained(`retained/${i}`, message(`retained/${i}`));
    store.seal();
  }
  const ticket = store.seal();
  await new Promise<void>((resolve) => {
    store.onDurable = (upTo) => {
      if (upTo >= ticket) resolve();
    };
    if (store.durableUpTo >= ticket) resolve();
  });
}

async function contentOf(
  store: KeyValueSessionStore,
): Promise<{ sessions: string[]; messages: string[]; retained: string[] }> {
  const content = { sessions: [] as string[], messages: [] as string[], retained: [] as string[] };
  await store.recover({
    session: ({ clientIdentifier }) => content.sessions.push(clientIdentifier),
    subscription: () => {},
    inbound: () => {},
    delivery: (_client, { message: { topicName } }) => content.messages.push(topicName),
    retained: ({ topicName }) => content.retained.push(topicName),
  });
  return content;
}

const sizes = (content: Awaited<ReturnType<typeof contentOf>>) => [
  content.sessions.length,
  content.messages.length,
  content.retained.length,
];

test("a store holds after its end what it was told", async () => {
  const directory = join(temporaryDirectory(), "made/by/it");
  const store = await openLmdbSessionStore({ directory });
  await fill(store, 20);
  await store.close();
  const next = await openLmdbSessionStore({ directory, onDamage: () => expect.unreachable() });
  expect(sizes(await contentOf(next))).toEqual([20, 20, 20]);
  await next.close();
});

test("a directory has one store at a time", async () => {
  const directory = temporaryDirectory();
  const store = await openLmdbSessionStore({ directory });
  await expect(openLmdbSessionStore({ directory })).rejects.toMatchObject({
    code: "TIDINGS_STORE_LOCKED",
    message: expect.stringContaining(directory),
  });
  expect(await isLocked(directory)).toBe(true);
  await store.close();
  expect(await isLocked(directory)).toBe(false);
  await (await openLmdbSessionStore({ directory })).close();
});

test("the lock of a process that was killed is nobody's", async () => {
  const directory = temporaryDirectory();
  const child = spawn(process.execPath, [
    "-e",
    `require("node:net").createServer().listen(${JSON.stringify(join(directory, "lock-dead"))}, () => console.log("up"))`,
  ]);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  await expect(lockDirectory(directory)).rejects.toMatchObject({ code: "TIDINGS_STORE_LOCKED" });
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("exit", resolve));
  // Of several that want it at once, one has it.
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => lockDirectory(directory)));
  const locks = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  expect(locks).toHaveLength(1);
  await locks[0].release();
  expect(readdirSync(directory)).toEqual([]);
});

test("a store of a newer format is refused, and stays as it is", async () => {
  const directory = temporaryDirectory();
  await (await openLmdbSessionStore({ directory })).close();
  const driver = lmdbDriver(join(directory, "data.mdb"));
  await driver.write([{ key: metaKey(MetaName.Format), value: encodeMetaRow(1000) }]);
  await driver.close();
  for (let i = 0; i < 2; i++) {
    await expect(openLmdbSessionStore({ directory })).rejects.toMatchObject({
      code: "TIDINGS_STORE_FORMAT",
      message: expect.stringContaining("has format 1000"),
    });
  }
});

test("a directory that cannot be made is one clear line", async () => {
  const file = join(temporaryDirectory(), "file");
  writeFileSync(file, "");
  await expect(openLmdbSessionStore({ directory: join(file, "store") })).rejects.toMatchObject({
    code: "TIDINGS_STORE_DIRECTORY",
    message: expect.stringContaining(join(file, "store")),
  });
});

/** What damages a file, and whether something of it can be saved. */
const damages: Record<string, { damage: (path: string) => void; saves: boolean }> = {
  "is something else": { damage: (path) => writeFileSync(path, "not a database".repeat(10_000)), saves: false },
  "has lost its end": { damage: (path) => truncateSync(path, 400_000), saves: true },
  "has pages of other bytes": { damage: (path) => overwrite(path, 40 * 4096, 20 * 4096), saves: true },
};

test.each(Object.entries(damages))(
  "a file that %s is moved aside, and nothing stops the broker",
  async (_title, how) => {
    const directory = temporaryDirectory();
    const store = await openLmdbSessionStore({ directory, pendingRetainedMax: 10 });
    await fill(store, 500);
    await store.close();
    how.damage(join(directory, "data.mdb"));
    const reports: DamageReport[] = [];
    const next = await openLmdbSessionStore({ directory, onDamage: (report) => reports.push(report) });
    expect(reports).toHaveLength(1);
    const [{ movedTo, saved, problem }] = reports;
    expect([existsSync(movedTo), problem.length > 0]).toEqual([true, true]);
    const [sessions, messages, retained] = sizes(await contentOf(next));
    expect([saved.sessions, saved.deliveries, saved.retainedMessages]).toEqual([sessions, messages, retained]);
    expect(sessions + messages + retained > 100).toBe(how.saves);
    await fill(next, 10);
    await next.close();
    const last = await openLmdbSessionStore({ directory, onDamage: () => expect.unreachable() });
    expect(sizes(await contentOf(last))[0]).toBeGreaterThanOrEqual(10);
    await last.close();
  },
);

test("a rescue that was interrupted is finished", async () => {
  const directory = temporaryDirectory();
  const store = await openLmdbSessionStore({ directory });
  await fill(store, 3);
  await store.close();
  // The damaged file had been moved aside already.
  const other = temporaryDirectory();
  copyFileSync(join(directory, "data.mdb"), join(other, "rescued.mdb"));
  const next = await openLmdbSessionStore({ directory: other });
  expect(sizes(await contentOf(next))).toEqual([3, 3, 3]);
  await next.close();
});

function overwrite(path: string, position: number, length: number): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(length, 0x5a), 0, length, position);
  closeSync(file);
}
