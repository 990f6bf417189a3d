/**
 * LMDB behind the driver's interface: one file, written by one process, read by any number. Writes happen on a thread of
 * LMDB's own; reads are synchronous, from memory that maps the file.
 */
import { closeSync, fsyncSync, openSync, renameSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { open, type RootDatabase, type Transaction } from "lmdb";
import type { KeyValueChange, KeyValueDriver, KeyValueEntry } from "./key-value-driver.js";
import { compactPath, removeDatabase } from "./store-directory.js";

/** When a write counts as done; what can be lost is told in the README. */
export type LmdbDurability =
  /** The disk has it. */
  | "fsync"
  /** The operating system has it, and hands it to the disk soon. */
  | "write";

export interface LmdbDriverOptions {
  /** Default "fsync". */
  durability?: LmdbDurability;
  /** Reads the file as it is at this moment, whoever writes it, and writes nothing. Default false. */
  readOnly?: boolean;
}

/** Opens the file, and makes it if it is not there. Throws what LMDB throws. */
export function lmdbDriver(path: string, options: LmdbDriverOptions = {}): KeyValueDriver {
  return new LmdbDriver(path, options);
}

/** Copies the file without what is free in it. */
export async function copyCompact(path: string, target: string): Promise<void> {
  const database = open({ path, noSubdir: true, readOnly: true });
  await database.backup(target, true);
  await database.close();
}

class LmdbDriver implements KeyValueDriver {
  private database: RootDatabase<Uint8Array, Uint8Array>;
  /** Of a reader, from beginning to end. */
  private readonly transaction: Transaction | undefined;

  constructor(
    private readonly path: string,
    private readonly options: LmdbDriverOptions,
  ) {
    this.database = openDatabase(path, options);
    this.transaction = options.readOnly ? this.database.useReadTransaction() : undefined;
  }

  async write(changes: readonly KeyValueChange[]): Promise<void> {
    if (changes.length === 0) return;
    const { database } = this;
    let bytes = 0;
    let last: Promise<unknown> | undefined;
    // Whatever is put within one turn is one transaction; `batch` answers for all of it.
    const written = database.batch(() => {
      for (const { key, value } of changes) {
        bytes += key.length + (value?.length ?? 0) + PAGE_BYTES;
        const promise = value === undefined ? database.remove(key) : database.put(key, value);
        if (promise !== last) promise.catch(() => {});
        last = promise;
      }
    });
    try {
      await written;
    } catch (error) {
      throw await this.reasonOf(error as Error, bytes);
    }
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const database = this.database as unknown as BinaryReader;
    return database.getBinary(key, { transaction: this.transaction });
  }

  entries(from: Uint8Array, to: Uint8Array): Iterable<KeyValueEntry> {
    return this.database.getRange({ start: from, end: to, transaction: this.transaction });
  }

  entryCount(): number {
    return (this.database.getStats() as LmdbStatistics).entryCount;
  }

  freeBytes(): number {
    return this.diskBytes() + this.unusedBytes();
  }

  async compact(): Promise<void> {
    const { path, options, database } = this;
    if (process.platform === "win32") throw new Error("Windows moves no file that is open: stop the broker first");
    const copy = compactPath(path);
    removeDatabase(copy);
    try {
      await database.backup(copy, true);
      flush(copy);
      this.database = openDatabase(copy, options);
    } catch (error) {
      removeDatabase(copy);
      throw error;
    }
    // Nothing is written meanwhile: whenever this ends, the old file holds the same.
    try {
      await database.close();
      renameSync(`${copy}-lock`, `${path}-lock`);
      renameSync(copy, path);
      flush(dirname(path));
    } catch (error) {
      throw Object.assign(error as Error, { isFatal: true });
    }
  }

  close(): Promise<void> {
    this.transaction?.done();
    return this.database.close();
  }

  /** LMDB tells the cause of a failed commit apart from the failure, and calls a write that came to an end an I/O error. */
  private async reasonOf(error: Error & { commitError?: Promise<unknown> }, bytes: number): Promise<Error> {
    const cause = (await error.commitError?.catch((reason: unknown) => reason)) ?? error;
    const { message, code } = cause as NodeJS.ErrnoException;
    const isFull = /no space|not enough space|MDB_MAP_FULL/i.test(message) || this.diskBytes() < 2 * bytes + FULL_BYTES;
    return Object.assign(new Error(message, { cause }), { code: isFull ? "ENOSPC" : String(code) });
  }

  /** Free for this user. Infinity where the directory is gone: that is no lack of room, and the next write tells. */
  private diskBytes(): number {
    try {
      const { bavail, bsize } = statfsSync(dirname(this.path));
      return bavail * bsize;
    } catch {
      return Number.POSITIVE_INFINITY;
    }
  }

  /** Of the file: pages that the next writes take first. */
  private unusedBytes(): number {
    const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages, lastPageNumber } =
      this.database.getStats() as LmdbStatistics;
    const used = (treeBranchPageCount + treeLeafPageCount + overflowPages) * pageSize;
    return Math.max(0, lastPageNumber * pageSize - used) * UNUSED_SHARE;
  }
}

function openDatabase(path: string, { durability = "fsync", readOnly = false }: LmdbDriverOptions) {
  return open<Uint8Array, Uint8Array>({
    path,
    noSubdir: true,
    keyEncoding: "binary",
    encoding: "binary",
    encoder: VALUES_AS_THEY_LIE,
    readOnly,
    // `batch` makes the transaction; what else LMDB gathers would reject where nobody listens.
    eventTurnBatching: false,
    // With it a commit is answered before it is flushed, but a crash of the machine leaves the last flushed one.
    overlappingSync: !readOnly && durability === "write",
  });
}

/** Sees to it that the disk has the file, or what a directory says of its files. */
function flush(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * LMDB hands the values of a scan over in memory that it uses again for the next one. They are passed on as they are: a
 * copy of each would cost more than all the rest of the scan.
 */
const VALUES_AS_THEY_LIE = {
  encode: (value: Uint8Array): Uint8Array => value,
  // LMDB has given `length` a value of its own, which the array itself does not heed.
  decode: ({ buffer, byteOffset, length }: Uint8Array): Uint8Array => Buffer.from(buffer, byteOffset, length),
};

/** What a changed row may cost beside itself, at least. */
const PAGE_BYTES = 4096;
/** With less than that on the disk a failed write is one that found no room. */
const FULL_BYTES = 1_048_576;

/** Pages that old snapshots hold, and those that lie badly, cannot be taken. */
const UNUSED_SHARE = 0.5;

/** LMDB's types leave out the options. */
interface BinaryReader {
  getBinary(key: Uint8Array, options: { transaction: Transaction | undefined }): Uint8Array | undefined;
}

interface LmdbStatistics {
  pageSize: number;
  entryCount: number;
  treeBranchPageCount: number;
  treeLeafPageCount: number;
  overflowPages: number;
  lastPageNumber: number;
}
