/**
 * A store in memory that makes nothing durable until it is told to, and forgets the rest when it is killed: for tests of
 * whatever has to wait for a store. `automatic` makes each batch durable by itself, one microtask after its `seal`.
 */
import { MemorySessionStore } from "../memory-session-store.js";
import type {
  RecoveryVisitor,
  SessionStore,
  StorableMessage,
  StoredDelivery,
  StoredMessage,
  StoredSession,
  StoredSubscription,
  Ticket,
} from "../session-store.js";

/** What was told, to be told again. */
type Entry = (store: SessionStore) => void;

export class DelayedSessionStore implements SessionStore {
  durableUpTo: Ticket = 0;
  backlogBytes = 0;
  onDurable: (upTo: Ticket) => void = () => {};
  onFailure: (error: Error) => void = () => {};
  hasRoom = true;
  onRoomChange: (hasRoom: boolean) => void = () => {};
  /** Nothing becomes durable any more. */
  isFailed = false;
  /** Everything told, durable or not. */
  private readonly told = new MemorySessionStore();
  private open: Entry[] = [];
  private openBytes = 0;
  private sealed: { readonly ticket: Ticket; readonly entries: readonly Entry[]; readonly bytes: number }[] = [];
  private lastTicket: Ticket = 0;

  /** `durable` is the history of an earlier life. */
  constructor(
    private readonly automatic = false,
    private readonly durable: Entry[] = [],
  ) {
    for (const entry of durable) entry(this.told);
  }

  get currentTicket(): Ticket {
    return this.open.length > 0 ? this.lastTicket + 1 : this.lastTicket;
  }

  /** Messages that a delivery or a topic refers to. */
  get messageCount(): number {
    return this.told.messageCount;
  }

  /** Sealed batches that are not durable yet. */
  get waitingBatches(): number {
    return this.sealed.length;
  }

  /** Makes sealed batches durable, up to this ticket, and says so. */
  makeDurable(upTo: Ticket = Number.POSITIVE_INFINITY): void {
    if (this.isFailed) return;
    while (this.sealed.length > 0 && this.sealed[0].ticket <= upTo) {
      const { ticket, entries, bytes } = this.sealed[0];
      this.sealed.shift();
      this.durable.push(...entries);
      this.backlogBytes -= bytes;
      this.durableUpTo = ticket;
      this.onDurable(ticket);
    }
  }

  /** The next life after a kill: it knows what was durable. Nothing more may be told to this one. */
  killed(): DelayedSessionStore {
    this.isFailed = true;
    return new DelayedSessionStore(this.automatic, [...this.durable]);
  }

  /** The store gives up, and says so. */
  fail(error: Error): void {
    this.isFailed = true;
    this.onFailure(error);
  }

  /** The disk is full, or is not any more; and the store says so. */
  setRoom(hasRoom: boolean): void {
    this.hasRoom = hasRoom;
    this.onRoomChange(hasRoom);
  }

  putSession(session: StoredSession): void {
    this.tell(200, (store) => store.putSession(session));
  }

  dropSession(clientIdentifier: string): void {
    this.tell(50, (store) => store.dropSession(clientIdentifier));
  }

  putSubscription(clientIdentifier: string, subscription: StoredSubscription): void {
    this.tell(100, (store) => store.putSubscription(clientIdentifier, subscription));
  }

  removeSubscription(clientIdentifier: string, topicFilter: string): void {
    this.tell(50, (store) => store.removeSubscription(clientIdentifier, topicFilter));
  }

  enqueue(clientIdentifier: string, delivery: StoredDelivery, message: StorableMessage): void {
    this.tellMessage(message, (store, same) => store.enqueue(clientIdentifier, delivery, same));
  }

  sent(clientIdentifier: string, deliveryNumber: number, packetIdentifier: number): void {
    this.tell(20, (store) => store.sent(clientIdentifier, deliveryNumber, packetIdentifier));
  }

  released(clientIdentifier: string, deliveryNumber: number): void {
    this.tell(20, (store) => store.released(clientIdentifier, deliveryNumber));
  }

  done(clientIdentifier: string, deliveryNumber: number): void {
    this.tell(20, (store) => store.done(clientIdentifier, deliveryNumber));
  }

  addInbound(clientIdentifier: string, packetIdentifier: number): void {
    this.tell(20, (store) => store.addInbound(clientIdentifier, packetIdentifier));
  }

  removeInbound(clientIdentifier: string, packetIdentifier: number): void {
    this.tell(20, (store) => store.removeInbound(clientIdentifier, packetIdentifier));
  }

  setRetained(topicName: string, message: StorableMessage): void {
    this.tellMessage(message, (store, same) => store.setRetained(topicName, same));
  }

  clearRetained(topicName: string): void {
    this.tell(50, (store) => store.clearRetained(topicName));
  }

  seal(): Ticket {
    if (this.open.length > 0) {
      this.lastTicket += 1;
      this.sealed.push({ ticket: this.lastTicket, entries: this.open, bytes: this.openBytes });
      this.open = [];
      this.openBytes = 0;
      if (this.automatic) void Promise.resolve().then(() => this.makeDurable());
    }
    return this.lastTicket;
  }

  recover(visitor: RecoveryVisitor): Promise<void> {
    return this.told.recover(visitor);
  }

  async close(): Promise<void> {
    this.seal();
    this.makeDurable();
  }

  private tell(bytes: number, entry: Entry): void {
    if (this.isFailed) return;
    entry(this.told);
    this.open.push(entry);
    this.openBytes += bytes;
    this.backlogBytes += bytes;
  }

  /** Told again in the same order, a message gets the same number, so what the caller knows it by stays right. */
  private tellMessage(message: StorableMessage, entry: (store: SessionStore, same: StorableMessage) => void): void {
    if (this.isFailed) return;
    const numberBefore = message.messageNumber;
    let content: StoredMessage | undefined;
    entry(this.told, {
      get messageNumber() {
        return message.messageNumber;
      },
      set messageNumber(value) {
        message.messageNumber = value;
      },
      stored: () => (content = message.stored()),
    });
    const bytes = content === undefined ? 30 : content.payload.length + content.topicName.length + 60;
    this.openBytes += bytes;
    this.backlogBytes += bytes;
    this.open.push((store) => entry(store, { messageNumber: numberBefore, stored: () => content as StoredMessage }));
  }
}
