/**
 * The version of keys and rows. A newer Tidings brings an older store up to date, step by step; an older one refuses.
 */
import type { KeyValueChange, KeyValueDriver } from "./key-value-driver.js";
import { metaKey } from "./keys.js";
import { decodeMetaRow, encodeMetaRow, MetaName } from "./meta-row.js";
import { StoreError } from "./store-error.js";

export const FORMAT_VERSION = 1;

/** What has to change to come from one version to the next; the version itself is added. */
export type Migration = (driver: KeyValueDriver) => Promise<KeyValueChange[]>;

/** By the version they start from. */
const MIGRATIONS: ReadonlyMap<number, Migration> = new Map();

/** Makes sure that the store is of the current version, or becomes so. `where` is for the error. */
export async function checkFormat(
  driver: KeyValueDriver,
  where: string,
  current = FORMAT_VERSION,
  migrations = MIGRATIONS,
): Promise<void> {
  const row = driver.get(metaKey(MetaName.Format));
  let version = row === undefined ? undefined : decodeMetaRow(row);
  if (version === undefined) {
    if (driver.entryCount() > 0) throw new StoreError("TIDINGS_STORE_FORMAT", `${where} holds something else.`);
    await driver.write([formatChange(current)]);
    return;
  }
  if (version > current) {
    throw new StoreError(
      "TIDINGS_STORE_FORMAT",
      `The store in ${where} has format ${version}; this version of Tidings knows formats up to ${current}. ` +
        "Use a newer version, or another directory.",
    );
  }
  for (; version < current; version++) {
    const migrate = migrations.get(version);
    if (migrate === undefined) {
      throw new StoreError("TIDINGS_STORE_FORMAT", `The store in ${where} has format ${version}, which is too old.`);
    }
    // One batch: a process that ends meanwhile leaves the old version, or the new one.
    await driver.write([...(await migrate(driver)), formatChange(version + 1)]);
  }
}

function formatChange(version: number): KeyValueChange {
  return { key: metaKey(MetaName.Format), value: encodeMetaRow(version) };
}
