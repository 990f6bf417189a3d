/**
 * The client's session state (MQTT 5.0 section 4.1), sans-IO: what outlives a connection. Messages in flight and queued, the
 * identifiers of incoming QoS 2 messages, subscriptions, and requests that wait for their answer. Knows no transport; a
 * `ClientConnection` carries it while there is one.
 */
import { type AcknowledgementPacket, PacketType, type SubackPacket, type UnsubackPacket } from "@tidings/packet";
import {
  Awaiting,
  type DeliveryDropReason,
  type DeliveryPort,
  InboundDelivery,
  MessageQueue,
  OutboundDelivery,
  type QueueLimits,
  type SessionStore,
  type Ticket,
} from "@tidings/session";
import { checkOffered } from "./check-publish.js";
import type { ClientConnection } from "./client-connection.js";
import { ClientError } from "./client-error.js";
import type { ClientSessionStore } from "./client-session-store.js";
import type { ControlRequest } from "./control-request.js";
import type { Message } from "./message.js";
import type { OutgoingMessage, PublishProperties, PublishResult } from "./outgoing-message.js";
import { refusalError } from "./refusal-error.js";
import type { ServerInfo } from "./server-info.js";
import { SubscriptionRegistry } from "./subscription-registry.js";
import { TopicReader } from "./topic-reader.js";
import { writePublish } from "./write-publish.js";

/** The owner's side of a session. */
export interface ClientSessionHost {
  /** A message came. Call `taken` on it when done, or let the application do so. */
  deliver(message: Message): void;
  /** A message for which nobody waits was given up: one of an earlier life of the process. */
  abandoned(message: OutgoingMessage, error: ClientError): void;
  /** After a reconnect the server refused a subscription that it had granted before. */
  subscriptionLost(topicFilter: string, error: ClientError): void;
}

export interface ClientSessionOptions {
  readonly queue: QueueLimits;
  /** QoS 1 and 2 messages that may wait for the application. */
  readonly receiveMaximum: number;
  readonly store?: ClientSessionStore;
  /** False: subscriptions that the server has lost stay lost. */
  readonly resubscribe?: boolean;
}

const SUCCESS: PublishResult = Object.freeze({ reasonCode: 0 });

export class ClientSession implements DeliveryPort<OutgoingMessage> {
  readonly outbound: OutboundDelivery<OutgoingMessage>;
  inbound = new InboundDelivery();
  readonly subscriptions = new SubscriptionRegistry();
  /** The one that carries the session now. */
  connection: ClientConnection | undefined;
  /** Properties of the acknowledgement that is being handled. */
  acknowledgementProperties: AcknowledgementPacket["properties"];
  readonly receiveMaximum: number;
  /** Called once when `isSettled`. */
  onSettled: (() => void) | undefined;
  /** Name of the session in the store. */
  clientIdentifier = "";
  /** In order; those that are sent have a Packet Identifier. */
  readonly #requests: ControlRequest[] = [];
  #awaited: Map<number, ControlRequest> | undefined;
  /** QoS 2 messages that wait for the application, by Packet Identifier. Their copies on a new connection join them. */
  #unacknowledged: Map<number, Message> | undefined;
  #topics: TopicReader | undefined;
  /** QoS 2 identifiers of earlier connections that have not come again on this one. */
  #earlierInbound: Set<number> | undefined;
  /** QoS 0 messages in the queue. */
  #queuedQos0 = 0;
  #lastDeliveryNumber = 0;
  readonly #keeper: ClientSessionStore | undefined;
  readonly #store: SessionStore | undefined;
  readonly #resubscribes: boolean;
  #isClosed = false;

  constructor(
    readonly host: ClientSessionHost,
    options: ClientSessionOptions,
  ) {
    this.receiveMaximum = options.receiveMaximum;
    this.#keeper = options.store;
    this.#store = options.store?.store;
    this.#resubscribes = options.resubscribe !== false;
    this.outbound = new OutboundDelivery(this, (owner) => new MessageQueue(options.queue, owner));
  }

  // Publishing.

  /** A QoS 0 message would be written at once. */
  get isFlowing(): boolean {
    const { connection } = this;
    return connection !== undefined && this.#queuedQos0 === 0 && connection.outbound.isWritable;
  }

  /** Writes a QoS 0 message; only when `isFlowing`. What is wrong with it is the answer, and it is not sent then. */
  sendQos0(
    topicName: string,
    payload: Uint8Array,
    retain: boolean,
    properties: PublishProperties | undefined,
  ): ClientError | undefined {
    const connection = this.connection as ClientConnection;
    const server = connection.server as ServerInfo;
    if (retain || server.maximumPacketSize !== Number.POSITIVE_INFINITY) {
      const error = checkOffered({ topicName, payload, qos: 0, retain, properties }, server);
      if (error !== undefined) return error;
    }
    writePublish(connection, topicName, payload, 0, retain, false, 0, properties);
    return undefined;
  }

  /** Sends a message, or queues it until it may be sent. It has been checked. Ends with its `completion`. */
  publish(message: OutgoingMessage, nowMs: number): void {
    const { connection } = this;
    const store = this.#store;
    if (this.#keeper?.holds(message, nowMs)) return;
    if (connection !== undefined) {
      const error = checkOffered(message, connection.server as ServerInfo);
      if (error !== undefined) {
        message.completion?.reject(error);
        return;
      }
    }
    if (message.qos === 0) {
      if (this.isFlowing) {
        this.send(message, 0, false);
        message.completion?.resolve(SUCCESS);
        return;
      }
      this.#queuedQos0 += 1;
    }
    if (store !== undefined) this.#enqueueInStore(message);
    this.outbound.offer(message, nowMs);
    // With a connection its next flush seals; without one nothing else would before the process ends.
    if (connection === undefined) store?.seal();
  }

  /** Goes on with what waits for room in the connection. */
  pump(nowMs: number): void {
    this.outbound.pump(nowMs);
  }

  /** Nothing is queued, and everything sent has its acknowledgement. */
  get isSettled(): boolean {
    const { queue, inFlight } = this.outbound;
    return queue.size + inFlight.size + this.#requests.length === 0 && !this.#keeper?.heldMessages;
  }

  // Subscribing.

  /** Sends SUBSCRIBE or UNSUBSCRIBE, now or when there is a connection. Ends with its `completion`. */
  request(request: ControlRequest): void {
    this.#requests.push(request);
    this.#sendRequests();
  }

  /** Takes back a request, as far as that can be: one that was sent is still carried out. */
  withdraw(request: ControlRequest): void {
    const index = this.#requests.indexOf(request);
    if (index >= 0) this.#requests.splice(index, 1);
  }

  /** SUBACK or UNSUBACK. */
  handleResponse(packet: SubackPacket | UnsubackPacket): void {
    const { packetIdentifier } = packet;
    const request = this.#awaited?.get(packetIdentifier);
    if (request === undefined) {
      if (this.outbound.inFlight.stateOf(packetIdentifier) === Awaiting.Free) return; // for one of an earlier connection
    } else if (request.accepts(packet, this.connection?.version === 5)) {
      this.#awaited?.delete(packetIdentifier);
      if (this.#awaited?.size === 0) this.#awaited = undefined;
      this.outbound.inFlight.release(packetIdentifier);
      request.finish(packet, this);
      this.#sendRequests();
      this.#tellSettled();
      return;
    }
    this.connection?.refuseAcknowledgement(packetIdentifier);
  }

  // The connection's side.

  /** CONNACK was good: everything that waits goes on over this connection. */
  connected(connection: ClientConnection, server: ServerInfo): void {
    const { nowMs } = connection;
    this.connection = connection;
    this.clientIdentifier = server.clientIdentifier;
    if (server.sessionPresent) {
      this.#earlierInbound = new Set(this.inbound.list());
    } else {
      this.#sessionLost(nowMs); // [MQTT-3.2.2-5]
      if (this.#resubscribes) this.#requests.unshift(...this.subscriptions.renewals(this));
    }
    this.#keepInStore(server);
    this.#sendRequests();
    this.outbound.connected(server.receiveMaximum, nowMs);
  }

  /** The connection is over. What was in flight waits for the next one. */
  disconnected(connection: ClientConnection): void {
    if (this.connection !== connection) return;
    this.connection = undefined;
    this.outbound.disconnected();
    this.#earlierInbound = undefined;
    const unanswered = this.#awaited;
    if (unanswered === undefined) return;
    for (const packetIdentifier of unanswered.keys()) this.outbound.inFlight.release(packetIdentifier);
    this.#awaited = undefined;
    this.#requests.unshift(...[...unanswered.values()].filter((request) => !request.isRenewal));
  }

  /** True: it came on an earlier connection, and has not been seen on this one until now. */
  takeEarlierInbound(packetIdentifier: number): boolean {
    return this.#earlierInbound?.delete(packetIdentifier) === true;
  }

  /** A QoS 2 message came, for the first time. */
  beginInbound(message: Message): void {
    this.inbound.begin(message.packetIdentifier);
    this.#unacknowledged ??= new Map();
    this.#unacknowledged.set(message.packetIdentifier, message);
  }

  /** The QoS 2 message with this identifier, if the application is not done with it. */
  unacknowledged(packetIdentifier: number): Message | undefined {
    return this.#unacknowledged?.get(packetIdentifier);
  }

  get topics(): TopicReader {
    return (this.#topics ??= new TopicReader());
  }

  /** PUBREL came. False: the identifier is unknown. */
  releaseInbound(packetIdentifier: number): boolean {
    this.#unacknowledged?.delete(packetIdentifier);
    if (!this.inbound.end(packetIdentifier)) return false;
    this.#store?.removeInbound(this.clientIdentifier, packetIdentifier);
    return true;
  }

  /** PUBREC goes out; with a failure the identifier is free again [MQTT-4.3.3-9]. */
  pubrecSent(packetIdentifier: number, failed: boolean): void {
    this.#unacknowledged?.delete(packetIdentifier);
    if (failed) this.inbound.end(packetIdentifier);
    else this.#store?.addInbound(this.clientIdentifier, packetIdentifier);
  }

  /** The identifier is in use, though not for what came. */
  awaitsOtherwise(packetIdentifier: number): boolean {
    return this.outbound.inFlight.stateOf(packetIdentifier) !== Awaiting.Free;
  }

  // The store.

  /** Reads what an earlier life of the process left, before the first connection. True: there was a session. */
  recover(clientIdentifier: string): Promise<boolean> {
    this.clientIdentifier = clientIdentifier;
    return this.#keeper?.recover(this, clientIdentifier) ?? Promise.resolve(false);
  }

  /** A message that an earlier life queued; those in flight come with their identifiers. */
  restore(message: OutgoingMessage, packetIdentifier: number, isReleased: boolean): void {
    this.#lastDeliveryNumber = Math.max(this.#lastDeliveryNumber, message.deliveryNumber);
    if (packetIdentifier === 0) {
      if (message.qos === 0) this.#queuedQos0 += 1;
      this.outbound.queue.append(message);
      return;
    }
    const sent = message.qos === 1 ? Awaiting.Puback : Awaiting.Pubrec;
    this.outbound.inFlight.restore(packetIdentifier, message, isReleased ? Awaiting.Pubcomp : sent);
  }

  /** The number behind which new deliveries are counted. */
  restoreNumber(nextDeliveryNumber: number): void {
    this.#lastDeliveryNumber = Math.max(this.#lastDeliveryNumber, nextDeliveryNumber - 1);
  }

  sealStore(): Ticket {
    return this.#store === undefined ? 0 : this.#store.seal();
  }

  get durableUpTo(): Ticket {
    return this.#store === undefined ? 0 : this.#store.durableUpTo;
  }

  #enqueueInStore(message: OutgoingMessage): void {
    message.deliveryNumber = ++this.#lastDeliveryNumber;
    message.encodeProperties = this.#keeper?.encodeProperties;
    const { deliveryNumber, qos, retain } = message;
    const delivery = { deliveryNumber, qos, retain, subscriptionIdentifiers: undefined, sharedFilter: undefined };
    this.#store?.enqueue(this.clientIdentifier, delivery, message);
  }

  #keepInStore(server: ServerInfo): void {
    this.#store?.putSession({
      clientIdentifier: this.clientIdentifier,
      sessionExpiryInterval: server.sessionExpiryInterval,
      disconnectedAtMs: undefined,
      userName: undefined,
      will: undefined,
    });
  }

  // The end.

  /** Nobody will connect any more: gives up all that waits. What a store holds stays there. */
  close(error: ClientError): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const request of [...(this.#awaited?.values() ?? []), ...this.#requests.splice(0)]) request.fail(error);
    this.#awaited = undefined;
    this.#keeper?.abandon(error);
    const { inFlight, queue } = this.outbound;
    for (const packetIdentifier of inFlight.inOrder()) inFlight.itemOf(packetIdentifier)?.completion?.reject(error);
    for (let message = queue.shift(); message !== undefined; message = queue.shift()) message.completion?.reject(error);
  }

  // DeliveryPort.

  get writable(): boolean {
    return this.connection?.outbound.isWritable === true;
  }

  send(message: OutgoingMessage, packetIdentifier: number, dup: boolean): void {
    const connection = this.connection as ClientConnection;
    const { topicName, payload, qos, retain, expiresAtMs } = message;
    let { properties } = message;
    if (expiresAtMs !== Number.POSITIVE_INFINITY && properties !== undefined) {
      const messageExpiryInterval = Math.max(0, Math.ceil((expiresAtMs - connection.nowMs) / 1000));
      properties = { ...properties, messageExpiryInterval };
    }
    writePublish(connection, topicName, payload, qos, retain, dup, packetIdentifier, properties);
  }

  sendPubrel(packetIdentifier: number): void {
    this.connection?.sendAcknowledgement(PacketType.PUBREL, packetIdentifier, 0);
  }

  fits(message: OutgoingMessage): boolean {
    message.failure = checkOffered(message, this.connection?.server as ServerInfo);
    return message.failure === undefined;
  }

  dropped(message: OutgoingMessage, reason: DeliveryDropReason): void {
    message.failure ??= dropError(message.topicName, reason);
  }

  sent(message: OutgoingMessage, packetIdentifier: number): void {
    if (message.deliveryNumber > 0) this.#store?.sent(this.clientIdentifier, message.deliveryNumber, packetIdentifier);
  }

  received(message: OutgoingMessage | undefined): OutgoingMessage | undefined {
    if (message !== undefined && message.deliveryNumber > 0) {
      this.#store?.released(this.clientIdentifier, message.deliveryNumber);
    }
    return message;
  }

  completed(message: OutgoingMessage | undefined, _packetIdentifier: number, reasonCode: number): void {
    if (message === undefined) return;
    if (message.deliveryNumber > 0) this.#store?.done(this.clientIdentifier, message.deliveryNumber);
    if (message.qos === 0 && this.#queuedQos0 > 0) this.#queuedQos0 -= 1;
    const error = message.failure ?? this.#refusal(message, reasonCode);
    if (error !== undefined) {
      if (message.completion === undefined) this.host.abandoned(message, error);
      else message.completion.reject(error);
    } else if (message.completion !== undefined) {
      message.completion.resolve(this.#result(reasonCode));
    }
    if (this.#requests.length > 0) this.#sendRequests();
    this.#tellSettled();
  }

  // Details.

  #tellSettled(): void {
    if (this.onSettled === undefined || !this.isSettled) return;
    this.onSettled();
    this.onSettled = undefined;
  }

  #refusal({ topicName }: OutgoingMessage, reasonCode: number): ClientError | undefined {
    if (reasonCode < 0x80) return undefined;
    const what = `refused the message to ${topicName}`;
    return refusalError("TIDINGS_CLIENT_PUBLISH_REFUSED", what, reasonCode, this.acknowledgementProperties);
  }

  #result(reasonCode: number): PublishResult {
    const properties = this.acknowledgementProperties;
    if (properties !== undefined) return { reasonCode, ...properties };
    return reasonCode === 0 ? SUCCESS : { reasonCode };
  }

  #sendRequests(): void {
    const { connection } = this;
    const requests = this.#requests;
    while (requests.length > 0 && connection !== undefined && connection === this.connection) {
      const request = requests[0];
      const error = request.check(connection);
      if (error !== undefined) {
        requests.shift();
        request.fail(error);
        continue;
      }
      // [MQTT-2.2.1-3]
      const packetIdentifier = this.outbound.inFlight.allocate(undefined, request.awaiting);
      if (packetIdentifier === 0) return; // until one is free
      requests.shift();
      this.#awaited ??= new Map();
      this.#awaited.set(packetIdentifier, request);
      request.sent(this);
      connection.send(request.packet(packetIdentifier, connection.version));
    }
  }

  /**
   * The server has no session for us. A QoS 1 message goes out again as a new one: it is not lost. A QoS 2 message may have
   * been taken or not: sending it again could double it, so whoever waits is told. One that PUBREC was for has arrived.
   */
  #sessionLost(nowMs: number): void {
    const { inFlight, queue } = this.outbound;
    const again: OutgoingMessage[] = [];
    const ended: [OutgoingMessage, boolean][] = [];
    for (const packetIdentifier of inFlight.inOrder()) {
      const message = inFlight.itemOf(packetIdentifier);
      const state = inFlight.stateOf(packetIdentifier);
      inFlight.release(packetIdentifier);
      if (message === undefined) continue;
      if (state === Awaiting.Puback) again.push(message);
      else ended.push([message, state === Awaiting.Pubcomp]);
    }
    for (let message = queue.shift(); message !== undefined; message = queue.shift()) again.push(message);
    this.inbound = new InboundDelivery();
    this.#earlierInbound = undefined;
    for (const message of this.#unacknowledged?.values() ?? []) message.disown();
    this.#unacknowledged = undefined;
    this.#store?.dropSession(this.clientIdentifier);
    if (this.#store !== undefined && this.connection?.server !== undefined) this.#keepInStore(this.connection.server);
    for (const message of again) {
      if (message.expiresAtMs <= nowMs) {
        message.failure = dropError(message.topicName, "expired");
        this.completed(message, 0, 0);
        continue;
      }
      if (this.#store !== undefined) this.#enqueueInStore(message);
      queue.append(message);
    }
    for (const [message, hasArrived] of ended) {
      if (!hasArrived) message.failure = sessionLostError(message.topicName);
      this.completed(message, 0, 0);
    }
  }
}

function dropError(topicName: string, reason: DeliveryDropReason): ClientError {
  if (reason === "queue-full") {
    const message = `The message to ${topicName} was not sent: the queue is full.`;
    return new ClientError("TIDINGS_CLIENT_QUEUE_FULL", message);
  }
  const message = `The message to ${topicName} was not sent: it has expired.`;
  return new ClientError("TIDINGS_CLIENT_MESSAGE_EXPIRED", message);
}

function sessionLostError(topicName: string): ClientError {
  const message = `The server lost the session: whether it took the message to ${topicName} is not known.`;
  return new ClientError("TIDINGS_CLIENT_SESSION_LOST", message);
}
