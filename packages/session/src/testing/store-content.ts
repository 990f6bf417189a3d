/**
 * What a store holds, as plain data that can be compared: `null` for undefined, bytes as text, sorted where a store need
 * not keep an order, and messages labelled by identity instead of by number.
 */
import type {
  RecoveredDelivery,
  RecoveryVisitor,
  SessionStore,
  StoredMessage,
  StoredSession,
  StoredSubscription,
} from "../session-store.js";

const TEXT_BYTES_MAX = 300;

export interface StoreContent {
  sessions: SessionContent[];
  retained: { topicName: string; message: object; label: number }[];
}

interface SessionContent {
  clientIdentifier: string;
  session: object;
  nextDeliveryNumber: number;
  subscriptions: object[];
  deliveries: object[];
  inbound: number[];
}

/** Gathers a session by session content; `Identity` is what tells one message from another. */
export class ContentCollector<Identity> {
  private readonly sessions = new Map<string, GatheredSession<Identity>>();
  private readonly retained = new Map<string, { message: object; identity: Identity }>();

  session(session: StoredSession, nextDeliveryNumber: number): void {
    if (this.sessions.has(session.clientIdentifier)) throw new Error(`${session.clientIdentifier} came twice`);
    this.sessions.set(session.clientIdentifier, {
      session: plainSession(session),
      nextDeliveryNumber,
      subscriptions: new Map(),
      deliveries: [],
      inbound: new Set(),
    });
  }

  subscription(clientIdentifier: string, subscription: StoredSubscription): void {
    const { subscriptions } = this.of(clientIdentifier);
    const { topicFilter } = subscription;
    if (subscriptions.has(topicFilter)) throw new Error(`${topicFilter} of ${clientIdentifier} came twice`);
    subscriptions.set(topicFilter, subscription);
  }

  delivery(clientIdentifier: string, delivery: Omit<RecoveredDelivery, "messageNumber">, identity: Identity): void {
    this.of(clientIdentifier).deliveries.push({ delivery: plainDelivery(delivery), identity });
  }

  inbound(clientIdentifier: string, packetIdentifier: number): void {
    const { inbound } = this.of(clientIdentifier);
    if (inbound.has(packetIdentifier)) throw new Error(`${packetIdentifier} of ${clientIdentifier} came twice`);
    inbound.add(packetIdentifier);
  }

  retain(message: StoredMessage, identity: Identity): void {
    if (this.retained.has(message.topicName)) throw new Error(`${message.topicName} came twice`);
    this.retained.set(message.topicName, { message: plainMessage(message), identity });
  }

  content(): StoreContent {
    const labels = new Map<Identity, number>();
    const label = (identity: Identity): number => {
      if (!labels.has(identity)) labels.set(identity, labels.size + 1);
      return labels.get(identity) as number;
    };
    return {
      sessions: sorted(this.sessions).map(([clientIdentifier, gathered]) => ({
        clientIdentifier,
        session: gathered.session,
        nextDeliveryNumber: gathered.nextDeliveryNumber,
        subscriptions: sorted(gathered.subscriptions).map(([, subscription]) => plainSubscription(subscription)),
        deliveries: gathered.deliveries.map(({ delivery, identity }) => ({
          ...delivery,
          label: label(identity),
        })),
        inbound: [...gathered.inbound].sort((a, b) => a - b),
      })),
      retained: sorted(this.retained).map(([topicName, { message, identity }]) => ({
        topicName,
        message,
        label: label(identity),
      })),
    };
  }

  private of(clientIdentifier: string): GatheredSession<Identity> {
    const gathered = this.sessions.get(clientIdentifier);
    if (gathered === undefined) throw new Error(`${clientIdentifier} has not come before what belongs to it`);
    return gathered;
  }
}

interface GatheredSession<Identity> {
  session: object;
  nextDeliveryNumber: number;
  subscriptions: Map<string, StoredSubscription>;
  deliveries: { delivery: object; identity: Identity }[];
  inbound: Set<number>;
}

/** Everything that a store recovers. `also` sees it as it comes. */
export async function recoverContent(store: SessionStore, also: Partial<RecoveryVisitor> = {}): Promise<StoreContent> {
  const collector = new ContentCollector<number>();
  await store.recover({
    session: (session, nextDeliveryNumber) => collector.session(session, nextDeliveryNumber),
    subscription: (clientIdentifier, subscription) => collector.subscription(clientIdentifier, subscription),
    inbound: (clientIdentifier, packetIdentifier) => collector.inbound(clientIdentifier, packetIdentifier),
    delivery: (clientIdentifier, delivery) => {
      collector.delivery(clientIdentifier, delivery, delivery.messageNumber);
      also.delivery?.(clientIdentifier, delivery);
    },
    retained: (message, messageNumber) => {
      collector.retain(message, messageNumber);
      also.retained?.(message, messageNumber);
    },
  });
  return collector.content();
}

/** Contents are plain and always built in the same order, so this is exact, and far cheaper than to walk through them. */
export function isSame(a: StoreContent, b: StoreContent): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function plainSession({ clientIdentifier, sessionExpiryInterval, disconnectedAtMs, userName, will }: StoredSession) {
  return {
    clientIdentifier,
    sessionExpiryInterval,
    disconnectedAtMs: disconnectedAtMs ?? null,
    userName: userName ?? null,
    will: will && {
      packet: text(will.packet),
      delayInterval: will.delayInterval,
      publishAtMs: will.publishAtMs ?? null,
    },
  };
}

function plainSubscription(subscription: StoredSubscription): object {
  const { topicFilter, qos, noLocal, retainAsPublished, retainHandling, subscriptionIdentifier } = subscription;
  return { topicFilter, qos, noLocal, retainAsPublished, retainHandling, subscriptionIdentifier };
}

export function plainDelivery(delivery: Omit<RecoveredDelivery, "messageNumber">): object {
  const { deliveryNumber, qos, retain, subscriptionIdentifiers, sharedFilter, packetIdentifier, released, message } =
    delivery;
  return {
    deliveryNumber,
    qos,
    retain,
    subscriptionIdentifiers: subscriptionIdentifiers === undefined ? null : [...subscriptionIdentifiers],
    sharedFilter: sharedFilter ?? null,
    packetIdentifier,
    released,
    message: plainMessage(message),
  };
}

function plainMessage({ topicName, payload, properties, qos, expiresAtMs, publisherIdentifier }: StoredMessage) {
  return {
    topicName,
    payload: text(payload),
    properties: text(properties),
    qos,
    // JSON knows no Infinity, and contents are compared as JSON.
    expiresAtMs: `${expiresAtMs}`,
    publisherIdentifier: publisherIdentifier ?? null,
  };
}

/** One character for each byte; of many bytes the first ones, their number and a hash (FNV-1a) of all. */
function text(bytes: Uint8Array): string {
  if (bytes.length <= TEXT_BYTES_MAX) return String.fromCharCode(...bytes);
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return `${String.fromCharCode(...bytes.subarray(0, 32))}… ${bytes.length} bytes, ${hash >>> 0}`;
}

function sorted<T>(entries: Map<string, T>): [string, T][] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}
