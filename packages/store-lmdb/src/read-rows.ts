/** Walks through tables, letting others have the thread now and then, and says how far it is. */
import type { KeyValueDriver } from "./key-value-driver.js";
import { keyBehind, type Table, tableRange } from "./keys.js";
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
  async each(table: Table, visit: (key: Uint8Array, value: Uint8Array) => void): Promise<void> {
    let [from, to] = tableRange(table);
    for (;;) {
      let count = 0;
      for (const [key, value] of this.driver.entries(from, to)) {
        visit(key, value);
        from = key;
        if (++count === ROWS_AT_ONCE) break;
      }
      const before = this.done;
      this.done += count;
      if (Math.floor(this.done / PROGRESS_ROWS) > Math.floor(before / PROGRESS_ROWS)) {
        this.onProgress?.({ phase: this.phase, done: this.done, total: Math.max(this.total, this.done) });
      }
      if (count < ROWS_AT_ONCE) return;
      from = keyBehind(from);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}
