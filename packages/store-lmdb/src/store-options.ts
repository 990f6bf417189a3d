/** What whoever opens a store may choose, beside where it lies. */
import type { CommitLimits, StoreScheduler } from "./commit-queue.js";

/** How far a store is with taking up what it holds. */
export interface StoreProgress {
  /** "load" reads what is there, "recover" hands it to the broker. */
  readonly phase: "load" | "recover";
  /** Rows so far. */
  readonly done: number;
  /** Rows in all, about. */
  readonly total: number;
}

export interface KeyValueStoreOptions {
  /** Bytes of the disk that are kept free: with less room no more messages are taken. Default 64 MiB. */
  reservedBytes?: number;
  /** Between two looks at a full disk. Default 1000 ms. */
  retryIntervalMs?: number;
  /**
   * Promises nothing: everything counts as durable at once, and batches are gathered for so long before they are
   * written. Default 0 ms: batches are written as they are sealed, and durable when the driver says so.
   */
  gatherMs?: number;
  /** Retained messages whose rows may be out of date, their frames being kept. Default 1024. */
  pendingRetainedMax?: number;
  /** Bytes in frames, beyond what is in use, that may be of messages that nobody needs any more. Default 8 MiB. */
  deadBytesMax?: number;
  /** Called now and then while the store is opened and recovered. */
  onProgress?: (progress: StoreProgress) => void;
  /** Default: Node's timers. */
  scheduler?: StoreScheduler;
}

export interface StoreSettings extends CommitLimits {
  readonly pendingRetainedMax: number;
  readonly deadBytesMax: number;
  readonly onProgress: ((progress: StoreProgress) => void) | undefined;
  readonly scheduler: StoreScheduler;
}

const nodeScheduler: StoreScheduler = {
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export function settingsOf(options: KeyValueStoreOptions): StoreSettings {
  return {
    reservedBytes: options.reservedBytes ?? 64 * 1_048_576,
    retryIntervalMs: options.retryIntervalMs ?? 1000,
    gatherMs: options.gatherMs ?? 0,
    pendingRetainedMax: options.pendingRetainedMax ?? 1024,
    deadBytesMax: options.deadBytesMax ?? 8 * 1_048_576,
    onProgress: options.onProgress,
    scheduler: options.scheduler ?? nodeScheduler,
  };
}
