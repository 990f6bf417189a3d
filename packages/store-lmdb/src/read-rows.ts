/** Walks through tables, letting others have the thread now and then, and says how far it is. */
import type { KeyValueDriver } from "./key-value-driver.js";
import { keyBehind, type Table, tableRange } from "./keys.js";
import type { RowSlab } from "./row-slab.js";
import type { StoreProgress } from "./store-options.js";

const ROWS_AT_ONCE = 2000;
const PROGRESS_ROWS = 50_000;

export class RowReader {
  /** Rows so far. */
  done = 0;
  private readonly total: number;

  constructor(
    private readonly driver: KeyValueDriver,
    private readonly phase: StoreProgress["phase"],
    private readonly onProgress: ((progress: StoreProgress) => void) | undefined,
  ) {
    this.total = driver.entryCount();
  }

  /** Calls `visit` with each row of a table, in order. */
  async each(
    table: Table,
    visit: (key: Uint8Array, value: Uint8Array) => void,
    /** The key to begin with. Default: all rows. */
    begin?: Uint8Array,
  ): Promise<void> {
    let [from, to] = tableRange(table);
    from = begin ?? from;
    for (;;) {
      let count = 0;
      for (const { key, value } of this.driver.entries(from, to)) {
        visit(key, value);
        from = key;
        if (++count === ROWS_AT_ONCE) break;
      }
      this.advance(count);
      if (count < ROWS_AT_ONCE) return;
      from = keyBehind(from);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** The same for rows that were kept, with where each lies; they are kept no longer. */
  async eachKept(slab: RowSlab, visit: (bytes: Uint8Array, start: number, end: number) => void): Promise<void> {
    while (slab.size > 0) {
      this.advance(slab.take(visit));
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  private advance(count: number): void {
    const before = this.done;
    this.done += count;
    if (Math.floor(this.done / PROGRESS_ROWS) === Math.floor(before / PROGRESS_ROWS)) return;
    this.onProgress?.({ phase: this.phase, done: this.done, total: Math.max(this.total, this.done) });
  }
}
