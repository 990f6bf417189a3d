/**
 * A store in memory: what one broker told it, the next broker of the same process recovers. For tests, simulation and
 * embedders that restart a broker without losing sessions; it dies with the process. Everything is durable at once
 * (ticket 0). Messages are counted by reference and forgotten with their last delivery.
 */
import type {
  RecoveryVisitor,
  SessionStore,
  StoredDelivery,
  StoredMessage,
  StoredSession,
  StoredSubscription,
  Ticket,
} from "./session-store.js";

interface KeptDelivery {
  readonly delivery: StoredDelivery;
  packetIdentifier: number;
  /** When it was given its identifier, for the order of resending. */
  sentOrder: number;
  released: boolean;
}

interface KeptSession {
  session: StoredSession;
  readonly subscriptions: Map<string, StoredSubscription>;
  readonly deliveries: Map<number, KeptDelivery>;
  readonly inbound: Set<number>;
}

export class MemorySessionStore implements SessionStore {
  readonly currentTicket: Ticket = 0;
  readonly durableUpTo: Ticket = 0;
  readonly backlogBytes = 0;
  onDurable: (upTo: Ticket) => void = () => {};
  private readonly sessions = new Map<string, KeptSession>();
  private readonly messages = new Map<number, { message: StoredMessage; references: number }>();
  private readonly retainedMessages = new Map<string, StoredMessage>();
  private nextMessageNumber = 1;
  private nextSentOrder = 1;

  /** Messages that a delivery refers to; for tests of leaks. */
  get messageCount(): number {
    return this.messages.size;
  }

  putSession(session: StoredSession): void {
    const kept = this.sessions.get(session.clientIdentifier);
    if (kept !== undefined) kept.session = session;
    else {
      this.sessions.set(session.clientIdentifier, {
        session,
        subscriptions: new Map(),
        deliveries: new Map(),
        inbound: new Set(),
      });
    }
  }

  dropSession(clientIdentifier: string): void {
    const kept = this.sessions.get(clientIdentifier);
    if (kept === undefined) return;
    for (const { delivery } of kept.deliveries.values()) this.unreference(delivery.messageNumber);
    this.sessions.delete(clientIdentifier);
  }

  putSubscription(clientIdentifier: string, subscription: StoredSubscription): void {
    this.sessions.get(clientIdentifier)?.subscriptions.set(subscription.topicFilter, subscription);
  }

  removeSubscription(clientIdentifier: string, topicFilter: string): void {
    this.sessions.get(clientIdentifier)?.subscriptions.delete(topicFilter);
  }

  putMessage(message: StoredMessage): number {
    const messageNumber = this.nextMessageNumber++;
    this.messages.set(messageNumber, { message, references: 0 });
    return messageNumber;
  }

  enqueue(clientIdentifier: string, delivery: StoredDelivery): void {
    const kept = this.sessions.get(clientIdentifier);
    const message = this.messages.get(delivery.messageNumber);
    if (kept === undefined || message === undefined || kept.deliveries.has(delivery.deliveryNumber)) return;
    message.references += 1;
    kept.deliveries.set(delivery.deliveryNumber, { delivery, packetIdentifier: 0, sentOrder: 0, released: false });
  }

  sent(clientIdentifier: string, deliveryNumber: number, packetIdentifier: number): void {
    const kept = this.sessions.get(clientIdentifier)?.deliveries.get(deliveryNumber);
    if (kept === undefined) return;
    kept.packetIdentifier = packetIdentifier;
    kept.sentOrder = this.nextSentOrder++;
  }

  released(clientIdentifier: string, deliveryNumber: number): void {
    const kept = this.sessions.get(clientIdentifier)?.deliveries.get(deliveryNumber);
    if (kept !== undefined) kept.released = true;
  }

  done(clientIdentifier: string, deliveryNumber: number): void {
    const kept = this.sessions.get(clientIdentifier);
    const delivery = kept?.deliveries.get(deliveryNumber);
    if (kept === undefined || delivery === undefined) return;
    kept.deliveries.delete(deliveryNumber);
    this.unreference(delivery.delivery.messageNumber);
  }

  addInbound(clientIdentifier: string, packetIdentifier: number): void {
    this.sessions.get(clientIdentifier)?.inbound.add(packetIdentifier);
  }

  removeInbound(clientIdentifier: string, packetIdentifier: number): void {
    this.sessions.get(clientIdentifier)?.inbound.delete(packetIdentifier);
  }

  setRetained(message: StoredMessage): void {
    this.retainedMessages.set(message.topicName, message);
  }

  clearRetained(topicName: string): void {
    this.retainedMessages.delete(topicName);
  }

  seal(): Ticket {
    return 0;
  }

  async recover(visitor: RecoveryVisitor): Promise<void> {
    for (const [clientIdentifier, kept] of this.sessions) {
      visitor.session(kept.session);
      for (const subscription of kept.subscriptions.values()) visitor.subscription(clientIdentifier, subscription);
      for (const packetIdentifier of kept.inbound) visitor.inbound(clientIdentifier, packetIdentifier);
      for (const { delivery, packetIdentifier, released } of inOrder(kept.deliveries)) {
        const message = this.messages.get(delivery.messageNumber);
        if (message !== undefined)
          visitor.delivery(clientIdentifier, delivery, message.message, packetIdentifier, released);
      }
    }
    for (const message of this.retainedMessages.values()) visitor.retained(message);
  }

  async close(): Promise<void> {}

  private unreference(messageNumber: number): void {
    const kept = this.messages.get(messageNumber);
    if (kept === undefined) return;
    kept.references -= 1;
    if (kept.references === 0) this.messages.delete(messageNumber);
  }
}

/** What was sent comes first, in the order of sending; then the queue, in the order of queueing. */
function inOrder(deliveries: Map<number, KeptDelivery>): KeptDelivery[] {
  return [...deliveries.values()].sort((a, b) => {
    const aSent = a.sentOrder === 0 ? Number.POSITIVE_INFINITY : a.sentOrder;
    const bSent = b.sentOrder === 0 ? Number.POSITIVE_INFINITY : b.sentOrder;
    return aSent === bSent ? a.delivery.deliveryNumber - b.delivery.deliveryNumber : aSent - bSent;
  });
}
