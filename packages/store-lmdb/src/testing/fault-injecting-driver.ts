/**
 * A driver in memory that can lose, hold back, refuse and damage what is written: for tests of stores, and for
 * simulations of brokers on a disk that fails. What was flushed survives a power cut, what was only written survives a
 * kill.
 */
import type { KeyValueChange, KeyValueDriver } from "../key-value-driver.js";

/** The rows of one disk, by their keys as Latin-1 text, which sorts as the bytes do. */
type Rows = Map<string, Uint8Array>;

interface Write {
  readonly changes: readonly KeyValueChange[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class FaultInjectingDriver implements KeyValueDriver {
  /** False: a write waits until `flush`. */
  isAutomatic = true;
  /** What `freeBytes` answers. */
  room = Number.POSITIVE_INFINITY;
  /** Writes are refused with this error. */
  failure: Error | undefined = undefined;
  /** Writes that were done. */
  writeCount = 0;
  /** Rows that were put or removed, and bytes of their values. */
  changeCount = 0;
  writtenBytes = 0;
  private sorted: string[] | undefined = undefined;
  private waiting: Write | undefined = undefined;
  private isClosed = false;

  constructor(private readonly rows: Rows = new Map()) {}

  write(changes: readonly KeyValueChange[]): Promise<void> {
    if (this.waiting !== undefined) throw new Error("write was called before the last one was settled");
    if (this.isClosed) throw new Error("write was called after close");
    return new Promise((resolve, reject) => {
      this.waiting = { changes, resolve, reject };
      if (this.isAutomatic) setImmediate(() => this.flush());
    });
  }

  /** Does the write that waits, if there is one. */
  flush(): void {
    const { waiting } = this;
    if (waiting === undefined || this.isClosed) return;
    this.waiting = undefined;
    if (this.failure !== undefined) {
      waiting.reject(this.failure);
      return;
    }
    this.writeCount += 1;
    applyTo(this.rows, waiting.changes);
    for (const { value } of waiting.changes) {
      this.changeCount += 1;
      this.writtenBytes += value?.length ?? 0;
    }
    this.sorted = undefined;
    waiting.resolve();
  }

  /**
   * The disk after a power cut, in a driver of its own; this one does nothing more. `keepsWaiting`: the write that was
   * under way reached the disk, although nobody was told.
   */
  powerCut(keepsWaiting = false): FaultInjectingDriver {
    const rows = new Map(this.rows);
    if (keepsWaiting && this.waiting !== undefined) applyTo(rows, this.waiting.changes);
    this.isClosed = true;
    return new FaultInjectingDriver(rows);
  }

  /** The disk after a power cut of an engine that is not atomic: only the first `count` changes under way are there. */
  tornWrite(count: number): FaultInjectingDriver {
    const rows = new Map(this.rows);
    applyTo(rows, this.waiting?.changes.slice(0, count) ?? []);
    this.isClosed = true;
    return new FaultInjectingDriver(rows);
  }

  /** Changes what is on the disk behind everybody's back. Undefined: the row is gone. */
  damage(key: Uint8Array, change: (value: Uint8Array) => Uint8Array | undefined): void {
    const name = nameOf(key);
    const value = change(Uint8Array.from(this.rows.get(name) as Uint8Array));
    if (value === undefined) this.rows.delete(name);
    else this.rows.set(name, value);
    this.sorted = undefined;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const value = this.rows.get(nameOf(key));
    return value === undefined ? undefined : Uint8Array.from(value);
  }

  *entries(from: Uint8Array, to: Uint8Array): Iterable<readonly [Uint8Array, Uint8Array]> {
    this.sorted ??= [...this.rows.keys()].sort();
    const [first, end] = [nameOf(from), nameOf(to)];
    const { sorted } = this;
    for (let index = placeOf(sorted, first); index < sorted.length && sorted[index] < end; index++) {
      yield [Buffer.from(sorted[index], "latin1"), Uint8Array.from(this.rows.get(sorted[index]) as Uint8Array)];
    }
  }

  entryCount(): number {
    return this.rows.size;
  }

  freeBytes(): number {
    return this.room;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  /** The same disk for a process that opens it again. */
  reopened(): FaultInjectingDriver {
    this.isClosed = true;
    return new FaultInjectingDriver(this.rows);
  }
}

function applyTo(rows: Rows, changes: readonly KeyValueChange[]): void {
  for (const { key, value } of changes) {
    if (value === undefined) rows.delete(nameOf(key));
    else rows.set(nameOf(key), Uint8Array.from(value));
  }
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1");
}

/** Of the first that is not below. */
function placeOf(sorted: readonly string[], name: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
