/**
 * A store in memory: what one broker told it, the next broker of the same process recovers. For tests, simulation and
 * embedders that restart a broker without losing sessions; it dies with the process. Everything is durable at once
 * (ticket 0). Messages are counted by reference and forgotten with the last one.
 */
import type {
  RecoveryVisitor,
  SessionStore,
  StorableMessage,
  StoredDelivery,
  StoredMessage,
  StoredSession,
  StoredSubscription,
  Ticket,
} from "./session-store.js";

interface KeptDelivery extends StoredDelivery {
  readonly messageNumber: number;
  packetIdentifier: number;
  released: boolean;
}

interface KeptSession {
  session: StoredSession;
  nextDeliveryNumber: number;
  readonly subscriptions: Map<string, StoredSubscription>;
  /** By number, which is also the order of the entries. */
  readonly deliveries: Map<number, KeptDelivery>;
  readonly inbound: Set<number>;
}

/**
 * Remembers sessions and retained messages as long as the process lives. Hand the same object to the next broker and call
 * its `recover`.
 */
export class MemorySessionStore implements SessionStore {
  readonly currentTicket: Ticket = 0;
  readonly durableUpTo: Ticket = 0;
  readonly backlogBytes = 0;
  readonly hasRoom = true;
  onDurable: (upTo: Ticket) => void = () => {};
  onFailure: (error: Error) => void = () => {};
  onRoomChange: (hasRoom: boolean) => void = () => {};
  private readonly sessions = new Map<string, KeptSession>();
  private readonly messages = new Map<number, { readonly message: StoredMessage; references: number }>();
  /** Message numbers by topic. */
  private readonly retained = new Map<string, number>();
  private nextMessageNumber = 1;

  /** Messages that a delivery or a topic refers to. */
  get messageCount(): number {
    return this.messages.size;
  }

  putSession(session: StoredSession): void {
    const kept = this.sessions.get(session.clientIdentifier);
    if (kept !== undefined) kept.session = session;
    else {
      this.sessions.set(session.clientIdentifier, {
        session,
        nextDeliveryNumber: 1,
        subscriptions: new Map(),
        deliveries: new Map(),
        inbound: new Set(),
      });
    }
  }

  dropSession(clientIdentifier: string): void {
    const kept = this.sessions.get(clientIdentifier);
    if (kept === undefined) return;
    for (const { messageNumber } of kept.deliveries.values()) this.unreference(messageNumber);
    this.sessions.delete(clientIdentifier);
  }

  putSubscription(clientIdentifier: string, subscription: StoredSubscription): void {
    this.sessions.get(clientIdentifier)?.subscriptions.set(subscription.topicFilter, subscription);
  }

  removeSubscription(clientIdentifier: string, topicFilter: string): void {
    this.sessions.get(clientIdentifier)?.subscriptions.delete(topicFilter);
  }

  enqueue(clientIdentifier: string, delivery: StoredDelivery, message: StorableMessage): void {
    const kept = this.sessions.get(clientIdentifier);
    if (kept === undefined || delivery.deliveryNumber < kept.nextDeliveryNumber) return;
    kept.nextDeliveryNumber = delivery.deliveryNumber + 1;
    const messageNumber = this.reference(message);
    kept.deliveries.set(delivery.deliveryNumber, { ...delivery, messageNumber, packetIdentifier: 0, released: false });
  }

  sent(clientIdentifier: string, deliveryNumber: number, packetIdentifier: number): void {
    const kept = this.sessions.get(clientIdentifier)?.deliveries.get(deliveryNumber);
    if (kept !== undefined) kept.packetIdentifier = packetIdentifier;
  }

  released(clientIdentifier: string, deliveryNumber: number): void {
    const kept = this.sessions.get(clientIdentifier)?.deliveries.get(deliveryNumber);
    if (kept !== undefined) kept.released = true;
  }

  done(clientIdentifier: string, deliveryNumber: number): void {
    const deliveries = this.sessions.get(clientIdentifier)?.deliveries;
    const kept = deliveries?.get(deliveryNumber);
    if (kept === undefined) return;
    deliveries?.delete(deliveryNumber);
    this.unreference(kept.messageNumber);
  }

  addInbound(clientIdentifier: string, packetIdentifier: number): void {
    this.sessions.get(clientIdentifier)?.inbound.add(packetIdentifier);
  }

  removeInbound(clientIdentifier: string, packetIdentifier: number): void {
    this.sessions.get(clientIdentifier)?.inbound.delete(packetIdentifier);
  }

  setRetained(topicName: string, message: StorableMessage): void {
    const earlier = this.retained.get(topicName);
    this.retained.set(topicName, this.reference(message));
    if (earlier !== undefined) this.unreference(earlier);
  }

  clearRetained(topicName: string): void {
    const earlier = this.retained.get(topicName);
    if (earlier === undefined) return;
    this.retained.delete(topicName);
    this.unreference(earlier);
  }

  seal(): Ticket {
    return 0;
  }

  async recover(visitor: RecoveryVisitor): Promise<void> {
    for (const [clientIdentifier, kept] of this.sessions) {
      visitor.session(kept.session, kept.nextDeliveryNumber);
      for (const subscription of kept.subscriptions.values()) visitor.subscription(clientIdentifier, subscription);
      for (const packetIdentifier of kept.inbound) visitor.inbound(clientIdentifier, packetIdentifier);
      for (const delivery of kept.deliveries.values()) {
        visitor.delivery(clientIdentifier, { ...delivery, message: this.message(delivery.messageNumber) });
      }
    }
    for (const messageNumber of this.retained.values()) visitor.retained(this.message(messageNumber), messageNumber);
  }

  async close(): Promise<void> {}

  private message(messageNumber: number): StoredMessage {
    return (this.messages.get(messageNumber) as { message: StoredMessage }).message;
  }

  private reference(message: StorableMessage): number {
    let kept = this.messages.get(message.messageNumber);
    if (kept === undefined) {
      message.messageNumber = this.nextMessageNumber++;
      kept = { message: message.stored(), references: 0 };
      this.messages.set(message.messageNumber, kept);
    }
    kept.references += 1;
    return message.messageNumber;
  }

  private unreference(messageNumber: number): void {
    const kept = this.messages.get(messageNumber);
    if (kept === undefined) return;
    kept.references -= 1;
    if (kept.references === 0) this.messages.delete(messageNumber);
  }
}
