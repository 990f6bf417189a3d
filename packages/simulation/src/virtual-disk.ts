/**
 * A disk that outlives the processes which use it. It knows two states: what was committed, which a killed process leaves
 * behind, and what was flushed, which is all that a power cut leaves. It may be slow and it may be full.
 */
import type { KeyValueChange, KeyValueDriver, KeyValueEntry } from "@tidings/store-lmdb";
import type { Random } from "./random.js";
import type { VirtualClock } from "./virtual-clock.js";

/** When a write is answered. */
export type DiskDurability =
  /** When it is flushed. */
  | "fsync"
  /** When it is committed; the flush comes later. */
  | "write";

/** How to take a row back: undefined is no row. */
interface Undo {
  readonly name: string;
  readonly value: Uint8Array | undefined;
}

interface Batch {
  readonly undo: readonly Undo[];
}

export class VirtualDisk {
  durability: DiskDurability = "fsync";
  /** Bytes that the disk takes. */
  room = Number.POSITIVE_INFINITY;
  /** A flush takes from 0 to so many milliseconds. */
  flushMsMax = 10;
  /** Asked for each row that is to be put; true: it is forgotten, and nobody is told. */
  loses: (key: Uint8Array) => boolean = () => false;
  /** Writes answered well, and refused for lack of room. */
  writes = 0;
  refusals = 0;
  /** Keys as Latin-1 text, which sorts as the bytes do. */
  private readonly rows = new Map<string, Uint8Array>();
  private sorted: string[] | undefined;
  private unflushed: Batch[] = [];
  private process: VirtualDriver | undefined;

  constructor(
    readonly clock: VirtualClock,
    readonly random: Random,
  ) {}

  /** The driver of a process that begins to use the disk. The one before has ended or hears nothing any more. */
  open(): KeyValueDriver {
    this.process?.end();
    this.process = new VirtualDriver(this);
    return this.process;
  }

  /** The process is gone; the operating system flushes what was committed. */
  kill(): void {
    this.process?.end();
    this.unflushed = [];
  }

  /** The machine is gone, and with it what was not flushed, but for the batches that the disk had done by chance. */
  powerCut(): void {
    this.process?.end();
    const kept = this.random.below(this.unflushed.length + 1);
    for (const { undo } of this.unflushed.splice(kept).reverse()) {
      for (const { name, value } of [...undo].reverse()) this.put(name, value);
    }
    this.unflushed = [];
  }

  /** @internal */
  commit(changes: readonly KeyValueChange[]): Batch {
    const undo: Undo[] = [];
    for (const { key, value } of changes) {
      if (value !== undefined && this.loses(key)) continue;
      const name = nameOf(key);
      undo.push({ name, value: this.rows.get(name) });
      this.put(name, value === undefined ? undefined : Uint8Array.from(value));
    }
    const batch = { undo };
    this.unflushed.push(batch);
    return batch;
  }

  /** @internal With all that was committed before. */
  flush(batch: Batch): void {
    this.unflushed.splice(0, this.unflushed.indexOf(batch) + 1);
  }

  /** @internal */
  get(key: Uint8Array): Uint8Array | undefined {
    const value = this.rows.get(nameOf(key));
    return value === undefined ? undefined : Uint8Array.from(value);
  }

  /** @internal */
  *entries(from: Uint8Array, to: Uint8Array): Iterable<KeyValueEntry> {
    this.sorted ??= [...this.rows.keys()].sort();
    const [first, end] = [nameOf(from), nameOf(to)];
    for (const name of this.sorted) {
      if (name >= first && name < end) {
        yield { key: Buffer.from(name, "latin1"), value: Uint8Array.from(this.rows.get(name) as Uint8Array) };
      }
    }
  }

  get rowCount(): number {
    return this.rows.size;
  }

  private put(name: string, value: Uint8Array | undefined): void {
    if (value === undefined) this.rows.delete(name);
    else this.rows.set(name, value);
    this.sorted = undefined;
  }
}

/** One process at the disk. */
class VirtualDriver implements KeyValueDriver {
  private isOver = false;

  constructor(private readonly disk: VirtualDisk) {}

  /** Nothing of it is heard of any more. */
  end(): void {
    this.isOver = true;
  }

  write(changes: readonly KeyValueChange[]): Promise<void> {
    const { disk } = this;
    const { clock, random } = disk;
    return new Promise((resolve, reject) => {
      const bytes = changes.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0);
      this.later(random.between(0, 2), () => {
        if (bytes > disk.room) {
          disk.refusals += 1;
          reject(Object.assign(new Error("no space left on the virtual disk"), { code: "ENOSPC" }));
          return;
        }
        const batch = disk.commit(changes);
        const flushMs = random.between(0, disk.flushMsMax);
        const answer = (): void => {
          disk.writes += 1;
          resolve();
        };
        if (disk.durability === "write") answer();
        clock.after(flushMs, () => {
          if (this.isOver) return;
          disk.flush(batch);
          if (disk.durability === "fsync") answer();
        });
      });
    });
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.disk.get(key);
  }

  entries(from: Uint8Array, to: Uint8Array): Iterable<KeyValueEntry> {
    return this.disk.entries(from, to);
  }

  entryCount(): number {
    return this.disk.rowCount;
  }

  freeBytes(): number {
    return this.disk.room;
  }

  async close(): Promise<void> {
    this.end();
  }

  private later(delayMs: number, task: () => void): void {
    this.disk.clock.after(delayMs, () => {
      if (!this.isOver) task();
    });
  }
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1");
}
