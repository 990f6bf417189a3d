/**
 * What a store should hold, in the most obvious way: told the same as the store, it answers with the content that the
 * store has to recover.
 */
import type { StoredDelivery, StoredSession, StoredSubscription } from "../session-store.js";
import { ContentCollector, type StoreContent } from "./store-content.js";
import type { TestMessage } from "./test-message.js";

export interface ModelDelivery extends StoredDelivery {
  readonly message: TestMessage;
  readonly packetIdentifier: number;
  readonly released: boolean;
}

interface ModelSession {
  session: StoredSession;
  nextDeliveryNumber: number;
  subscriptions: Map<string, StoredSubscription>;
  /** In the order of their numbers. */
  deliveries: Map<number, ModelDelivery>;
  inbound: Set<number>;
}

export class StoreModel {
  private sessions = new Map<string, ModelSession>();
  private retained = new Map<string, TestMessage>();

  /** The same content, which goes its own way from here on. */
  copy(): StoreModel {
    const copy = new StoreModel();
    for (const [clientIdentifier, { subscriptions, deliveries, inbound, ...rest }] of this.sessions) {
      copy.sessions.set(clientIdentifier, {
        ...rest,
        subscriptions: new Map(subscriptions),
        deliveries: new Map(deliveries),
        inbound: new Set(inbound),
      });
    }
    copy.retained = new Map(this.retained);
    return copy;
  }

  /** Messages that something refers to. */
  get messages(): Set<TestMessage> {
    const messages = new Set(this.retained.values());
    for (const { deliveries } of this.sessions.values())
      for (const { message } of deliveries.values()) messages.add(message);
    return messages;
  }

  deliveries(clientIdentifier: string): readonly ModelDelivery[] {
    return [...(this.sessions.get(clientIdentifier)?.deliveries.values() ?? [])];
  }

  delivery(clientIdentifier: string, deliveryNumber: number): ModelDelivery | undefined {
    return this.sessions.get(clientIdentifier)?.deliveries.get(deliveryNumber);
  }

  nextDeliveryNumber(clientIdentifier: string): number {
    return this.sessions.get(clientIdentifier)?.nextDeliveryNumber ?? 1;
  }

  retainedMessage(topicName: string): TestMessage | undefined {
    return this.retained.get(topicName);
  }

  content(): StoreContent {
    const collector = new ContentCollector<TestMessage>();
    for (const [clientIdentifier, known] of this.sessions) {
      collector.session(known.session, known.nextDeliveryNumber);
      for (const subscription of known.subscriptions.values()) collector.subscription(clientIdentifier, subscription);
      for (const packetIdentifier of known.inbound) collector.inbound(clientIdentifier, packetIdentifier);
      for (const delivery of known.deliveries.values()) {
        const { message } = delivery;
        collector.delivery(clientIdentifier, { ...delivery, message: message.content }, message);
      }
    }
    for (const message of this.retained.values()) collector.retain(message.content, message);
    return collector.content();
  }

  putSession(session: StoredSession): void {
    const { clientIdentifier } = session;
    const known = this.sessions.get(clientIdentifier);
    if (known !== undefined) known.session = session;
    else {
      this.sessions.set(clientIdentifier, {
        session,
        nextDeliveryNumber: 1,
        subscriptions: new Map(),
        deliveries: new Map(),
        inbound: new Set(),
      });
    }
  }

  dropSession(clientIdentifier: string): void {
    this.sessions.delete(clientIdentifier);
  }

  putSubscription(clientIdentifier: string, subscription: StoredSubscription): void {
    this.sessions.get(clientIdentifier)?.subscriptions.set(subscription.topicFilter, subscription);
  }

  removeSubscription(clientIdentifier: string, topicFilter: string): void {
    this.sessions.get(clientIdentifier)?.subscriptions.delete(topicFilter);
  }

  enqueue(clientIdentifier: string, delivery: StoredDelivery, message: TestMessage): void {
    const known = this.sessions.get(clientIdentifier);
    if (known === undefined || delivery.deliveryNumber < known.nextDeliveryNumber) return;
    known.nextDeliveryNumber = delivery.deliveryNumber + 1;
    known.deliveries.set(delivery.deliveryNumber, { ...delivery, message, packetIdentifier: 0, released: false });
  }

  sent(clientIdentifier: string, deliveryNumber: number, packetIdentifier: number): void {
    this.change(clientIdentifier, deliveryNumber, { packetIdentifier });
  }

  released(clientIdentifier: string, deliveryNumber: number): void {
    this.change(clientIdentifier, deliveryNumber, { released: true });
  }

  done(clientIdentifier: string, deliveryNumber: number): void {
    this.sessions.get(clientIdentifier)?.deliveries.delete(deliveryNumber);
  }

  addInbound(clientIdentifier: string, packetIdentifier: number): void {
    this.sessions.get(clientIdentifier)?.inbound.add(packetIdentifier);
  }

  removeInbound(clientIdentifier: string, packetIdentifier: number): void {
    this.sessions.get(clientIdentifier)?.inbound.delete(packetIdentifier);
  }

  setRetained(topicName: string, message: TestMessage): void {
    this.retained.set(topicName, message);
  }

  clearRetained(topicName: string): void {
    this.retained.delete(topicName);
  }

  private change(clientIdentifier: string, deliveryNumber: number, change: Partial<ModelDelivery>): void {
    const known = this.delivery(clientIdentifier, deliveryNumber);
    if (known === undefined) return;
    this.sessions.get(clientIdentifier)?.deliveries.set(deliveryNumber, { ...known, ...change });
  }
}
