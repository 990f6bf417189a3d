/**
 * Where session state and retained messages outlive the process. A store is a journal with a high-water mark: the
 * broker core owns all state in memory and decides everything; the store is told, never asked, on the hot path.
 *
 * Mutators are synchronous, take no closure and append to the batch of this turn. `seal` ends the batch and names it by
 * a ticket; `onDurable` reports once per batch. What promises something waits until the mark passes the ticket
 * (MQTT 5.0 section 4.1). Sessions that end with their connection are never told.
 *
 * What every store keeps to, and `sessionStoreSuite` of `@tidings/session/testing` checks:
 *
 * - A batch is atomic and batches are durable in order: after a crash a store holds what was told up to the end of some
 *   sealed batch, not before `durableUpTo`.
 * - A mutator may be repeated at once with the same arguments without harm, and does nothing for a session that is not
 *   there.
 * - A message is kept once, whatever the number of sessions it is queued for, as long as a delivery or its topic's
 *   retained place refers to it.
 * - No callback is called from inside a mutator or `seal`.
 */
import type { QoS } from "@tidings/packet";

/** Names a batch. Grows; 0 means "already durable". */
export type Ticket = number;

/** An Application Message as a store keeps it. Nobody changes its bytes. */
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

/** A message that a store may be told to keep. */
export interface StorableMessage {
  /**
   * What the store calls the message: 1 or more, written by the store when it takes the message in, and valid in this
   * life of the store. 0: not stored yet. The store may have forgotten it since, with its last delivery; then it takes
   * the message in again.
   */
  messageNumber: number;
  /** Asked only when the store does not hold the message yet. The answer is the store's to keep. */
  stored(): StoredMessage;
}

/** One message queued for one session. */
export interface StoredDelivery {
  /** 1 for the first of a session, then one more for each: the order of queueing, which is the order of sending. */
  readonly deliveryNumber: number;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly subscriptionIdentifiers: readonly number[] | undefined;
  /** The `$share/…` filter whose group chose this session, so that another member can have it if the session ends. */
  readonly sharedFilter: string | undefined;
}

/** A delivery as an earlier life left it. */
export interface RecoveredDelivery extends StoredDelivery {
  /** Equal for deliveries of one message, and only for these. */
  readonly messageNumber: number;
  readonly message: StoredMessage;
  /** 0: still queued. */
  readonly packetIdentifier: number;
  /** PUBREC had come: PUBREL is due. */
  readonly released: boolean;
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

/** A Will Message that is still to be published (section 3.1.2.5). */
export interface StoredWill {
  /** The PUBLISH that it will become, encoded as 5.0. */
  readonly packet: Uint8Array;
  /** Seconds. */
  readonly delayInterval: number;
  /** Absolute, milliseconds since 1970; undefined while connected. */
  readonly publishAtMs: number | undefined;
}

/** One subscription with its options (section 3.8.3.1). */
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

/**
 * Receives a store's content. A session comes before what belongs to it, and the deliveries of one session in the order
 * of their numbers; nothing else is ordered.
 */
export interface RecoveryVisitor {
  /** `nextDeliveryNumber` is the one behind the last that the session used, whatever became of it. */
  session(session: StoredSession, nextDeliveryNumber: number): void;
  subscription(clientIdentifier: string, subscription: StoredSubscription): void;
  delivery(clientIdentifier: string, delivery: RecoveredDelivery): void;
  /** An inbound QoS 2 identifier between PUBLISH and PUBREL. */
  inbound(clientIdentifier: string, packetIdentifier: number): void;
  retained(message: StoredMessage, messageNumber: number): void;
}

/** What keeps session state (section 4.1) and retained messages (section 3.3.1.3); the contract is told above. */
export interface SessionStore {
  /**
   * When this ticket is durable, everything told so far is: the ticket of the batch that is being gathered, or of the
   * last one when nothing was told since. 0 for a store that makes everything durable at once.
   */
  readonly currentTicket: Ticket;
  /** Everything up to this ticket is durable. Never falls. */
  readonly durableUpTo: Ticket;
  /** Called when `durableUpTo` has grown; set by the broker. Never from inside a mutator or `seal`. */
  onDurable: (upTo: Ticket) => void;
  /**
   * Called at most once, when the store can no longer do its work (disk broken, quorum lost for good): nothing above
   * `durableUpTo` will ever be durable, mutators and `seal` do nothing any more. Never from inside a mutator or `seal`.
   */
  onFailure: (error: Error) => void;
  /**
   * False while the store is short of room (disk full): it should be told of no more messages. Everything else it takes
   * as before, and what it takes becomes durable, if late.
   */
  readonly hasRoom: boolean;
  /** Called when `hasRoom` has changed; set by the broker. Never from inside a mutator or `seal`. */
  onRoomChange: (hasRoom: boolean) => void;
  /** Bytes told but not yet durable; above its limit the broker stops reading from publishers. */
  readonly backlogBytes: number;

  /** Makes a session, or changes what it is; what belongs to it stays. */
  putSession(session: StoredSession): void;
  /** With its subscriptions, deliveries and identifiers. */
  dropSession(clientIdentifier: string): void;
  /** Replaces one with the same Topic Filter. */
  putSubscription(clientIdentifier: string, subscription: StoredSubscription): void;
  /** What was queued because of it stays. */
  removeSubscription(clientIdentifier: string, topicFilter: string): void;

  /** Queues a message for a session, and takes the message in when the store does not hold it yet. */
  enqueue(clientIdentifier: string, delivery: StoredDelivery, message: StorableMessage): void;
  /** The delivery was given a packet identifier. */
  sent(clientIdentifier: string, deliveryNumber: number, packetIdentifier: number): void;
  /** PUBREC came: only PUBREL is to be sent again. */
  released(clientIdentifier: string, deliveryNumber: number): void;
  /** Acknowledged, expired or dropped. In any order. */
  done(clientIdentifier: string, deliveryNumber: number): void;

  addInbound(clientIdentifier: string, packetIdentifier: number): void;
  removeInbound(clientIdentifier: string, packetIdentifier: number): void;

  /** Puts the message in the retained place of its topic. */
  setRetained(topicName: string, message: StorableMessage): void;
  clearRetained(topicName: string): void;

  /** Ends the turn's batch and answers with `currentTicket`. Without anything told since the last call: does nothing. */
  seal(): Ticket;
  /** Streams the content of an earlier life into `visitor`. Called once, before any mutator. */
  recover(visitor: RecoveryVisitor): Promise<void>;
  /** Seals, makes everything durable and lets go of the store. Nothing is called after it. */
  close(): Promise<void>;
}
