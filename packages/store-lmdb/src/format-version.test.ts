import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { checkFormat, type Migration } from "./format-version.js";
import { KeyValueSessionStore } from "./key-value-session-store.js";
import { metaKey, Table, tableRange } from "./keys.js";
import { lmdbDriver } from "./lmdb-driver.js";
import { loadState } from "./load-state.js";
import { decodeMetaRow, MetaName } from "./meta-row.js";
import { FaultInjectingDriver } from "./testing/index.js";
import { temporaryDirectories } from "./testing/temporary-directories.js";

const temporaryDirectory = temporaryDirectories(afterAll);
/** A table that there is no more. */
const OLD_TABLE = 0x51;

const versionOf = (driver: FaultInjectingDriver) => decodeMetaRow(driver.get(metaKey(MetaName.Format)) as Uint8Array);
const key = Uint8Array.of(1);

/** Each appends the version that it comes from to a row. */
const migrations = new Map<number, Migration>(
  [1, 2].map((from) => [from, async (driver) => [{ key, value: Uint8Array.from([...(driver.get(key) ?? []), from]) }]]),
);

test("an empty store is given the current version", async () => {
  const driver = new FaultInjectingDriver();
  await checkFormat(driver, "here");
  expect(versionOf(driver)).toBe(1);
});

test("an older store is brought up to date, one version after the other, each with its mark", async () => {
  const driver = new FaultInjectingDriver();
  await checkFormat(driver, "here", 1);
  await checkFormat(driver, "here", 3, migrations);
  expect([versionOf(driver), [...(driver.get(key) ?? [])], driver.writeCount]).toEqual([3, [1, 2], 3]);
  await checkFormat(driver, "here", 3, migrations);
  expect(driver.writeCount).toBe(3);
});

test("a migration that a power cut ends is done again from where it was", async () => {
  const driver = new FaultInjectingDriver();
  await checkFormat(driver, "here", 1);
  driver.isAutomatic = false;
  void checkFormat(driver, "here", 2, migrations);
  await Promise.resolve();
  await Promise.resolve();
  const next = driver.powerCut();
  expect(versionOf(next)).toBe(1);
  await checkFormat(next, "here", 2, migrations);
  expect([versionOf(next), [...(next.get(key) ?? [])]]).toEqual([2, [1]]);
});

test("what is newer, too old or something else is refused", async () => {
  const driver = new FaultInjectingDriver();
  await checkFormat(driver, "here", 2);
  const refused = { code: "TIDINGS_STORE_FORMAT", message: expect.stringContaining("here") };
  await expect(checkFormat(driver, "here", 1)).rejects.toMatchObject(refused);
  await expect(checkFormat(driver, "here", 3)).rejects.toMatchObject(refused);
  const other = new FaultInjectingDriver();
  await other.write([{ key, value: key }]);
  await expect(checkFormat(other, "here")).rejects.toMatchObject(refused);
});

test("a store of the version before is brought up to date where it lies, and its content with it", async () => {
  const path = join(temporaryDirectory(), "data.mdb");
  // Version 0, as it might have been: retained messages without the byte of their table in front of their keys.
  const written = lmdbDriver(path);
  await checkFormat(written, "here", 0);
  const store = new KeyValueSessionStore(written, undefined, { pendingRetainedMax: 0 });
  for (const topicName of ["a", "b/c"]) {
    store.setRetained(topicName, {
      messageNumber: 0,
      stored: () => ({
        topicName,
        payload: Uint8Array.of(1),
        properties: new Uint8Array(),
        qos: 1,
        expiresAtMs: Number.POSITIVE_INFINITY,
        publisherIdentifier: undefined,
      }),
    });
  }
  await store.close();
  const before = lmdbDriver(path);
  const rows = Array.from(before.entries(...tableRange(Table.Retained)), ({ key, value }) => ({
    key,
    value: Uint8Array.from(value),
  }));
  expect(rows).toHaveLength(2);
  await before.write(
    rows.flatMap(({ key, value }) => [
      { key, value: undefined },
      { key: Uint8Array.of(OLD_TABLE, ...key.subarray(1)), value },
    ]),
  );
  const migrate: Migration = async (driver) =>
    Array.from(driver.entries(Uint8Array.of(OLD_TABLE), Uint8Array.of(OLD_TABLE + 1)), ({ key, value }) => [
      { key, value: undefined },
      { key: Uint8Array.of(Table.Retained, ...key.subarray(1)), value: Uint8Array.from(value) },
    ]).flat();
  await before.close();
  const after = lmdbDriver(path);
  await checkFormat(after, "here", 1, new Map([[0, migrate]]));
  expect(decodeMetaRow(after.get(metaKey(MetaName.Format)) as Uint8Array)).toBe(1);
  const migrated = new KeyValueSessionStore(after, await loadState(after));
  const topics: string[] = [];
  const nothing = (): void => {};
  const visitor = { session: nothing, subscription: nothing, delivery: nothing, inbound: nothing };
  await migrated.recover({ ...visitor, retained: ({ topicName }) => void topics.push(topicName) });
  expect(topics).toEqual(["a", "b/c"]);
  await migrated.close();
});
