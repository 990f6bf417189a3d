/**
 * Reads the rows of an earlier life: checks each, and finds out which deliveries are not done and what refers to what.
 * Messages are not kept; `visitState` reads them again.
 */
import type { StoredSession } from "@tidings/session";
import { type CursorRow, decodeCursorRow, EMPTY_CURSOR, stateInCursor } from "./cursor-row.js";
import {
  type FrameRecord,
  holdsMessage,
  isRetained,
  messageIn,
  RecordKind,
  recordsOf,
  targetsIn,
} from "./frame-record.js";
import { Frame } from "./frame-table.js";
import type { KeyValueDriver } from "./key-value-driver.js";
import { metaKey, numberInKey, sessionKey, subscriptionKey, Table } from "./keys.js";
import { decodeMetaRow, MetaName } from "./meta-row.js";
import { RowReader } from "./read-rows.js";
import { numberInRetainedRow } from "./retained-row.js";
import { decodeSessionRow } from "./session-row.js";
import { damaged, type StoreError } from "./store-error.js";
import type { StoreProgress } from "./store-options.js";
import { KeptSession, StoreState } from "./store-state.js";
import { decodeSubscriptionRow } from "./subscription-row.js";

export interface LoadOptions {
  /** Told of each row and record that is damaged, which is left out then. Default: the first one is thrown. */
  onDamage?: (error: StoreError) => void;
  onProgress?: (progress: StoreProgress) => void;
  /** Of rows of retained messages, which are not read again for `visitState`. Default 512 MiB. */
  keptRowsBytesMax?: number;
}

export async function loadState(driver: KeyValueDriver, options: LoadOptions = {}): Promise<StoreState> {
  return new StateLoader(driver, options).load();
}

class StateLoader {
  private readonly state: StoreState;
  private readonly sessions = new Map<number, KeptSession>();
  private readonly cursors = new Map<number, CursorRow>();
  /** What records say last of each topic. */
  private readonly retained = new Map<string, FrameRecord>();
  private readonly rows: RowReader;
  private retainedUpTo = 0;

  constructor(
    private readonly driver: KeyValueDriver,
    private readonly options: LoadOptions,
  ) {
    this.state = new StoreState(options.keptRowsBytesMax);
    this.rows = new RowReader(driver, "load", options.onProgress);
  }

  async load(): Promise<StoreState> {
    const { state } = this;
    this.retainedUpTo = this.meta(MetaName.RetainedUpTo) ?? 0;
    state.nextNumber = this.retainedUpTo + 1;
    state.nextSessionNumber = this.meta(MetaName.NextSessionNumber) ?? 1;
    await this.table(Table.Sessions, (key, row) => this.session(key, row));
    await this.table(Table.Cursors, (key, row) => this.cursor(numberInKey(key), row));
    await this.table(Table.Subscriptions, (key, row) => this.subscription(key, row));
    await this.table(Table.Frames, (key, row) => this.frame(numberInKey(key), row));
    await this.table(Table.Retained, (key, row) => this.retainedRow(key, row));
    await this.table(Table.Meta, (_key, row) => void decodeMetaRow(row));
    this.guarded("the store", () => {
      const missing = this.driver.entryCount() - this.rows.done;
      if (missing !== 0) throw damaged(`${missing} rows are missing`);
    });
    this.finish();
    return state;
  }

  private async table(table: Table, read: (key: Uint8Array, row: Uint8Array) => void): Promise<void> {
    await this.rows.each(table, (key, row) => {
      try {
        read(key, row);
      } catch (error) {
        this.damage(`row ${Buffer.from(key).toString("latin1", 0, 40)}`, error as Error);
      }
    });
  }

  private guarded(where: string, task: () => void): void {
    try {
      task();
    } catch (error) {
      this.damage(where, error as Error);
    }
  }

  private damage(where: string, error: Error): void {
    if ((error as Partial<StoreError>).code !== "TIDINGS_STORE_DAMAGED") throw error;
    const described = damaged(`${where}: ${error.message}`);
    if (this.options.onDamage === undefined) throw described;
    this.state.isSound = false;
    this.options.onDamage(described);
  }

  private meta(name: MetaName): number | undefined {
    const row = this.driver.get(metaKey(name));
    let value: number | undefined;
    this.guarded(name, () => {
      if (row !== undefined) value = decodeMetaRow(row);
    });
    return value;
  }

  private used(number: number): void {
    if (number >= this.state.nextNumber) this.state.nextNumber = number + 1;
  }

  private session(key: Uint8Array, row: Uint8Array): void {
    const { sessionNumber, session } = decodeSessionRow(row);
    const { clientIdentifier } = session as StoredSession;
    if (Buffer.compare(key, sessionKey(clientIdentifier)) !== 0) throw damaged("a session under another one's key");
    const kept = new KeptSession(sessionNumber, clientIdentifier);
    this.state.sessions.set(clientIdentifier, kept);
    this.sessions.set(sessionNumber, kept);
    if (sessionNumber >= this.state.nextSessionNumber) this.state.nextSessionNumber = sessionNumber + 1;
  }

  private cursor(sessionNumber: number, row: Uint8Array): void {
    const cursor = decodeCursorRow(row);
    const session = this.sessions.get(sessionNumber);
    if (session === undefined) throw damaged("a cursor without a session");
    const inbound = new Set(cursor.inbound);
    if (inbound.size > 0) session.inbound = inbound;
    session.deliveries.skipTo(cursor.runs[0]?.first ?? cursor.next);
    this.cursors.set(sessionNumber, cursor);
  }

  private subscription(key: Uint8Array, row: Uint8Array): void {
    const { topicFilter } = decodeSubscriptionRow(row);
    const sessionNumber = numberInKey(key);
    const session = this.sessions.get(sessionNumber);
    if (session === undefined) throw damaged("a subscription without a session");
    if (Buffer.compare(key, subscriptionKey(sessionNumber, topicFilter)) !== 0) {
      throw damaged("a subscription under another one's key");
    }
    session.filters ??= new Set();
    session.filters.add(topicFilter);
  }

  private frame(first: number, content: Uint8Array): void {
    const frame = new Frame(first);
    frame.sealed = true;
    this.state.frames.append(frame);
    for (const record of recordsOf(content, first)) {
      this.used(record.number);
      const index = frame.addRecord(record.number);
      this.state.frames.grow(frame, index, record.end - record.start);
      this.record(content, record, frame, index);
    }
  }

  private record(content: Uint8Array, record: FrameRecord, frame: Frame, index: number): void {
    const { state } = this;
    const { kind, number, messageNumber } = record;
    // Taken back at the end, if nothing refers to it.
    if (kind === RecordKind.MessageAgain) state.again.set(messageNumber, number);
    for (const { sessionNumber, deliveryNumber } of targetsIn(content, record)) {
      const session = this.sessions.get(sessionNumber);
      if (session === undefined) continue; // it is gone
      const progress = stateInCursor(this.cursors.get(sessionNumber) ?? EMPTY_CURSOR, deliveryNumber);
      if (progress === undefined) continue; // it is done
      if (deliveryNumber < session.deliveries.next) throw damaged(`delivery ${deliveryNumber} is there twice`);
      session.deliveries.add(deliveryNumber, number, progress);
      state.frames.reference(frame, index);
    }
    if (frame.references[index] > 0) this.refer(record);
    if (!isRetained(kind) || number <= this.retainedUpTo) return;
    const topicName = holdsMessage(kind) ? messageIn(content, record).topicName : record.topicName;
    this.retained.delete(topicName);
    this.retained.set(topicName, record);
  }

  private retainedRow(key: Uint8Array, row: Uint8Array): void {
    const { state } = this;
    this.used(numberInRetainedRow(row));
    if (state.retainedRowsUpTo === undefined && !state.retainedRows.add(row)) state.retainedRowsUpTo = key;
  }

  /** Something refers to a record: if it refers to a message, so does it. */
  private refer({ kind, number, messageNumber }: FrameRecord): void {
    if (kind !== RecordKind.Reference && kind !== RecordKind.Retain) return;
    const { state } = this;
    if (state.holders.has(number)) return;
    const holder =
      state.again.get(messageNumber) ?? (state.frames.find(messageNumber) === undefined ? 0 : messageNumber);
    if (holder === 0) throw damaged(`message ${messageNumber} is missing`);
    state.holders.set(number, holder);
    state.reference(holder);
  }

  /** With all frames known. */
  private finish(): void {
    const { state } = this;
    for (const [topicName, record] of this.retained) {
      this.guarded(`retained message of ${topicName}`, () => {
        this.refer(record);
        state.setPending(topicName, { record: record.number, messageNumber: record.messageNumber });
      });
    }
    for (const [messageNumber, number] of state.again) {
      if (state.frames.isLive(number)) state.againNumbers.set(number, messageNumber);
      else state.again.delete(messageNumber);
    }
    for (const frame of state.frames.slice(0, Number.POSITIVE_INFINITY).frames) {
      if (frame.live > 0) continue;
      state.frames.remove(frame);
      state.deadFrames.push(frame);
    }
    for (const [sessionNumber, { next, runs }] of this.cursors) {
      const { deliveries, clientIdentifier } = this.sessions.get(sessionNumber) as KeptSession;
      const below = deliveries.sizeBelow(next);
      const expected = runs.reduce((sum, { length }) => sum + length, 0);
      this.guarded(`session ${clientIdentifier}`, () => {
        if (below !== expected) throw damaged(`${expected - below} deliveries are missing`);
      });
      deliveries.skipTo(next);
    }
  }
}
