/**
 * Batches on their way to the driver. One write at a time; what is sealed meanwhile goes together with the next one. A
 * full disk is waited out: the same changes are tried again until they find room. Any other failure is the end.
 */
import type { Ticket } from "@tidings/session";
import type { KeyValueChange, KeyValueDriver } from "./key-value-driver.js";

/** Time, as far as a store needs it. */
export interface StoreScheduler {
  /** Runs the task after so many milliseconds, unless the answer is called before. */
  after(delayMs: number, task: () => void): () => void;
}

export interface CommitLimits {
  /** Bytes of the disk that are kept free: with less room no more messages are taken. */
  reservedBytes: number;
  /** Between two looks at the room, and two tries on a full disk. */
  retryIntervalMs: number;
  /** How long batches are gathered before they are written. 0: not at all. */
  gatherMs: number;
}

/** A change that may still be taken back or replaced while `generation` is that of the queue. */
export interface PendingChange {
  readonly key: Uint8Array;
  value: Uint8Array | undefined;
  generation: number;
}

interface Write {
  changes: KeyValueChange[];
  ticket: Ticket;
  bytes: number;
}

/** What is written between two looks at the room. */
const ROOM_CHECK_BYTES = 4 * 1_048_576;
/** There has to be so much more room again before messages are taken, lest it goes to and fro. */
const ROOM_AGAIN = 1.25;

export class CommitQueue {
  durableUpTo: Ticket = 0;
  /** Bytes of sealed batches that are not durable. */
  bytes = 0;
  hasRoom = true;
  /** Grows with each write that begins: changes sealed under another one are on their way. */
  generation = 0;
  onDurable: (upTo: Ticket) => void = () => {};
  onFailure: (error: Error) => void = () => {};
  onRoomChange: (hasRoom: boolean) => void = () => {};
  private waiting: Write = { changes: [], ticket: 0, bytes: 0 };
  private writing: Write | undefined = undefined;
  private uncheckedBytes = 0;
  private cancelRoomCheck: (() => void) | undefined = undefined;
  private cancelGathering: (() => void) | undefined = undefined;
  private cancelRetry: (() => void) | undefined = undefined;
  /** The last try found no room. */
  private wasRefused = false;
  private isClosing = false;
  private isFailed = false;
  /** While nothing may be written. */
  private paused: Promise<void> | undefined = undefined;
  /** What was under way when the pause began has come to its end. */
  private onPause: (() => void) | undefined = undefined;
  private idle: { resolve: () => void; reject: (error: Error) => void } | undefined = undefined;

  constructor(
    private readonly driver: KeyValueDriver,
    private readonly scheduler: StoreScheduler,
    private readonly limits: CommitLimits,
  ) {}

  /** Takes the changes of a batch; they become durable together. */
  seal(changes: readonly KeyValueChange[], ticket: Ticket, bytes: number): void {
    if (this.isFailed) return;
    const { waiting } = this;
    for (const change of changes) waiting.changes.push(change);
    waiting.ticket = ticket;
    waiting.bytes += bytes;
    this.bytes += bytes;
    if (this.writing !== undefined) return;
    if (this.limits.gatherMs === 0 || this.isClosing) this.write();
    else {
      this.cancelGathering ??= this.scheduler.after(this.limits.gatherMs, () => {
        this.cancelGathering = undefined;
        if (this.writing === undefined) this.write();
      });
    }
  }

  /** Resolves when everything is durable; rejects when it cannot be. Nothing may be sealed behind it. */
  async close(): Promise<void> {
    if (this.paused !== undefined) await this.paused;
    this.isClosing = true;
    this.cancelRoomCheck?.();
    this.cancelGathering?.();
    this.cancelRetry?.();
    if (this.isFailed) return;
    if (this.writing === undefined && this.waiting.ticket === 0) return;
    const idle = new Promise<void>((resolve, reject) => {
      this.idle = { resolve, reject };
    });
    if (this.cancelRetry !== undefined) this.attempt(this.writing as Write);
    else if (this.writing === undefined) this.write();
    await idle;
  }

  /**
   * Runs the task while nothing is written: what is sealed meanwhile goes with the next write. Rejects with the task, and
   * when the disk is too full for what is under way.
   */
  async pauseFor(task: () => Promise<void>): Promise<void> {
    if (this.paused !== undefined || this.isFailed || this.isClosing)
      throw new Error("the store is not to be disturbed now");
    const paused = this.runPaused(task);
    this.paused = paused.catch(() => {});
    try {
      await paused;
    } finally {
      this.paused = undefined;
      if (this.writing === undefined && !this.isFailed) this.write();
    }
  }

  private async runPaused(task: () => Promise<void>): Promise<void> {
    if (this.writing !== undefined && this.cancelRetry === undefined) {
      await new Promise<void>((resolve) => {
        this.onPause = resolve;
      });
    }
    if (this.writing !== undefined || this.isFailed) throw new Error("the disk is full, or has failed");
    await task();
  }

  /** Nothing more becomes durable. */
  fail(error: Error): void {
    if (this.isFailed) return;
    this.isFailed = true;
    this.cancelRoomCheck?.();
    this.cancelGathering?.();
    this.cancelRetry?.();
    this.pauseNow();
    if (this.idle !== undefined) this.idle.reject(error);
    else this.onFailure(error);
  }

  private write(): void {
    if (this.waiting.ticket === 0 || this.paused !== undefined) return;
    this.generation += 1;
    this.writing = this.waiting;
    this.waiting = { changes: [], ticket: 0, bytes: 0 };
    this.uncheckedBytes += this.writing.bytes;
    if (this.uncheckedBytes > ROOM_CHECK_BYTES) this.checkRoom();
    this.attempt(this.writing);
  }

  private attempt(write: Write): void {
    this.cancelRetry = undefined;
    this.driver.write(write.changes).then(
      () => this.written(write),
      (error) => this.refused(write, error),
    );
  }

  private written({ ticket, bytes }: Write): void {
    if (this.isFailed) return;
    this.wasRefused = false;
    this.writing = undefined;
    this.bytes -= bytes;
    this.durableUpTo = ticket;
    // What became durable is told before the next write, whose answer would come later anyway.
    if (this.waiting.ticket > 0) this.write();
    this.cancelRoomCheck ??= this.isClosing ? undefined : this.scheduler.after(this.limits.retryIntervalMs, this.look);
    this.pauseNow();
    this.onDurable(ticket);
    if (this.writing === undefined) this.idle?.resolve();
  }

  private pauseNow(): void {
    this.onPause?.();
    this.onPause = undefined;
  }

  private refused(write: Write, error: Error): void {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC" || this.isClosing) {
      this.fail(error);
      return;
    }
    this.wasRefused = true;
    this.pauseNow();
    this.setRoom(false);
    this.cancelRetry = this.scheduler.after(this.limits.retryIntervalMs, () => this.attempt(write));
  }

  private readonly look = (): void => {
    this.cancelRoomCheck = undefined;
    this.checkRoom();
    if (!this.hasRoom) this.cancelRoomCheck = this.scheduler.after(this.limits.retryIntervalMs, this.look);
  };

  private checkRoom(): void {
    this.uncheckedBytes = 0;
    const { reservedBytes } = this.limits;
    const free = this.driver.freeBytes();
    if (this.hasRoom) {
      if (free < reservedBytes) this.setRoom(false);
    } else if (free >= reservedBytes * ROOM_AGAIN && !this.wasRefused) {
      this.setRoom(true);
    }
  }

  private setRoom(hasRoom: boolean): void {
    if (this.hasRoom === hasRoom) return;
    this.hasRoom = hasRoom;
    if (!hasRoom) this.cancelRoomCheck ??= this.scheduler.after(this.limits.retryIntervalMs, this.look);
    // A check may have come from inside `seal`.
    queueMicrotask(() => this.onRoomChange(hasRoom));
  }
}
