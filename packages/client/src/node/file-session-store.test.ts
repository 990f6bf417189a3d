import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sessionStoreSuite } from "@tidings/session/testing";
import fastCheck from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { JournalSessionStore } from "../journal/journal-session-store.js";
import { FileJournal } from "./file-journal.js";
import { fileSessionStore } from "./file-session-store.js";

const folder = await mkdtemp(join(tmpdir(), "tidings-client-"));
afterAll(() => rm(folder, { recursive: true }));

let count = 0;
const paths = new WeakMap<JournalSessionStore, string>();

function storeAt(path: string, sync = false): JournalSessionStore {
  const store = new JournalSessionStore(new FileJournal(path, sync));
  paths.set(store, path);
  return store;
}

function freshPath(): string {
  count += 1;
  return join(folder, "some", "where", `${count}.journal`);
}

const pathOf = (store: JournalSessionStore): string => paths.get(store) as string;

describe("the file store", () => {
  sessionStoreSuite(
    {
      create: async () => storeAt(freshPath()),
      reopen: async (store) => {
        await store.close();
        return storeAt(pathOf(store));
      },
      kill: async (store) => {
        const copy = freshPath();
        await copyFile(pathOf(store), copy);
        await store.close(); // of no effect on the copy
        return storeAt(copy);
      },
      messageCount: (store) => store.messageCount,
      dispose: (store) => store.close().catch(() => {}),
    },
    { describe, test, expect, fastCheck },
  );
});

const session = {
  clientIdentifier: "a",
  sessionExpiryInterval: 10,
  disconnectedAtMs: undefined,
  userName: undefined,
  will: undefined,
};

/** The Client Identifiers that a store at `path` knows. */
async function sessionsAt(path: string): Promise<string[]> {
  const found: string[] = [];
  const { store } = fileSessionStore(path, { sync: false });
  const nothing = (): void => {};
  await store.recover({
    session: ({ clientIdentifier }) => void found.push(clientIdentifier),
    subscription: nothing,
    delivery: nothing,
    inbound: nothing,
    retained: nothing,
  });
  await store.close();
  return found;
}

async function writeSessions(path: string, names: readonly string[]): Promise<void> {
  const store = storeAt(path, true);
  await store.recover({ session() {}, subscription() {}, delivery() {}, inbound() {}, retained() {} });
  for (const clientIdentifier of names) {
    store.putSession({ ...session, clientIdentifier });
    const ticket = store.seal();
    await new Promise<void>((resolve) => {
      store.onDurable = (upTo) => void (upTo >= ticket && resolve());
    });
  }
  await store.close();
}

describe("a journal that a crash has cut", () => {
  test("holds what was whole, at every length", async () => {
    const path = freshPath();
    await writeSessions(path, ["a", "b", "c"]);
    const whole = await readFile(path);
    let most = 0;
    for (let length = 0; length <= whole.length; length += 7) {
      const cut = freshPath();
      await copyFile(path, cut);
      await truncate(cut, length);
      const found = await sessionsAt(cut);
      expect(["a", "b", "c"].slice(0, found.length)).toEqual(found);
      expect(found.length).toBeGreaterThanOrEqual(most);
      most = found.length;
    }
    expect(await sessionsAt(path)).toEqual(["a", "b", "c"]);
  });

  test("is not believed where its checksum is wrong", async () => {
    const path = freshPath();
    await writeSessions(path, ["a", "b"]);
    const bytes = await readFile(path);
    bytes[bytes.length - 1] ^= 1;
    await writeFile(path, bytes);
    expect(await sessionsAt(path)).toEqual(["a"]);
  });
});

test("a long journal is put together anew", async () => {
  const path = freshPath();
  const store = storeAt(path);
  await store.recover({ session() {}, subscription() {}, delivery() {}, inbound() {}, retained() {} });
  store.putSession(session);
  const payload = new Uint8Array(10_000);
  const delivery = { qos: 1, retain: false, subscriptionIdentifiers: undefined, sharedFilter: undefined } as const;
  const content = { topicName: "t", payload, properties: new Uint8Array(0), qos: 1 as const, expiresAtMs: 1 };
  for (let deliveryNumber = 1; deliveryNumber <= 1_000; deliveryNumber += 1) {
    const stored = () => ({ ...content, publisherIdentifier: undefined });
    store.enqueue("a", { ...delivery, deliveryNumber }, { messageNumber: 0, stored });
    store.done("a", deliveryNumber);
    store.seal();
  }
  await store.close();
  expect((await readFile(path)).length).toBeLessThan(3_000_000);
  expect(await sessionsAt(path)).toEqual(["a"]);
});

test("a folder that cannot be written to fails to recover", async () => {
  const path = freshPath();
  await writeSessions(path, ["a"]);
  const { store } = fileSessionStore(join(path, "below-a-file"));
  const recovering = store.recover({ session() {}, subscription() {}, delivery() {}, inbound() {}, retained() {} });
  await expect(recovering).rejects.toMatchObject({ code: expect.stringMatching(/ENOTDIR|EEXIST/) });
});
