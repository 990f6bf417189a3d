/**
 * A session store that writes down what it is told, batch by batch, and puts the whole content in the place of a journal that
 * has become long. Where it writes is the medium's business. The content is in memory as well: that of a client, which is
 * its queue and what is in flight.
 */
import {
  MemorySessionStore,
  type RecoveryVisitor,
  type SessionStore,
  type StorableMessage,
  type StoredDelivery,
  type StoredMessage,
  type StoredSession,
  type StoredSubscription,
  type Ticket,
} from "@tidings/session";
import type { JournalMedium } from "./journal-medium.js";
import { ValueReader, ValueWriter } from "./value-codec.js";

/** A journal is put together anew when it is longer than this and than four times its content. */
const COMPACTED_BYTES_MIN = 1_048_576;

/** What was told, as it is written. New ones go to the end. */
const OPERATIONS = [
  "putSession",
  "dropSession",
  "putSubscription",
  "removeSubscription",
  "enqueue",
  "sent",
  "released",
  "done",
  "addInbound",
  "removeInbound",
  "setRetained",
  "clearRetained",
  "skip",
] as const;
type Operation = (typeof OPERATIONS)[number];

interface Batch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ticket: Ticket;
  readonly replaces: boolean;
}

export class JournalSessionStore implements SessionStore {
  durableUpTo: Ticket = 0;
  onDurable: (upTo: Ticket) => void = () => {};
  onFailure: (error: Error) => void = () => {};
  /** A medium that is full is one that has failed. */
  readonly hasRoom = true;
  onRoomChange: (hasRoom: boolean) => void = () => {};
  private readonly content = new MemorySessionStore();
  private readonly told = new ValueWriter();
  private sealed: Ticket = 0;
  private batches: Batch[] = [];
  private waitingBytes = 0;
  private writing: Promise<void> | undefined;
  private journalBytes = 0;
  private contentBytes = 0;
  private hasFailed = false;

  constructor(private readonly medium: JournalMedium) {}

  /** Messages that a delivery or a topic refers to. */
  get messageCount(): number {
    return this.content.messageCount;
  }

  get currentTicket(): Ticket {
    return this.told.size > 0 ? this.sealed + 1 : this.sealed;
  }

  get backlogBytes(): number {
    return this.waitingBytes + this.told.size;
  }

  putSession(session: StoredSession): void {
    this.content.putSession(session);
    this.tell("putSession", session);
  }

  dropSession(clientIdentifier: string): void {
    this.content.dropSession(clientIdentifier);
    this.tell("dropSession", clientIdentifier);
  }

  putSubscription(clientIdentifier: string, subscription: StoredSubscription): void {
    this.content.putSubscription(clientIdentifier, subscription);
    this.tell("putSubscription", clientIdentifier, subscription);
  }

  removeSubscription(clientIdentifier: string, topicFilter: string): void {
    this.content.removeSubscription(clientIdentifier, topicFilter);
    this.tell("removeSubscription", clientIdentifier, topicFilter);
  }

  enqueue(clientIdentifier: string, delivery: StoredDelivery, message: StorableMessage): void {
    const taker = new MessageTaker(message);
    this.content.enqueue(clientIdentifier, delivery, taker);
    this.tell("enqueue", clientIdentifier, delivery, message.messageNumber, taker.taken);
  }

  sent(clientIdentifier: string, deliveryNumber: number, packetIdentifier: number): void {
    this.content.sent(clientIdentifier, deliveryNumber, packetIdentifier);
    this.tell("sent", clientIdentifier, deliveryNumber, packetIdentifier);
  }

  released(clientIdentifier: string, deliveryNumber: number): void {
    this.content.released(clientIdentifier, deliveryNumber);
    this.tell("released", clientIdentifier, deliveryNumber);
  }

  done(clientIdentifier: string, deliveryNumber: number): void {
    this.content.done(clientIdentifier, deliveryNumber);
    this.tell("done", clientIdentifier, deliveryNumber);
  }

  addInbound(clientIdentifier: string, packetIdentifier: number): void {
    this.content.addInbound(clientIdentifier, packetIdentifier);
    this.tell("addInbound", clientIdentifier, packetIdentifier);
  }

  removeInbound(clientIdentifier: string, packetIdentifier: number): void {
    this.content.removeInbound(clientIdentifier, packetIdentifier);
    this.tell("removeInbound", clientIdentifier, packetIdentifier);
  }

  setRetained(topicName: string, message: StorableMessage): void {
    const taker = new MessageTaker(message);
    this.content.setRetained(topicName, taker);
    this.tell("setRetained", topicName, message.messageNumber, taker.taken);
  }

  clearRetained(topicName: string): void {
    this.content.clearRetained(topicName);
    this.tell("clearRetained", topicName);
  }

  seal(): Ticket {
    if (this.told.size === 0) return this.sealed;
    this.sealed += 1;
    const bytes = this.told.take();
    this.journalBytes += bytes.length;
    // Only here is the content that of whole batches.
    const isLong = this.journalBytes > Math.max(COMPACTED_BYTES_MIN, 4 * this.contentBytes);
    if (isLong) this.push(this.snapshot(), true);
    else this.push(bytes, false);
    return this.sealed;
  }

  async recover(visitor: RecoveryVisitor): Promise<void> {
    const batches = await this.medium.read();
    const messages = new Map<number, StorableMessage>();
    for (const batch of batches) this.replay(new ValueReader(batch), messages);
    // Message numbers are those of this life from here on: so the journal begins anew.
    if (batches.length > 0) {
      const snapshot = this.snapshot();
      await this.medium.replace(snapshot);
      this.journalBytes = snapshot.length;
      this.contentBytes = snapshot.length;
    }
    await this.content.recover(visitor);
  }

  async close(): Promise<void> {
    this.seal();
    while (this.writing !== undefined) await this.writing;
    await this.medium.close();
  }

  private tell(operation: Operation, ...values: unknown[]): void {
    if (this.hasFailed) return;
    this.told.write(OPERATIONS.indexOf(operation));
    this.told.write(values);
  }

  private push(bytes: Uint8Array<ArrayBuffer>, replaces: boolean): void {
    if (replaces) {
      this.journalBytes = bytes.length;
      this.contentBytes = bytes.length;
    }
    this.batches.push({ bytes, ticket: this.sealed, replaces });
    this.waitingBytes += bytes.length;
    this.writing ??= this.write();
  }

  private async write(): Promise<void> {
    await Promise.resolve(); // never calls back from inside `seal`
    while (this.batches.length > 0 && !this.hasFailed) {
      const { bytes, ticket, replaces } = this.next();
      try {
        await (replaces ? this.medium.replace(bytes) : this.medium.append(bytes));
      } catch (cause) {
        this.hasFailed = true;
        this.onFailure(cause as Error);
        break;
      }
      this.waitingBytes -= bytes.length;
      this.durableUpTo = ticket;
      this.onDurable(ticket);
    }
    this.writing = undefined;
  }

  /** All that waits goes in one write. What comes before a replacement need not be written. */
  private next(): Batch {
    const waiting = this.batches;
    this.batches = [];
    const from = waiting.findLastIndex(({ replaces }) => replaces);
    if (from > 0 || waiting.length > 1) {
      const parts = waiting.slice(Math.max(0, from)).map(({ bytes }) => bytes);
      const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
      let offset = 0;
      for (const part of parts) {
        bytes.set(part, offset);
        offset += part.length;
      }
      const dropped = waiting.reduce((sum, batch) => sum + batch.bytes.length, 0) - bytes.length;
      this.waitingBytes -= dropped;
      return { bytes, ticket: (waiting.at(-1) as Batch).ticket, replaces: from >= 0 };
    }
    return waiting[0];
  }

  private replay(reader: ValueReader, messages: Map<number, StorableMessage>): void {
    const { content } = this;
    while (!reader.isAtEnd) {
      const operation = OPERATIONS[reader.read() as number];
      const values = reader.read() as never[];
      switch (operation) {
        case "enqueue": {
          const [clientIdentifier, delivery, messageNumber, message] = values;
          const found = known(messages, messageNumber, message);
          if (found !== undefined) content.enqueue(clientIdentifier, delivery, found);
          break;
        }
        case "setRetained": {
          const [topicName, messageNumber, message] = values;
          const found = known(messages, messageNumber, message);
          if (found !== undefined) content.setRetained(topicName, found);
          break;
        }
        case "skip": {
          // The number behind the last one that was used outlives an empty queue.
          const [clientIdentifier, deliveryNumber] = values;
          content.enqueue(
            clientIdentifier,
            { ...SKIPPED, deliveryNumber },
            { messageNumber: 0, stored: () => NOTHING },
          );
          content.done(clientIdentifier, deliveryNumber);
          break;
        }
        default:
          (content[operation] as (...some: unknown[]) => void)(...values);
      }
    }
  }

  /** The content as a batch. */
  private snapshot(): Uint8Array<ArrayBuffer> {
    const writer = new ValueWriter();
    const written = new Set<number>();
    const write = (operation: Operation, ...values: unknown[]): void => {
      writer.write(OPERATIONS.indexOf(operation));
      writer.write(values);
    };
    const once = (messageNumber: number, message: StoredMessage): StoredMessage | undefined => {
      if (written.has(messageNumber)) return undefined;
      written.add(messageNumber);
      return message;
    };
    const next = new Map<string, number>();
    const lastNumbers = new Map<string, number>();
    void this.content.recover({
      session: (session, nextDeliveryNumber) => {
        write("putSession", session);
        next.set(session.clientIdentifier, nextDeliveryNumber);
      },
      subscription: (clientIdentifier, subscription) => write("putSubscription", clientIdentifier, subscription),
      inbound: (clientIdentifier, packetIdentifier) => write("addInbound", clientIdentifier, packetIdentifier),
      delivery: (clientIdentifier, { message, messageNumber, packetIdentifier, released, ...delivery }) => {
        const { deliveryNumber } = delivery;
        lastNumbers.set(clientIdentifier, deliveryNumber);
        write("enqueue", clientIdentifier, delivery, messageNumber, once(messageNumber, message));
        if (packetIdentifier > 0) write("sent", clientIdentifier, deliveryNumber, packetIdentifier);
        if (released) write("released", clientIdentifier, deliveryNumber);
      },
      retained: (message, messageNumber) =>
        write("setRetained", message.topicName, messageNumber, once(messageNumber, message)),
    });
    for (const [clientIdentifier, nextDeliveryNumber] of next) {
      const last = nextDeliveryNumber - 1;
      if (last > (lastNumbers.get(clientIdentifier) ?? 0)) write("skip", clientIdentifier, last);
    }
    return writer.take();
  }
}

const NOTHING: StoredMessage = {
  topicName: "",
  payload: new Uint8Array(0),
  properties: new Uint8Array(0),
  qos: 0,
  expiresAtMs: Number.POSITIVE_INFINITY,
  publisherIdentifier: undefined,
};
const SKIPPED = { qos: 0, retain: false, subscriptionIdentifiers: undefined, sharedFilter: undefined } as const;

/**
 * The message of that number; `content` comes with its first mention. Undefined for one that was never taken in, because
 * there was no session to take it.
 */
function known(
  messages: Map<number, StorableMessage>,
  number: number,
  content: StoredMessage | undefined,
): StorableMessage | undefined {
  if (content !== undefined) messages.set(number, { messageNumber: 0, stored: () => content });
  return messages.get(number);
}

/** Stands in for a message while it is told, to see whether its content was asked for. */
class MessageTaker implements StorableMessage {
  taken: StoredMessage | undefined;

  constructor(private readonly message: StorableMessage) {}

  get messageNumber(): number {
    return this.message.messageNumber;
  }
  set messageNumber(value: number) {
    this.message.messageNumber = value;
  }

  stored(): StoredMessage {
    this.taken = this.message.stored();
    return this.taken;
  }
}
