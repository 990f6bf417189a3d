/** The suite of every store over LMDB, with a file of its own for each test; and what LMDB's driver does besides. */
import { copyFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { sessionStoreSuite } from "@tidings/session/testing";
import fastCheck from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { KeyValueDriver } from "./key-value-driver.js";
import { KeyValueSessionStore } from "./key-value-session-store.js";
import { lmdbDriver } from "./lmdb-driver.js";
import { loadState } from "./load-state.js";
import { temporaryDirectories } from "./testing/temporary-directories.js";

const temporaryDirectory = temporaryDirectories(afterAll);

interface Life {
  readonly path: string;
  readonly driver: KeyValueDriver;
  /** The last write; more are held back when the process is "killed". */
  written: Promise<void>;
  killed: boolean;
}

const lives = new WeakMap<KeyValueSessionStore, Life>();

async function storeIn(path: string): Promise<KeyValueSessionStore> {
  const driver = lmdbDriver(path, { durability: "write" });
  const life: Life = { path, driver, written: Promise.resolve(), killed: false };
  const write = driver.write.bind(driver);
  driver.write = (changes) => {
    if (life.killed) return new Promise(() => {});
    life.written = write(changes);
    return life.written;
  };
  // A killed process does not look at its disk again.
  const freeBytes = driver.freeBytes.bind(driver);
  driver.freeBytes = () => (life.killed ? Number.POSITIVE_INFINITY : freeBytes());
  const store = new KeyValueSessionStore(driver, await loadState(driver));
  lives.set(store, life);
  return store;
}

const lifeOf = (store: KeyValueSessionStore) => lives.get(store) as Life;
const newPath = () => join(temporaryDirectory(), "data.mdb");

describe("a store over LMDB", () => {
  sessionStoreSuite<KeyValueSessionStore>(
    {
      create: () => storeIn(newPath()),
      reopen: async (store) => {
        await store.close();
        return storeIn(lifeOf(store).path);
      },
      // What the operating system has of the file is what the next process would find.
      kill: async (store) => {
        const life = lifeOf(store);
        life.killed = true;
        await life.written;
        const path = newPath();
        copyFileSync(life.path, path);
        await life.driver.close();
        return storeIn(path);
      },
      messageCount: (store) => store.countMessages(),
      dispose: async (store) => {
        await store.close();
        rmSync(dirname(lifeOf(store).path), { recursive: true });
      },
    },
    { describe, test, expect, fastCheck },
  );
});

test("a driver knows its rows, in the order of their keys, and about its room", async () => {
  const driver = lmdbDriver(newPath());
  const row = (key: number, value: string) => ({ key: Uint8Array.of(7, key), value: Buffer.from(value) });
  await driver.write([row(2, "two"), row(1, "one"), row(3, "three"), row(2, "TWO")]);
  await driver.write([
    { key: Uint8Array.of(7, 3), value: undefined },
    { key: Uint8Array.of(7, 9), value: undefined },
  ]);
  await driver.write([]);
  const found = [...driver.entries(Uint8Array.of(7), Uint8Array.of(8))];
  expect(found.map(([key, value]) => [key[1], Buffer.from(value).toString()])).toEqual([
    [1, "one"],
    [2, "TWO"],
  ]);
  expect([...driver.entries(Uint8Array.of(7, 2), Uint8Array.of(7, 2, 0))]).toHaveLength(1);
  expect([driver.entryCount(), driver.get(Uint8Array.of(7, 3))]).toEqual([2, undefined]);
  expect(driver.freeBytes()).toBeGreaterThan(0);
  await driver.close();
});
