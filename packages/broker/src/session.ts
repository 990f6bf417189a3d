/**
 * The state of one client that outlives its connections (MQTT 5.0 section 4.1): subscriptions, deliveries in both
 * directions, the will, and when all of it ends. Where messages for the client arrive.
 */
import { PacketType, type QoS } from "@tidings/packet";
import {
  Awaiting,
  type DeliveryDropReason,
  type DeliveryPort,
  InboundDelivery,
  OutboundDelivery,
  PagedMessageQueue,
  type QueuePager,
  type RecoveredDelivery,
  type SessionStore,
} from "@tidings/session";
import type { ApplicationMessage } from "./application-message.js";
import type { Broker } from "./broker.js";
import type { Connection } from "./connection.js";
import type { DeadlineItem } from "./deadline-heap.js";
import { Delivery } from "./delivery.js";
import { HeldDeliveries } from "./held-deliveries.js";
import type { DropReason } from "./hooks.js";
import { messageFromStore } from "./message-slab.js";
import { isBehind } from "./mount-point.js";
import { dropSubscriptions, endSession } from "./open-session.js";
import type { Principal } from "./principal.js";
import { deliveryFromStore } from "./recovered-delivery.js";
import { RetainedReplay } from "./retained-replay.js";
import type { SharedGroup } from "./shared-group.js";
import type { Subscriber } from "./subscriber.js";
import type { Subscription } from "./subscription.js";
import { publishWill, type WillMessage } from "./will-message.js";
import { publishLength, writePublish } from "./write-publish.js";

/** A Session Expiry Interval that never ends (3.1.2.11.2). */
export const SESSION_NEVER_EXPIRES = 0xffff_ffff;

/** Whoever only publishes has no map. */
const NO_SUBSCRIPTIONS: ReadonlyMap<string, Subscription> = new Map();

export class Session implements Subscriber, DeliveryPort<Delivery>, QueuePager<Delivery>, DeadlineItem {
  /** By their filters: as the client sent them, behind the mount point of its listener. */
  subscriptions: ReadonlyMap<string, Subscription> = NO_SUBSCRIPTIONS;
  readonly outbound: OutboundDelivery<Delivery, PagedMessageQueue<Delivery>>;
  readonly inbound = new InboundDelivery();
  /** Set from an accepted CONNECT on, although CONNACK may have to wait for the store. */
  connection: Connection | undefined = undefined;
  userName: string | undefined = undefined;
  will: WillMessage | undefined = undefined;
  /** Seconds after the end of the connection. */
  sessionExpiryInterval = 0;
  /** Milliseconds since 1970; undefined while connected. */
  disconnectedAtMs: number | undefined = undefined;
  deadlineMs = 0;
  heapIndex = -1;
  /** The store that is told of this session: one whose session outlives its connection, if the broker has one. */
  store: SessionStore | undefined = undefined;
  nextDeliveryNumber = 1;
  /** What the messages in flight count as, in bytes. */
  inFlightBytes = 0;
  /** The delivery whose time is being taken. */
  private timed: Delivery | undefined = undefined;
  private timedSinceMs = 0;
  /** What the last one took; undefined: none was timed. */
  lastDeliveryMs: number | undefined = undefined;
  /** A shared subscription has chosen this session for something that may still wait. */
  holdsShared = false;
  /** The session is over; what others may want of its queue is being read, page by page. */
  isEnding = false;
  /** Who its client is or was; undefined when nobody asks, and until its client is back in a session from a store. */
  private principal: Principal | undefined = undefined;
  private willDueMs = Number.POSITIVE_INFINITY;
  private replay: RetainedReplay | undefined = undefined;
  private held: HeldDeliveries | undefined = undefined;

  constructor(
    readonly broker: Broker,
    readonly clientIdentifier: string,
  ) {
    this.outbound = new OutboundDelivery(this, (owner) => new PagedMessageQueue<Delivery>(broker.limits, owner, this));
  }

  get isConnected(): boolean {
    return this.connection?.isConnected === true;
  }

  get load(): number {
    return this.outbound.inFlight.size + this.outbound.queue.size;
  }

  get writable(): boolean {
    return this.connection?.isWritable === true;
  }

  /** Whose session it is from now on. */
  identify(principal: Principal | undefined): void {
    if (this.principal === principal) return;
    this.principal = principal;
    if (this.subscriptions.size > 0) this.broker.table.changed();
  }

  mayReceive(topicName: string): boolean {
    return this.principal === undefined || this.broker.hooks.allowsReceive(this.principal, topicName);
  }

  deliver(
    message: ApplicationMessage,
    qos: QoS,
    retain: boolean,
    subscriptionIdentifiers: readonly number[] | undefined,
    group: SharedGroup | undefined,
  ): boolean {
    const { broker, connection } = this;
    if (broker.guardsDelivery && !broker.allowsDelivery(this.clientIdentifier, message)) return false;
    if (qos === 0 && connection?.isConnected === true) {
      if (!connection.isWritable) {
        this.drop(message, "slow-consumer");
        return false;
      }
      if (writePublish(connection, message, 0, retain, false, 0, subscriptionIdentifiers)) {
        broker.tracer?.sent(message, this.clientIdentifier, 0, 0, false);
        return true;
      }
      this.drop(message, "too-large");
      return false;
    }
    if (qos === 0 && !broker.queuesQoS0) return false;
    if (connection?.mountPoint !== undefined && !isBehind(connection.mountPoint, message.topicName)) return false;
    message.own();
    // QoS 0 may be lost with the process, but not come twice because of it.
    const store = qos === 0 ? undefined : this.store;
    let delivery: Delivery;
    if (store === undefined && subscriptionIdentifiers === undefined && group === undefined) {
      delivery = message.delivery(qos, retain);
    } else {
      const deliveryNumber = store === undefined ? 0 : this.nextDeliveryNumber++;
      delivery = new Delivery(message, qos, retain, subscriptionIdentifiers, deliveryNumber, group);
      const sharedFilter = group?.sharedFilter;
      if (group !== undefined) this.holdsShared = true;
      const stored = { deliveryNumber, qos, retain, subscriptionIdentifiers, sharedFilter };
      store?.enqueue(this.clientIdentifier, stored, message);
    }
    if (qos > 0 && this.timed === undefined && connection !== undefined) {
      this.timed = delivery;
      this.timedSinceMs = broker.nowMs;
    }
    if (broker.tracer === undefined) return this.outbound.offer(delivery, broker.nowMs);
    const isSentAtOnce = this.outbound.isReady;
    const isTaken = this.outbound.offer(delivery, broker.nowMs);
    if (isTaken && !isSentAtOnce) broker.tracer.queued(message, this.clientIdentifier, qos);
    return isTaken;
  }

  addSubscription(subscription: Subscription): void {
    if (this.subscriptions === NO_SUBSCRIPTIONS) this.subscriptions = new Map();
    (this.subscriptions as Map<string, Subscription>).set(subscription.topicFilter, subscription);
  }

  removeSubscription(subscription: Subscription): void {
    (this.subscriptions as Map<string, Subscription>).delete(subscription.topicFilter);
    if (this.subscriptions.size === 0) this.subscriptions = NO_SUBSCRIPTIONS;
  }

  /** Sends retained messages for a new subscription, as fast as the client takes them. False: too many wait. */
  replayRetained(subscription: Subscription): boolean {
    this.replay ??= new RetainedReplay(this);
    return this.replay.add(subscription);
  }

  /** An inbound QoS 2 handshake is over; false: there was none. */
  endInbound(packetIdentifier: number): boolean {
    if (!this.inbound.end(packetIdentifier)) return false;
    this.store?.removeInbound(this.clientIdentifier, packetIdentifier);
    return true;
  }

  /** The connection has taken its bytes, or an acknowledgement came. */
  pump(): void {
    this.outbound.pump(this.broker.nowMs);
    this.replay?.pump();
  }

  /** CONNACK is written: this connection carries the session from here on. */
  attach(connection: Connection): void {
    this.outbound.connected(
      Math.min(connection.receiveMaximum, this.broker.limits.inFlightMessagesMax),
      this.broker.nowMs,
    );
  }

  /** The connection is over. The will is published now, later or never; the session ends now, later or never. */
  detach(keepWill: boolean): void {
    const { broker } = this;
    this.connection = undefined;
    this.disconnectedAtMs = broker.nowMs;
    this.outbound.disconnected();
    this.timed = undefined;
    this.held = undefined;
    if (!keepWill) this.will = undefined; // [MQTT-3.1.2-10] [MQTT-3.14.4-3]
    if (this.sessionExpiryInterval === 0 && !this.hasPagesToHandOn) {
      endSession(broker, this); // [MQTT-3.1.2-23]: nothing is kept
      return;
    }
    this.replay?.toQueue();
    this.replay = undefined;
    this.willDueMs = Number.POSITIVE_INFINITY;
    if (this.will !== undefined) {
      if (this.will.delayInterval === 0) publishWill(this);
      else this.willDueMs = broker.nowMs + this.will.delayInterval * 1000;
    }
    this.schedule();
    this.store?.putSession(this.stored());
  }

  /** A connection takes the session up again: nothing of the old deadlines holds [MQTT-3.1.3-9]. */
  resume(): void {
    this.broker.deadlines.remove(this);
    this.willDueMs = Number.POSITIVE_INFINITY;
    this.will = undefined;
  }

  /** The session is over: the will is due at once, and other members of shared subscriptions get what was waiting. */
  end(): void {
    const { broker } = this;
    publishWill(this); // [MQTT-3.1.3-9]
    this.replay = undefined;
    const { queue } = this.outbound;
    if (!this.isEnding) this.handOnInFlight();
    // Nobody else wants it, and nobody wants to know what it was.
    if (!this.hasPagesToHandOn) broker.dropUnread(this.clientIdentifier, queue.forgetUnread(), "session-ended");
    for (let delivery = queue.shift(); delivery !== undefined; delivery = queue.shift()) this.handOn(delivery);
  }

  /** Somebody wants what is in the queue, and not all of it is in memory. */
  private get hasPagesToHandOn(): boolean {
    return this.outbound.queue.unreadSize > 0 && (this.holdsShared || this.broker.hooks.wantsDropped);
  }

  /** Does a page of what `end` would do. True: there are more. */
  private handOnPage(): boolean {
    if (!this.hasPagesToHandOn) return false;
    const { broker, outbound } = this;
    if (!this.isEnding) {
      this.isEnding = true;
      dropSubscriptions(broker, this);
      this.handOnInFlight();
    }
    for (let count = this.queuedMessagesInMemoryMax; count > 0 && outbound.queue.unreadSize > 0; count--) {
      const delivery = outbound.queue.shift();
      this.handOn(delivery);
      if (delivery !== undefined) this.store?.done(this.clientIdentifier, delivery.deliveryNumber);
    }
    return this.hasPagesToHandOn;
  }

  private handOnInFlight(): void {
    const { inFlight } = this.outbound;
    for (const packetIdentifier of inFlight.inOrder()) {
      // What went out at QoS 2 stays with this client [MQTT-4.8.2-4].
      if (inFlight.stateOf(packetIdentifier) === Awaiting.Puback) this.handOn(inFlight.itemOf(packetIdentifier));
    }
  }

  private handOn(delivery: Delivery | undefined): void {
    if (delivery === undefined) return;
    const { message, group } = delivery;
    const member = group?.choose(this.broker.routeOf(message).barred?.get(group));
    if (member === undefined) this.drop(message, "session-ended");
    else if (message.expiresAtMs <= this.broker.nowMs) this.drop(message, "expired");
    else {
      const qos = Math.min(member.qos, message.qos) as QoS;
      const retain = message.retain && member.retainAsPublished;
      member.subscriber.deliver(message, qos, retain, member.subscriptionIdentifiers, group);
    }
  }

  /** Sets the deadline to the will's or the session's own, whichever comes first. */
  schedule(): void {
    this.broker.deadlines.set(this, Math.min(this.willDueMs, this.expiresAtMs));
  }

  deadlinePassed(nowMs: number): void {
    if (this.expiresAtMs <= nowMs) {
      if (this.handOnPage()) {
        this.broker.deadlines.set(this, nowMs + 1);
        return;
      }
      this.broker.counters.sessionsExpired += 1;
      endSession(this.broker, this);
      return;
    }
    if (this.willDueMs <= nowMs) {
      this.willDueMs = Number.POSITIVE_INFINITY;
      publishWill(this);
      this.store?.putSession(this.stored());
    }
    this.schedule();
  }

  /** From a store: the will was waiting for this moment. */
  restoreWillDue(publishAtMs: number): void {
    this.willDueMs = publishAtMs;
  }

  get expiresAtMs(): number {
    if (this.disconnectedAtMs === undefined || this.sessionExpiryInterval === SESSION_NEVER_EXPIRES) {
      return Number.POSITIVE_INFINITY;
    }
    return this.disconnectedAtMs + this.sessionExpiryInterval * 1000;
  }

  stored(): Parameters<SessionStore["putSession"]>[0] {
    const { will } = this;
    return {
      clientIdentifier: this.clientIdentifier,
      sessionExpiryInterval: this.sessionExpiryInterval,
      disconnectedAtMs: this.disconnectedAtMs,
      userName: this.userName,
      will:
        will === undefined
          ? undefined
          : {
              packet: will.packet,
              delayInterval: will.delayInterval,
              publishAtMs: this.willDueMs === Number.POSITIVE_INFINITY ? undefined : this.willDueMs,
            },
    };
  }

  // What the sender's half of the protocol asks for.

  send(delivery: Delivery, packetIdentifier: number, dup: boolean): void {
    if (delivery.qos === 2 && !dup && this.hold(delivery, packetIdentifier)) return;
    const { message, qos, retain, subscriptionIdentifiers } = delivery;
    this.broker.tracer?.sent(message, this.clientIdentifier, qos, packetIdentifier, dup);
    writePublish(this.connection as Connection, message, qos, retain, dup, packetIdentifier, subscriptionIdentifiers);
  }

  sendPubrel(packetIdentifier: number): void {
    if (this.hold(undefined, packetIdentifier)) return;
    this.connection?.writeAcknowledgement(PacketType.PUBREL, packetIdentifier);
  }

  /** Keeps back what the store must have first. False: send it. */
  private hold(delivery: Delivery | undefined, packetIdentifier: number): boolean {
    const { connection, store } = this;
    if (store === undefined || connection === undefined || store.currentTicket <= store.durableUpTo) return false;
    this.held ??= new HeldDeliveries();
    this.held.push(store.currentTicket, delivery, packetIdentifier);
    connection.waitForStore();
    return true;
  }

  /** The store's mark has moved: sends what it held up. False: there is more. */
  sendHeld(): boolean {
    const { connection, held, store } = this;
    if (held === undefined || connection === undefined || store === undefined) return true;
    for (const { delivery, packetIdentifier } of held.release(store.durableUpTo)) {
      if (delivery === undefined) connection.writeAcknowledgement(PacketType.PUBREL, packetIdentifier);
      else {
        const { message, qos, retain, subscriptionIdentifiers } = delivery;
        this.broker.tracer?.sent(message, this.clientIdentifier, qos, packetIdentifier, false);
        writePublish(connection, message, qos, retain, false, packetIdentifier, subscriptionIdentifiers);
      }
    }
    return held.size === 0;
  }

  fits(delivery: Delivery): boolean {
    const { connection } = this;
    // It may have waited since its topic was resolved, or have come from a store.
    if (this.principal !== undefined && !this.mayReceive(delivery.message.topicName)) return false;
    if (connection === undefined) return true;
    const { mountPoint } = connection;
    if (mountPoint !== undefined && !isBehind(mountPoint, delivery.message.topicName)) return false;
    if (connection.maximumPacketSize === Number.POSITIVE_INFINITY) return true;
    const length = publishLength(connection, delivery.message, delivery.qos, delivery.subscriptionIdentifiers);
    return length <= connection.maximumPacketSize;
  }

  // Where the queue leaves what it does not keep in memory.

  get queuedMessagesInMemoryMax(): number {
    return this.broker.limits.queuedMessagesInMemoryMax;
  }

  get queuedBytesInMemoryMax(): number {
    return this.broker.limits.queuedBytesInMemoryMax;
  }

  placeOf(delivery: Delivery): number {
    return this.store?.readQueue === undefined ? 0 : delivery.deliveryNumber;
  }

  readBack(place: number, messagesMax: number, bytesMax: number, into: (delivery: Delivery) => void): number {
    const { broker, store } = this;
    const limits = { messages: messagesMax, bytes: bytesMax };
    const visit = (stored: RecoveredDelivery): void => {
      const message = messageFromStore(broker, stored.message, stored.messageNumber, false);
      into(deliveryFromStore(broker, stored, message));
    };
    return store?.readQueue?.(this.clientIdentifier, place, limits, visit) ?? place;
  }

  // What the sender's half of the protocol asks for, continued: the journal.

  sent(delivery: Delivery, packetIdentifier: number): void {
    this.inFlightBytes += delivery.sizeBytes;
    this.store?.sent(this.clientIdentifier, delivery.deliveryNumber, packetIdentifier);
  }

  received(delivery: Delivery | undefined, _packetIdentifier: number): Delivery | undefined {
    if (delivery === this.timed) this.takeTime(0);
    if (this.store === undefined || delivery === undefined) {
      if (delivery !== undefined) this.inFlightBytes -= delivery.sizeBytes;
      return undefined;
    }
    this.store.released(this.clientIdentifier, delivery.deliveryNumber);
    return delivery;
  }

  completed(delivery: Delivery | undefined, packetIdentifier: number, reasonCode: number): void {
    if (delivery === this.timed) this.takeTime(packetIdentifier === 0 ? 0x80 : reasonCode);
    if (delivery !== undefined && delivery.deliveryNumber > 0) {
      this.store?.done(this.clientIdentifier, delivery.deliveryNumber);
    }
    if (packetIdentifier > 0) {
      if (delivery !== undefined) this.inFlightBytes -= delivery.sizeBytes;
      this.replay?.pump();
    }
  }

  /** What was timed has been received, unless it was refused or given up. */
  private takeTime(reasonCode: number): void {
    if (this.timed !== undefined && reasonCode < 0x80) {
      this.lastDeliveryMs = this.broker.nowMs - this.timedSinceMs;
      this.broker.counters.delivery.record(this.lastDeliveryMs);
    }
    this.timed = undefined;
  }

  dropped(delivery: Delivery, reason: DeliveryDropReason): void {
    const { message } = delivery;
    const barred = reason === "too-large" && !this.mayReceive(message.topicName);
    this.drop(message, barred ? "not-permitted" : reason);
  }

  private drop(message: ApplicationMessage, reason: DropReason): void {
    this.broker.drop(this.clientIdentifier, message, reason);
  }
}
