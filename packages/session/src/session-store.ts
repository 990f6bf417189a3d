/**
 * Where session state and retained messages outlive the process. A store is a journal with a high-water mark: the
 * broker core owns all state in memory and decides everything; the store is told, never asked, on the hot path.
 *
 * Mutators are synchronous, take no closure and append to the batch of this turn. `seal` ends the batch and names it by
 * a ticket; `onDurable` reports once per batch. An acknowledgement waits until the mark passes the ticket of the batch
 * that holds what it promises (MQTT 5.0 section 4.1). Sessions that end with their connection are never told.
 *
 * Every mutator may be repeated with the same arguments without harm.
 */
import type { QoS } from "@tidings/packet";

/** Names a batch. Grows; 0 means "already durable". */
export type Ticket = number;

/** An Application Message as a store keeps it: once, whatever the number of sessions that it is queued for. */
export interface StoredMessage {
  readonly topicName: string;
  readonly payload: Uint8Array;
  /** MQTT 5.0 property bytes as received, without length, Topic Alias and Subscription Identifiers. Empty: none. */
  readonly properties: Uint8Array;
  readonly qos: QoS;
  /** Absolute, milliseconds since 1970; Infinity: never. */
  readonly expiresAtMs: number;
  /** Client Identifier of the publisher, for No Local; undefined when the host process published. */
  readonly publisherIdentifier: string | undefined;
}

/** One message queued for one session. `deliveryNumber` counts up per session in the order of queueing. */
export interface StoredDelivery {
  readonly deliveryNumber: number;
  readonly messageNumber: number;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly subscriptionIdentifiers: readonly number[] | undefined;
}

/** What a session is, apart from its subscriptions and messages. */
export interface StoredSession {
  readonly clientIdentifier: string;
  /** Seconds; 0xFFFFFFFF: never expires. */
  readonly sessionExpiryInterval: number;
  /** Absolute, milliseconds since 1970; undefined while connected. */
  readonly disconnectedAtMs: number | undefined;
  readonly userName: string | undefined;
  /** A will that is still to be published. */
  readonly will: StoredWill | undefined;
}

export interface StoredWill {
  /** The PUBLISH that it will become, encoded as 5.0. */
  readonly packet: Uint8Array;
  /** Seconds. */
  readonly delayInterval: number;
  /** Absolute, milliseconds since 1970; undefined while connected. */
  readonly publishAtMs: number | undefined;
}

export interface StoredSubscription {
  /** As the client sent it, `$share/…` included. */
  readonly topicFilter: string;
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: 0 | 1 | 2;
  /** 0: none. */
  readonly subscriptionIdentifier: number;
}

/** Receives a store's content, in this order: sessions with what belongs to them, then retained messages. */
export interface RecoveryVisitor {
  session(session: StoredSession): void;
  subscription(clientIdentifier: string, subscription: StoredSubscription): void;
  /** `packetIdentifier` is 0 while queued; `released` means that PUBREC had come and PUBREL is due. In order. */
  delivery(
    clientIdentifier: string,
    delivery: StoredDelivery,
    message: StoredMessage,
    packetIdentifier: number,
    released: boolean,
  ): void;
  /** An inbound QoS 2 identifier between PUBLISH and PUBREL. */
  inbound(clientIdentifier: string, packetIdentifier: number): void;
  retained(message: StoredMessage): void;
}

export interface SessionStore {
  /** The ticket that the next `seal` will return; 0 when nothing of this turn has to wait. */
  readonly currentTicket: Ticket;
  /** Everything up to this ticket is durable. */
  readonly durableUpTo: Ticket;
  /** Called when `durableUpTo` has grown; set by the broker. Never from inside a mutator or `seal`. */
  onDurable: (upTo: Ticket) => void;
  /** Bytes told but not yet durable; above its limit the broker stops reading from publishers. */
  readonly backlogBytes: number;

  putSession(session: StoredSession): void;
  /** With its subscriptions, deliveries and identifiers. */
  dropSession(clientIdentifier: string): void;
  putSubscription(clientIdentifier: string, subscription: StoredSubscription): void;
  removeSubscription(clientIdentifier: string, topicFilter: string): void;

  /** Keeps a message and answers with its number, 1 or more. It lives as long as a delivery refers to it. */
  putMessage(message: StoredMessage): number;
  enqueue(clientIdentifier: string, delivery: StoredDelivery): void;
  /** The delivery was given a packet identifier. */
  sent(clientIdentifier: string, deliveryNumber: number, packetIdentifier: number): void;
  /** PUBREC came: only PUBREL is to be sent again. */
  released(clientIdentifier: string, deliveryNumber: number): void;
  /** Acknowledged, expired or dropped. */
  done(clientIdentifier: string, deliveryNumber: number): void;

  addInbound(clientIdentifier: string, packetIdentifier: number): void;
  removeInbound(clientIdentifier: string, packetIdentifier: number): void;

  setRetained(message: StoredMessage): void;
  clearRetained(topicName: string): void;

  /** Ends the turn's batch. Called once per turn in which something was told. */
  seal(): Ticket;
  /** Streams the content of an earlier life into `visitor`. Called once, before anything else. */
  recover(visitor: RecoveryVisitor): Promise<void>;
  /** Makes everything durable and lets go of the store. */
  close(): Promise<void>;
}
