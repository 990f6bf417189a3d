import { expect, test } from "vitest";
import { checkFormat, type Migration } from "./format-version.js";
import { metaKey } from "./keys.js";
import { decodeMetaRow, MetaName } from "./meta-row.js";
import { FaultInjectingDriver } from "./testing/index.js";

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
