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
  StoredSession,
  StoredSubscription,
  Ticket,
} from "@tidings/session";
import { CommitQueue } from "./commit-queue.js";
import { compactFrames } from "./compact-frames.js";
import { countRecovered } from "./count-recovered.js";
import { RecordKind } from "./frame-record.js";
import type { Frame } from "./frame-table.js";
import { FrameWriter } from "./frame-writer.js";
import type { KeyValueChange, KeyValueDriver } from "./key-value-driver.js";
import { frameKey, Table, tableRange } from "./keys.js";
import { RELEASED } from "./outstanding-deliveries.js";
import { QueueReader } from "./queue-reader.js";
import { decodeRetainedRow } from "./retained-row.js";
import { RetainedRows } from "./retained-rows.js";
import { SessionRows } from "./session-rows.js";
import { damaged } from "./store-error.js";
import { type KeyValueStoreOptions, type StoreSettings, settingsOf } from "./store-options.js";
import { type KeptSession, StoreState } from "./store-state.js";
import { visitState } from "./visit-state.js";

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
  private readonly frames: FrameWriter;
  private readonly sessionRows: SessionRows;
  private readonly retainedRows: RetainedRows;

  // Between batches.
  /** Frames and retained rows that are not durable yet, with the tickets they wait for. */
  private undurable: { ticket: Ticket; frames: readonly Frame[]; retained: ReadonlyMap<string, number> }[] = [];
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
    this.sessionRows = new SessionRows(state);
    this.retainedRows = new RetainedRows(driver, state);
    this.frames = new FrameWriter(state, this.retainedRows);
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
    this.sessionRows.put(session);
  }

  dropSession(clientIdentifier: string): void {
    const session = this.find(clientIdentifier);
    if (session === undefined) return;
    this.sessionRows.drop(session);
    for (const record of session.deliveries.allRecords()) this.state.release(record);
  }

  putSubscription(clientIdentifier: string, subscription: StoredSubscription): void {
    const session = this.find(clientIdentifier);
    if (session !== undefined) this.sessionRows.putSubscription(session, subscription);
  }

  removeSubscription(clientIdentifier: string, topicFilter: string): void {
    const session = this.find(clientIdentifier);
    if (session !== undefined) this.sessionRows.removeSubscription(session, topicFilter);
  }

  enqueue(clientIdentifier: string, delivery: StoredDelivery, message: StorableMessage): void {
    const session = this.find(clientIdentifier);
    if (session === undefined || delivery.deliveryNumber < session.deliveries.next) return;
    this.frames.addDelivery(session, delivery, message);
  }

  sent(clientIdentifier: string, deliveryNumber: number, packetIdentifier: number): void {
    const session = this.find(clientIdentifier);
    if (session === undefined || session.deliveries.recordOf(deliveryNumber) === 0) return;
    const released = session.deliveries.stateOf(deliveryNumber) & RELEASED;
    session.deliveries.setState(deliveryNumber, packetIdentifier | released);
    this.sessionRows.moved(session);
  }

  released(clientIdentifier: string, deliveryNumber: number): void {
    const session = this.find(clientIdentifier);
    if (session === undefined || session.deliveries.recordOf(deliveryNumber) === 0) return;
    session.deliveries.setState(deliveryNumber, session.deliveries.stateOf(deliveryNumber) | RELEASED);
    this.sessionRows.moved(session);
  }

  done(clientIdentifier: string, deliveryNumber: number): void {
    const session = this.find(clientIdentifier);
    if (session === undefined) return;
    const record = session.deliveries.recordOf(deliveryNumber);
    if (record === 0) return;
    session.deliveries.remove(deliveryNumber);
    this.state.release(record);
    this.sessionRows.moved(session);
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
    this.frames.closeFrame();
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
    this.sessionRows.moved(session);
  }

  addInbound(clientIdentifier: string, packetIdentifier: number): void {
    const session = this.find(clientIdentifier);
    if (session === undefined) return;
    session.inbound ??= new Set();
    session.inbound.add(packetIdentifier);
    this.sessionRows.moved(session);
  }

  removeInbound(clientIdentifier: string, packetIdentifier: number): void {
    const session = this.find(clientIdentifier);
    if (session?.inbound === undefined || !session.inbound.delete(packetIdentifier)) return;
    if (session.inbound.size === 0) session.inbound = undefined;
    this.sessionRows.moved(session);
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
      record = this.frames.openRecord(RecordKind.Retain, messageNumber, topicName);
      state.holders.set(record, holder);
      state.reference(holder);
    } else {
      const content = message.stored();
      if (messageNumber > 0 && pending === undefined && this.retainedRows.numberIn(topicName) === messageNumber) return;
      record = this.frames.takeIn(message, content, true);
    }
    state.setPending(topicName, { record, messageNumber: message.messageNumber });
  }

  clearRetained(topicName: string): void {
    if (this.ended) return;
    this.told = true;
    if (this.state.pendingRetained.get(topicName)?.messageNumber === 0) return;
    const record = this.frames.openRecord(RecordKind.Clear, 0, topicName);
    this.state.setPending(topicName, { record, messageNumber: 0 });
  }

  seal(): Ticket {
    if (!this.told || this.ended) return this.promisesNothing ? 0 : this.lastTicket;
    this.frames.closeFrame();
    const bytes = this.openBytes;
    const changes = this.sessionRows.takeRows();
    const frames: Frame[] = [];
    let retained: ReadonlyMap<string, number> = new Map();
    try {
      const { pendingRetainedMax } = this.settings;
      if (this.isCompacting) retained = this.retainedRows.write(changes, RETAINED_AT_ONCE);
      else if (this.state.pendingRetained.size > pendingRetainedMax) {
        const kept = Math.floor(pendingRetainedMax / 2);
        retained = this.retainedRows.write(changes, this.state.pendingRetained.size - kept);
      }
      if (this.isCompacting || this.isWasteful) this.mergeFrames(changes, frames);
    } catch (error) {
      // What was told last is not durable, and never will be.
      this.breakDown(error as Error);
      return this.lastTicket;
    }
    const { generation } = this.commits;
    this.frames.write(changes, frames, generation);
    this.sessionRows.write(changes, generation);
    const ticket = ++this.lastTicket;
    if (frames.length > 0 || retained.size > 0) this.undurable.push({ ticket, frames, retained });
    this.told = false;
    this.commits.seal(changes, ticket, bytes);
    return this.promisesNothing ? 0 : ticket;
  }

  recover(visitor: RecoveryVisitor): Promise<void> {
    const counting = countRecovered(visitor, this.recovered);
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

  private get openBytes(): number {
    return this.told ? this.frames.bytes + this.sessionRows.bytes : 0;
  }

  /** Frames are mostly of messages that nobody needs any more. */
  private get isWasteful(): boolean {
    const { bytes, liveBytes } = this.state.frames;
    return bytes > 2 * liveBytes + this.settings.deadBytesMax;
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

  private durable(upTo: Ticket): void {
    while (this.undurable.length > 0 && this.undurable[0].ticket <= upTo) {
      const { frames, retained } = this.undurable[0];
      this.undurable.shift();
      for (const frame of frames) {
        frame.content = undefined;
        frame.change = undefined;
      }
      this.retainedRows.durable(retained);
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
