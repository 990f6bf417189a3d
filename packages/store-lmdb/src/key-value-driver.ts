/**
 * What the session store asks of an engine that keeps bytes under keys, in the order of the keys' bytes. LMDB is behind
 * `lmdbDriver`; another engine takes its place by doing the same.
 */

/** One row to be written; without a value: to be removed, if it is there. */
export interface KeyValueChange {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

/** One row as it is. */
export interface KeyValueEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface KeyValueDriver {
  /**
   * Makes all changes or none, in their order, and resolves when they are as durable as the driver was asked to make
   * them. Called again only when the promise has settled; the bytes are not changed meanwhile. Rejects with an error
   * whose `code` is `ENOSPC` when there is no room: the same changes are then tried again later. Any other rejection is
   * final.
   */
  write(changes: readonly KeyValueChange[]): Promise<void>;
  /** The row as of the last write that resolved. The caller owns the bytes. */
  get(key: Uint8Array): Uint8Array | undefined;
  /**
   * Rows with `from` <= key < `to`, in order. Nothing is written while it runs. The caller owns the bytes of the keys;
   * those of a value are the driver's again with the next row, or the next `get`.
   */
  entries(from: Uint8Array, to: Uint8Array): Iterable<KeyValueEntry>;
  /** Rows altogether; for progress, so about is enough. */
  entryCount(): number;
  /** Bytes that can still be written before `write` finds no room. Infinity: nobody knows. */
  freeBytes(): number;
  /**
   * Gives the disk back what is free in the file, if the engine can while it is open. Called while no write is under way;
   * `get` and `entries` go on. When it rejects, the driver works on as before, unless the error has `isFatal`.
   */
  compact?(): Promise<void>;
  /** Lets go of everything. Called once, when no write is under way. */
  close(): Promise<void>;
}
