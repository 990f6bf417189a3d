/**
 * A session store over any `KeyValueDriver`. Messages go into frames, one or a few rows for everything that a turn
 * brings, with the deliveries they are queued for inside; progress goes into one row for each session that moved. So a
 * message to 1,000 sessions is written once, and an acknowledgement costs a part of a row.
 *
 * The row of a retained message is written later, with others, in the order of their keys: until then its frame stays.
 */
import type {
  QueuePageLimits,
  RecoveredDelivery,
  RecoveryVisitor,
  SessionStore,
  StorableMessage,
  StoredDelivery,
  StoredMessage,
  StoredSession,
  StoredSubscription,
  Ticket,
} from "@tidings/session";
import { ByteWriter } from "./byte-writer.js";
import { CommitQueue } from "./commit-queue.js";
import { compactFrames, FRAME_BYTES } from "./compact-frames.js";
import { encodeCursorRow } from "./cursor-row.js";
import { RecordKind, writeRecordEnd, writeRecordStart, writeTarget } from "./frame-record.js";
import { Frame } from "./frame-table.js";
import type { KeyValueChange, KeyValueDriver } from "./key-value-driver.js";
import { cursorKey, frameKey, metaKey, retainedKey, sessionKey, subscriptionKey, Table, tableRange } from "./keys.js";
import { MessageReader } from "./message-reader.js";
import { encodeMetaRow, MetaName } from "./meta-row.js";
import { RELEASED } from "./outstanding-deliveries.js";
import { QueueReader } from "./queue-reader.js";
import { decodeRetainedRow, encodeRetainedRow } from "./retained-row.js";
import { encodeSessionRow } from "./session-row.js";
import { damaged } from "./store-error.js";
import { type KeyValueStoreOptions, type StoreSettings, settingsOf } from "./store-options.js";
import { KeptSession, StoreState } from "./store-state.js";
import { encodeSubscriptionRow } from "./subscription-row.js";
import { visitState } from "./visit-state.js";

/** What a change costs beside the bytes of messages, about. */
const CHANGE_BYTES = 64;
/** Rows of retained messages that one batch brings up to date while the store is compacted. */
const RETAINED_AT_ONCE = 4096;

export class KeyValueSessionStore implements SessionStore {
  onDurable: (upTo: Ticket) => void = () => {};
  onFailure: (error: Error) => void = () => {};
  onRoomChange: (hasRoom: boolean) => void = () => {};
  /** What `recover` found. */
  readonly recovered = { sessions: 0, subscriptions: 0, deliveries: 0, retainedMessages: 0 };
  private readonly settings: StoreSettings;
  private readonly commits: CommitQueue;
  private readonly queues: QueueReader;
  /** Everything is taken for durable as soon as it is told. */
  private readonly promisesNothing: boolean;
  private lastTicket: Ticket = 0;
  private told = false;
  private ended = false;

  // The batch that is being told.
  private readonly writer = new ByteWriter(2 * FRAME_BYTES);
  private frame: Frame | undefined = undefined;
  /** The record that is being written; 0: none. */
  private tail = 0;
  private tailMessage = 0;
  private tailStart = 0;
  private tailIndex = 0;
  /** Full frames of this batch. */
  private fullFrames: Frame[] = [];
  private fullBytes = 0;
  /** Rows of subscriptions, and of whatever is gone. */
  private rows: KeyValueChange[] = [];
  private rowBytes = 0;
  private changedSessions = new Set<KeptSession>();
  private movedSessions = new Set<KeptSession>();
  private sessionNumberTaken = false;

  // Between batches.
  /** Frames and retained rows that are not durable yet, with the tickets they wait for. */
  private undurable: { readonly ticket: Ticket; readonly frames: Frame[]; readonly retained: Map<string, number> }[] =
    [];
  /** Numbers in retained rows that are on their way to the driver. */
  private readonly writtenRetained = new Map<string, number>();
  private compactionPlace = 0;
  private mergedFrames = 0;
  private isCompacting = false;
  private isRecovered = false;
  private awaited: { readonly ticket: Ticket; readonly resolve: () => void }[] = [];

  /** `state` is what `loadState` made of the driver's rows. */
  constructor(
    private readonly driver: KeyValueDriver,
    private readonly state: StoreState = new StoreState(),
    options: KeyValueStoreOptions = {},
  ) {
    this.settings = settingsOf(options);
    this.promisesNothing = this.settings.gatherMs > 0;
    this.queues = new QueueReader(driver, state);
    this.commits = new CommitQueue(driver, this.settings.scheduler, this.settings);
    this.commits.onDurable = (upTo) => this.durable(upTo);
    this.commits.onFailure = (error) => {
      this.ended = true;
      for (const { resolve } of this.awaited.splice(0)) resolve();
      this.onFailure(error);
    };
    this.commits.onRoomChange = (hasRoom) => this.onRoomChange(hasRoom);
  }

  get currentTicket(): Ticket {
    if (this.promisesNothing) return 0;
    return this.told ? this.lastTicket + 1 : this.lastTicket;
  }

  get durableUpTo(): Ticket {
    return this.promisesNothing ? 0 : this.commits.durableUpTo;
  }

  get backlogBytes(): number {
    return this.ended ? 0 : this.commits.bytes + this.openBytes;
  }

  get hasRoom(): boolean {
    return this.commits.hasRoom;
  }

  get sessionCount(): number {
    return this.state.sessions.size;
  }

  /** Frames of messages, and their bytes: all, and those that something still refers to. */
  get frameStatistics(): { frames: number; bytes: number; liveBytes: number } {
    const { size, bytes, liveBytes } = this.state.frames;
    return { frames: size, bytes, liveBytes };
  }

  putSession(session: StoredSession): void {
    if (this.ended) return;
    this.told = true;
    const { clientIdentifier } = session;
    let kept = this.state.sessions.get(clientIdentifier);
    if (kept === undefined) {
      kept = new KeptSession(this.state.nextSessionNumber++, clientIdentifier);
      this.state.sessions.set(clientIdentifier, kept);
      this.sessionNumberTaken = true;
    }
    kept.changed = session;
    this.changedSessions.add(kept);
    this.rowBytes += CHANGE_BYTES + (session.will?.packet.length ?? 0);
  }

  dropSession(clientIdentifier: string): void {
    const session = this.find(clientIdentifier);
    if (session === undefined) return;
    this.state.sessions.delete(clientIdentifier);
    this.changedSessions.delete(session);
    this.movedSessions.delete(session);
    this.changeRow(sessionKey(clientIdentifier), undefined);
    this.changeRow(cursorKey(session.number), undefined);
    if (session.filters !== undefined) {
      for (const filter of session.filters) this.changeRow(subscriptionKey(session.number, filter), undefined);
    }
    for (const record of session.deliveries.allRecords()) this.state.release(record);
  }

  putSubscription(clientIdentifier: string, subscription: StoredSubscription): void {
    const session = this.find(clientIdentifier);
    if (session === undefined) return;
    const { topicFilter } = subscription;
    session.filters ??= new Set();
    session.filters.add(topicFilter);
    this.changeRow(subscriptionKey(session.number, topicFilter), encodeSubscriptionRow(subscription));
  }

  removeSubscription(clientIdentifier: string, topicFilter: string): void {
    const session = this.find(clientIdentifier);
    if (session?.filters === undefined || !session.filters.delete(topicFilter)) return;
    if (session.filters.size === 0) session.filters = undefined;
    this.changeRow(subscriptionKey(session.number, topicFilter), undefined);
  }

  enqueue(clientIdentifier: string, delivery: StoredDelivery, message: StorableMessage): void {
    const session = this.find(clientIdentifier);
    if (session === undefined || delivery.deliveryNumber < session.deliveries.next) return;
    const record = this.recordFor(message);
    writeTarget(this.writer, session.number, delivery);
    this.state.frames.reference(this.frame as Frame, this.tailIndex);
    session.deliveries.add(delivery.deliveryNumber, record);
  }

  sent(clientIdentifier: string, deliveryNumber: number, packetIdentifier: number): void {
    const session = this.find(clientIdentifier);
    if (session === undefined || session.deliveries.recordOf(deliveryNumber) === 0) return;
    const released = session.deliveries.stateOf(deliveryNumber) & RELEASED;
    session.deliveries.setState(deliveryNumber, packetIdentifier | released);
    this.moved(session);
  }

  released(clientIdentifier: string, deliveryNumber: number): void {
    const session = this.find(clientIdentifier);
    if (session === undefined || session.deliveries.recordOf(deliveryNumber) === 0) return;
    session.deliveries.setState(deliveryNumber, session.deliveries.stateOf(deliveryNumber) | RELEASED);
    this.moved(session);
  }

  done(clientIdentifier: string, deliveryNumber: number): void {
    const session = this.find(clientIdentifier);
    if (session === undefined) return;
    const record = session.deliveries.recordOf(deliveryNumber);
    if (record === 0) return;
    session.deliveries.remove(deliveryNumber);
    this.state.release(record);
    this.moved(session);
  }

  readQueue(
    clientIdentifier: string,
    from: number,
    limits: QueuePageLimits,
    visit: (delivery: RecoveredDelivery) => void,
  ): number {
    const session = this.state.sessions.get(clientIdentifier);
    if (session === undefined || this.ended) return from;
    // What was told in this turn is read from where it lies.
    this.closeFrame();
    try {
      return this.queues.read(session, from, limits, visit);
    } catch (error) {
      this.breakDown(error as Error);
      return from;
    }
  }

  /** The next delivery of the session has this number, or a higher one: for a session that comes from elsewhere. */
  skipDeliveries(clientIdentifier: string, nextDeliveryNumber: number): void {
    const session = this.find(clientIdentifier);
    if (session === undefined) return;
    session.deliveries.skipTo(nextDeliveryNumber);
    this.moved(session);
  }

  addInbound(clientIdentifier: string, packetIdentifier: number): void {
    const session = this.find(clientIdentifier);
    if (session === undefined) return;
    session.inbound ??= new Set();
    session.inbound.add(packetIdentifier);
    this.moved(session);
  }

  removeInbound(clientIdentifier: string, packetIdentifier: number): void {
    const session = this.find(clientIdentifier);
    if (session?.inbound === undefined || !session.inbound.delete(packetIdentifier)) return;
    if (session.inbound.size === 0) session.inbound = undefined;
    this.moved(session);
  }

  setRetained(topicName: string, message: StorableMessage): void {
    if (this.ended) return;
    this.told = true;
    const { state } = this;
    const pending = state.pendingRetained.get(topicName);
    const { messageNumber } = message;
    if (messageNumber > 0 && pending?.messageNumber === messageNumber) return;
    const holder = messageNumber > 0 ? state.holderOf(messageNumber) : 0;
    let record: number;
    if (holder > 0) {
      record = this.openRecord(RecordKind.Retain, messageNumber, topicName);
      state.holders.set(record, holder);
      state.reference(holder);
    } else {
      const content = message.stored();
      if (messageNumber > 0 && pending === undefined && this.numberInRow(topicName) === messageNumber) return;
      record = this.takeIn(message, content, true);
    }
    state.setPending(topicName, { record, messageNumber: message.messageNumber });
  }

  clearRetained(topicName: string): void {
    if (this.ended) return;
    this.told = true;
    if (this.state.pendingRetained.get(topicName)?.messageNumber === 0) return;
    const record = this.openRecord(RecordKind.Clear, 0, topicName);
    this.state.setPending(topicName, { record, messageNumber: 0 });
  }

  seal(): Ticket {
    if (!this.told || this.ended) return this.promisesNothing ? 0 : this.lastTicket;
    this.closeFrame();
    const changes: KeyValueChange[] = this.rows;
    const frames: Frame[] = [];
    const retained = new Map<string, number>();
    try {
      const { pendingRetainedMax } = this.settings;
      if (this.isCompacting) this.writeRetained(changes, retained, RETAINED_AT_ONCE);
      else if (this.state.pendingRetained.size > pendingRetainedMax) {
        const kept = Math.floor(pendingRetainedMax / 2);
        this.writeRetained(changes, retained, this.state.pendingRetained.size - kept);
      }
      if (this.isCompacting || this.isWasteful) this.mergeFrames(changes, frames);
    } catch (error) {
      // What was told last is not durable, and never will be.
      this.breakDown(error as Error);
      return this.lastTicket;
    }
    this.writeFrames(changes, frames);
    this.writeSessions(changes);
    const ticket = ++this.lastTicket;
    if (frames.length > 0 || retained.size > 0) this.undurable.push({ ticket, frames, retained });
    const bytes = this.openBytes;
    this.rows = [];
    this.rowBytes = 0;
    this.fullFrames = [];
    this.fullBytes = 0;
    this.told = false;
    this.commits.seal(changes, ticket, bytes);
    return this.promisesNothing ? 0 : ticket;
  }

  recover(visitor: RecoveryVisitor): Promise<void> {
    const { recovered } = this;
    const counting: RecoveryVisitor = {
      session: (session, nextDeliveryNumber) => {
        recovered.sessions += 1;
        visitor.session(session, nextDeliveryNumber);
      },
      subscription: (clientIdentifier, subscription) => {
        recovered.subscriptions += 1;
        visitor.subscription(clientIdentifier, subscription);
      },
      inbound: (clientIdentifier, packetIdentifier) => visitor.inbound(clientIdentifier, packetIdentifier),
      delivery: (clientIdentifier, delivery) => {
        recovered.deliveries += 1;
        visitor.delivery(clientIdentifier, delivery);
      },
      retained: (message, messageNumber) => {
        recovered.retainedMessages += 1;
        visitor.retained(message, messageNumber);
      },
    };
    return visitState(this.driver, this.state, counting, this.settings.onProgress).then(() => {
      this.isRecovered = true;
    });
  }

  async close(): Promise<void> {
    if (!this.ended) {
      this.seal();
      this.ended = true;
      // What finds no room is lost; the file must not stay open because of it.
      await this.commits.close().finally(() => this.driver.close());
      return;
    }
    await this.driver.close();
  }

  /**
   * Makes the content as small as it can be, and the driver's file as well if that can be done while it is open. What is
   * told meanwhile becomes durable a little later. Once the store is recovered.
   */
  async compact(): Promise<void> {
    if (!this.isRecovered || this.isCompacting) throw new Error("it is only starting, or compacting already");
    await this.compactAll();
    try {
      await this.commits.pauseFor(async () => this.driver.compact?.());
    } catch (error) {
      if ((error as { isFatal?: boolean }).isFatal) this.breakDown(error as Error);
      throw error;
    }
  }

  /** Writes all rows of retained messages, and merges frames until there is nothing to gain. */
  async compactAll(): Promise<void> {
    this.isCompacting = true;
    this.compactionPlace = 0;
    const { frames, pendingRetained } = this.state;
    // Each step merges frames or writes rows; a broker that goes on to work makes more of both.
    const stepsMax = frames.size + Math.ceil(pendingRetained.size / RETAINED_AT_ONCE) + 16;
    try {
      for (let steps = 0; steps < stepsMax; steps++) {
        this.told = true;
        this.mergedFrames = 0;
        await this.untilDurable(this.seal());
        if (this.ended) throw new Error("the store has ended before it was compact");
        if (this.mergedFrames === 0 && this.compactionPlace === 0 && pendingRetained.size === 0) break;
      }
    } finally {
      this.isCompacting = false;
    }
  }

  /** Messages that a delivery or a topic refers to. Counts rows: for tests and for people. Between batches only. */
  countMessages(): number {
    const { state } = this;
    let count = state.frames.live - state.holders.size - state.pendingClears;
    for (const { value: row } of this.driver.entries(...tableRange(Table.Retained))) {
      const { message, messageNumber } = decodeRetainedRow(row);
      const pending = state.pendingRetained.get(message.topicName);
      if (pending === undefined && state.holderOf(messageNumber) === 0) count += 1;
    }
    return count;
  }

  private find(clientIdentifier: string): KeptSession | undefined {
    if (this.ended) return undefined;
    const session = this.state.sessions.get(clientIdentifier);
    if (session !== undefined) this.told = true;
    return session;
  }

  /** The store has found that it cannot go on. */
  private breakDown(error: Error): void {
    this.ended = true;
    queueMicrotask(() => this.commits.fail(error));
  }

  private moved(session: KeptSession): void {
    if (session.moved) return;
    session.moved = true;
    this.movedSessions.add(session);
    this.rowBytes += CHANGE_BYTES;
  }

  private changeRow(key: Uint8Array, value: Uint8Array | undefined): void {
    this.rows.push({ key, value });
    this.rowBytes += CHANGE_BYTES + (value?.length ?? 0);
  }

  private get openBytes(): number {
    return this.told ? this.writer.length + this.fullBytes + this.rowBytes : 0;
  }

  /** Frames are mostly of messages that nobody needs any more. */
  private get isWasteful(): boolean {
    const { bytes, liveBytes } = this.state.frames;
    return bytes > 2 * liveBytes + this.settings.deadBytesMax;
  }

  // Records of the batch that is being told.

  /** The record to which a delivery of this message is to be added: it is the tail. */
  private recordFor(message: StorableMessage): number {
    const { messageNumber } = message;
    if (messageNumber > 0) {
      if (this.tail > 0 && messageNumber === this.tailMessage) {
        if ((this.frame as Frame).references[this.tailIndex] > 0) return this.tail;
      }
      const holder = this.state.holderOf(messageNumber);
      if (holder > 0) {
        const record = this.openRecord(RecordKind.Reference, messageNumber, undefined);
        this.state.holders.set(record, holder);
        this.state.reference(holder);
        return record;
      }
    }
    return this.takeIn(message, message.stored(), false);
  }

  /** Begins the record of a message that no frame holds. */
  private takeIn(message: StorableMessage, content: StoredMessage, retained: boolean): number {
    const { topicName } = content;
    const { messageNumber } = message;
    const isInRow =
      messageNumber > 0 && !this.state.pendingRetained.has(topicName) && this.numberInRow(topicName) === messageNumber;
    if (isInRow) {
      const record = this.openRecord(RecordKind.MessageAgain, messageNumber, content);
      this.state.again.set(messageNumber, record);
      this.state.againNumbers.set(record, messageNumber);
      return record;
    }
    const record = this.openRecord(retained ? RecordKind.RetainedMessage : RecordKind.Message, 0, content);
    message.messageNumber = record;
    this.tailMessage = record;
    return record;
  }

  private openRecord(kind: RecordKind, messageNumber: number, content: StoredMessage | string | undefined): number {
    this.closeRecord();
    if (this.writer.length >= FRAME_BYTES) this.closeFrame();
    const { state, writer } = this;
    const number = state.nextNumber++;
    if (this.frame === undefined) {
      this.frame = new Frame(number);
      state.frames.append(this.frame);
    }
    this.tail = number;
    this.tailMessage = messageNumber;
    this.tailStart = writer.length;
    this.tailIndex = this.frame.addRecord(number);
    writeRecordStart(writer, kind, number - this.frame.first, messageNumber, content);
    return number;
  }

  private closeRecord(): void {
    if (this.tail === 0) return;
    writeRecordEnd(this.writer, this.tailStart);
    this.state.frames.grow(this.frame as Frame, this.tailIndex, this.writer.length - this.tailStart);
    this.tail = 0;
  }

  private closeFrame(): void {
    this.closeRecord();
    if (this.frame === undefined) return;
    this.frame.content = this.writer.copy();
    this.fullFrames.push(this.frame);
    this.fullBytes += this.writer.length;
    this.writer.clear();
    this.frame = undefined;
  }

  // What a batch is made of.

  private writeFrames(changes: KeyValueChange[], written: Frame[]): void {
    const { state, commits } = this;
    for (const frame of this.fullFrames) {
      if (frame.live === 0) {
        state.frames.remove(frame);
        frame.content = undefined;
        continue;
      }
      frame.sealed = true;
      frame.change = { key: frameKey(frame.first), value: frame.content, generation: commits.generation };
      changes.push(frame.change);
      written.push(frame);
    }
    for (const frame of state.deadFrames) {
      // One that is not on its way yet need not be written at all.
      if (frame.change?.generation === commits.generation) frame.change.value = undefined;
      else changes.push({ key: frameKey(frame.first), value: undefined });
    }
    state.deadFrames = [];
  }

  private writeSessions(changes: KeyValueChange[]): void {
    const { commits } = this;
    for (const session of this.changedSessions) {
      const value = encodeSessionRow({ sessionNumber: session.number, session: session.changed as StoredSession });
      changes.push({ key: sessionKey(session.clientIdentifier), value });
      session.changed = undefined;
    }
    this.changedSessions.clear();
    for (const session of this.movedSessions) {
      const { deliveries, inbound, cursorChange } = session;
      session.moved = false;
      const value = encodeCursorRow({ next: deliveries.next, runs: deliveries.runs(), inbound: inbound ?? [] });
      if (cursorChange?.generation === commits.generation) {
        cursorChange.value = value;
        continue;
      }
      session.cursorChange = { key: cursorKey(session.number), value, generation: commits.generation };
      changes.push(session.cursorChange);
    }
    this.movedSessions.clear();
    if (!this.sessionNumberTaken) return;
    this.sessionNumberTaken = false;
    changes.push(metaChange(MetaName.NextSessionNumber, this.state.nextSessionNumber));
  }

  /** Brings the rows of up to `count` topics up to date, those that wait longest. */
  private writeRetained(changes: KeyValueChange[], written: Map<string, number>, count: number): void {
    const { state } = this;
    const messages = new MessageReader(this.driver, state);
    const rows: KeyValueChange[] = [];
    let upTo = 0;
    for (const [topicName, pending] of state.pendingRetained) {
      if (rows.length === count) break;
      const { record, messageNumber } = pending;
      let value: Uint8Array | undefined;
      if (messageNumber > 0) value = encodeRetainedRow({ messageNumber, message: messages.read(record) });
      rows.push({ key: retainedKey(topicName), value });
      written.set(topicName, messageNumber);
      this.writtenRetained.set(topicName, messageNumber);
      upTo = record;
      state.deletePending(topicName, pending);
    }
    if (rows.length === 0) return;
    rows.sort((a, b) => Buffer.compare(a.key, b.key));
    for (const row of rows) changes.push(row);
    changes.push(metaChange(MetaName.RetainedUpTo, upTo));
  }

  private mergeFrames(changes: KeyValueChange[], written: Frame[]): void {
    const step = compactFrames(this.state, this.compactionPlace, (frame) => this.contentOf(frame));
    this.compactionPlace = step.next;
    for (const change of step.changes) changes.push(change);
    if (step.frame === undefined) return;
    this.mergedFrames += 1;
    changes.push({ key: frameKey(step.frame.first), value: step.frame.content });
    written.push(step.frame);
  }

  // What was written before.

  private contentOf(frame: Frame): Uint8Array {
    const content = frame.content ?? this.driver.get(frameKey(frame.first));
    if (content === undefined) throw damaged(`frame ${frame.first} is not where it was written`);
    return content;
  }

  /** The number of the message in a topic's row; 0: there is none. */
  private numberInRow(topicName: string): number {
    const onItsWay = this.writtenRetained.get(topicName);
    if (onItsWay !== undefined) return onItsWay;
    const row = this.driver.get(retainedKey(topicName));
    return row === undefined ? 0 : decodeRetainedRow(row).messageNumber;
  }

  private durable(upTo: Ticket): void {
    while (this.undurable.length > 0 && this.undurable[0].ticket <= upTo) {
      const { frames, retained } = this.undurable[0];
      this.undurable.shift();
      for (const frame of frames) {
        frame.content = undefined;
        frame.change = undefined;
      }
      for (const [topicName, messageNumber] of retained) {
        if (this.writtenRetained.get(topicName) === messageNumber) this.writtenRetained.delete(topicName);
      }
    }
    this.awaited = this.awaited.filter(({ ticket, resolve }) => {
      if (ticket <= upTo) resolve();
      return ticket > upTo;
    });
    if (!this.promisesNothing) this.onDurable(upTo);
  }

  private untilDurable(ticket: Ticket): Promise<void> {
    return new Promise((resolve) => this.awaited.push({ ticket, resolve }));
  }
}

function metaChange(name: MetaName, value: number): KeyValueChange {
  return { key: metaKey(name), value: encodeMetaRow(value) };
}
