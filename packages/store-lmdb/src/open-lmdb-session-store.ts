/**
 * Opens the store in a directory: nobody else may use it meanwhile, its format has to fit, and what is damaged is moved
 * aside, so that the broker starts with what could be saved.
 */
import { existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type DirectoryLock, lockDirectory } from "./directory-lock.js";
import { checkFormat } from "./format-version.js";
import type { KeyValueDriver } from "./key-value-driver.js";
import { KeyValueSessionStore } from "./key-value-session-store.js";
import { type LmdbDurability, lmdbDriver } from "./lmdb-driver.js";
import { loadState } from "./load-state.js";
import { isReadable } from "./probe-file.js";
import { type RescuedContent, rescueStore } from "./rescue-store.js";
import {
  compactPath,
  dataPath,
  leaveCleanMark,
  readablePath,
  removeDatabase,
  rescuedPath,
  takeCleanMark,
} from "./store-directory.js";
import { StoreError } from "./store-error.js";
import type { KeyValueStoreOptions } from "./store-options.js";
import type { StoreState } from "./store-state.js";

export interface LmdbSessionStoreOptions extends Omit<KeyValueStoreOptions, "gatherMs"> {
  /** Made if it is not there. It belongs to one broker. */
  directory: string;
  /**
   * When an acknowledgement may leave. "fsync": when the disk has what it promises; nothing acknowledged is ever lost.
   * "write": when the operating system has it; a power cut loses what was acknowledged last, a crash of the process
   * nothing. "none": at once; every end that is not orderly loses up to a second. Default "fsync".
   */
  durability?: LmdbDurability | "none";
  /** Told when the store was damaged, and what became of it. */
  onDamage?: (report: DamageReport) => void;
}

export interface DamageReport {
  /** The damaged file, under its new name. */
  readonly movedTo: string;
  /** What was found first. */
  readonly problem: string;
  /** What the store holds now. */
  readonly saved: RescuedContent;
}

/** How long "none" gathers what it writes. */
const GATHER_MS = 1000;

/**
 * Resolves when the store is checked and can be recovered. Rejects with a `StoreError` whose message is for the one who
 * starts the broker.
 */
export async function openLmdbSessionStore(options: LmdbSessionStoreOptions): Promise<KeyValueSessionStore> {
  const { durability = "fsync", onDamage, ...storeOptions } = options;
  const directory = resolve(options.directory);
  makeDirectory(directory);
  const lock = await lockDirectory(directory);
  try {
    finishRescue(directory);
    const path = dataPath(directory);
    const open = (): KeyValueDriver => lmdbDriver(path, { durability: durability === "fsync" ? "fsync" : "write" });
    let problem: string | undefined;
    if (existsSync(path) && !takeCleanMark(directory) && !(await isReadable(path))) {
      problem = "the file cannot be read to its end";
    }
    if (problem === undefined) {
      const driver = open();
      try {
        await checkFormat(driver, directory);
        const state = await loadState(driver, storeOptions);
        return storeOf(driver, state, options, lock);
      } catch (error) {
        await driver.close();
        if ((error as Partial<StoreError>).code !== "TIDINGS_STORE_DAMAGED") throw error;
        problem = (error as Error).message;
      }
    }
    const movedTo = join(directory, `damaged-${new Date().toISOString().replace(/[:.]/g, "-")}.mdb`);
    const saved = await rescueStore(directory, movedTo);
    onDamage?.({ movedTo, problem, saved });
    const driver = open();
    const state = await loadState(driver, storeOptions);
    return storeOf(driver, state, options, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** The store, which others may ask to become smaller, and which lets the directory go at its end. */
function storeOf(
  driver: KeyValueDriver,
  state: StoreState,
  options: LmdbSessionStoreOptions,
  lock: DirectoryLock,
): KeyValueSessionStore {
  const directory = resolve(options.directory);
  closeWith(driver, directory, () => lock.release());
  const store = new KeyValueSessionStore(driver, state, { ...options, gatherMs: gatherMsOf(options.durability) });
  const bytes = (): number => statSync(dataPath(directory)).size;
  lock.onRequest = async () => {
    const bytesBefore = bytes();
    await store.compact();
    return { bytesBefore, bytesAfter: bytes() };
  };
  return store;
}

function gatherMsOf(durability: LmdbSessionStoreOptions["durability"]): number {
  return durability === "none" ? GATHER_MS : 0;
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { message } = error as Error;
    throw new StoreError("TIDINGS_STORE_DIRECTORY", `Cannot make the directory ${directory}: ${message}.`);
  }
}

/** A rescue that was interrupted: what it saved is complete as soon as the damaged file has gone. */
function finishRescue(directory: string): void {
  removeDatabase(compactPath(dataPath(directory)));
  removeDatabase(readablePath(directory));
  if (!existsSync(rescuedPath(directory))) return;
  if (existsSync(dataPath(directory))) removeDatabase(rescuedPath(directory));
  else renameSync(rescuedPath(directory), dataPath(directory));
}

/** Lets the lock go, and notes the orderly end, when the driver is closed. */
function closeWith(driver: KeyValueDriver, directory: string, release: () => Promise<void>): void {
  const close = driver.close.bind(driver);
  driver.close = async () => {
    await close();
    leaveCleanMark(directory);
    await release();
  };
}
