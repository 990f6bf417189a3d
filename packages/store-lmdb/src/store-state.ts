/**
 * What a store knows of its content while it runs: which sessions there are, which of their deliveries are not done, and
 * what refers to which record. The content itself is in the driver's rows.
 */
import type { StoredSession } from "@tidings/session";
import type { PendingChange } from "./commit-queue.js";
import { type Frame, FrameTable } from "./frame-table.js";
import { OutstandingDeliveries } from "./outstanding-deliveries.js";
import { RowSlab } from "./row-slab.js";

/** As many bytes of retained messages are kept between the check and the recovery; the others are read again. */
const KEPT_ROWS_BYTES_MAX = 512 * 1_048_576;

export class KeptSession {
  readonly deliveries = new OutstandingDeliveries();
  /** Inbound QoS 2 identifiers. */
  inbound: Set<number> | undefined = undefined;
  /** Filters of its subscriptions; most sessions have few. */
  filters: Set<string> | undefined = undefined;
  /** What the session is, as long as it is to be written. */
  changed: StoredSession | undefined = undefined;
  /** The cursor is to be written. */
  moved = false;
  /** The cursor as it waits to be written. */
  cursorChange: PendingChange | undefined = undefined;

  constructor(
    readonly number: number,
    readonly clientIdentifier: string,
  ) {}
}

/** What is to become of a topic's row. */
export interface PendingRetained {
  /** The record that says so; it stays until the row is written. */
  readonly record: number;
  /** 0: the row goes. */
  readonly messageNumber: number;
}

export class StoreState {
  readonly sessions = new Map<string, KeptSession>();
  readonly frames = new FrameTable();
  /** By the number of a record that refers to a message: the record that holds it. */
  readonly holders = new Map<number, number>();
  /** By the number of a message that was taken in again: the record that holds it now. */
  readonly again = new Map<number, number>();
  /** By the number of a record that holds a message again: the message's. */
  readonly againNumbers = new Map<number, number>();
  /** Retained messages whose rows are not up to date, by topic, in the order of their records. */
  readonly pendingRetained = new Map<string, PendingRetained>();
  /** How many of them are about to go. */
  pendingClears = 0;
  /** All rows were checked, and none was damaged. */
  isSound = true;
  /** The first rows of retained messages, checked. */
  readonly retainedRows: RowSlab;
  /** The key of the first that is not among them. */
  retainedRowsUpTo: Uint8Array | undefined = undefined;
  nextNumber = 1;
  nextSessionNumber = 1;
  /** Frames that nothing refers to any more since the last seal. */
  deadFrames: Frame[] = [];

  constructor(keptRowsBytesMax = KEPT_ROWS_BYTES_MAX) {
    this.retainedRows = new RowSlab(keptRowsBytesMax);
  }

  /** The record that holds a message; 0: none does any more. */
  holderOf(messageNumber: number): number {
    if (this.frames.isLive(messageNumber) && !this.holders.has(messageNumber)) return messageNumber;
    return this.again.get(messageNumber) ?? 0;
  }

  /** One more thing refers to a record that is there. */
  reference(record: number): void {
    const frame = this.frames.find(record) as Frame;
    this.frames.reference(frame, frame.indexOf(record));
  }

  /** One thing less refers to a record. With the last one it is gone, and so is what it refers to. */
  release(record: number): void {
    const frame = this.frames.find(record) as Frame;
    if (!this.frames.unreference(frame, frame.indexOf(record))) return;
    const messageNumber = this.againNumbers.get(record);
    if (messageNumber !== undefined) {
      this.againNumbers.delete(record);
      this.again.delete(messageNumber);
    }
    if (frame.live === 0 && frame.sealed) {
      this.frames.remove(frame);
      this.deadFrames.push(frame);
    }
    const holder = this.holders.get(record);
    if (holder === undefined) return;
    this.holders.delete(record);
    this.release(holder);
  }

  /** Notes what is to become of a topic's row, in place of what was noted before. */
  setPending(topicName: string, pending: PendingRetained): void {
    const earlier = this.pendingRetained.get(topicName);
    this.pendingRetained.delete(topicName);
    this.pendingRetained.set(topicName, pending);
    if (pending.messageNumber === 0) this.pendingClears += 1;
    this.reference(pending.record);
    if (earlier !== undefined) this.forgetPending(earlier);
  }

  /** The row is about to be up to date. */
  deletePending(topicName: string, pending: PendingRetained): void {
    this.pendingRetained.delete(topicName);
    this.forgetPending(pending);
  }

  private forgetPending({ record, messageNumber }: PendingRetained): void {
    if (messageNumber === 0) this.pendingClears -= 1;
    this.release(record);
  }
}
