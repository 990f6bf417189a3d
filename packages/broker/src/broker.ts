/**
 * The broker core: all sessions, subscriptions and retained messages of one process, and every decision about them.
 * Sans-IO: bytes come in through connections, output goes to their hosts, time is an argument. What drives it in Node is
 * in `./node`.
 */
import { encodePacket, PublishView, protocolError, type QoS, ReasonCode, readPublish } from "@tidings/packet";
import { createVolatileSessionStore, type SessionStore } from "@tidings/session";
import { isTopicFilter } from "@tidings/topic";
import { ApplicationMessage } from "./application-message.js";
import { AwaitedTickets } from "./awaited-tickets.js";
import { BlockPool } from "./block-pool.js";
import { BrokerCounters } from "./broker-counters.js";
import { type BrokerDepths, depthsOf } from "./broker-depths.js";
import { changeLimits, limitsOf } from "./broker-limits.js";
import type { BrokerLimits, BrokerOptions, ChangeableLimits } from "./broker-options.js";
import type { Client } from "./client.js";
import { Connection } from "./connection.js";
import type { ConnectionHost } from "./connection-host.js";
import { DeadlineHeap } from "./deadline-heap.js";
import { firstInOrder } from "./first-in-order.js";
import { PublishInspection } from "./guard-publish.js";
import { HookChain } from "./hook-chain.js";
import type { BrokerHooks, DropReason, MaybePromise } from "./hooks.js";
import { type HostMessage, packetOf } from "./host-message.js";
import { isPromise } from "./is-promise.js";
import type { ListenerFacts } from "./listener-facts.js";
import { LocalSubscription, type LocalSubscriptionOptions } from "./local-subscription.js";
import { MemoryWatch } from "./memory-watch.js";
import type { MessageTracer } from "./message-tracer.js";
import type { BrokerObserver } from "./observer.js";
import { endSession } from "./open-session.js";
import { PendingConnections } from "./pending-connections.js";
import { recoverBroker } from "./recover.js";
import { RetainedMessages } from "./retained-messages.js";
import type { Route } from "./route.js";
import { ANY_LEVELS, RouteCache } from "./route-cache.js";
import { routeMessage } from "./route-message.js";
import type { Session } from "./session.js";
import { type SessionEntry, sessionEntry } from "./session-entry.js";
import { type SubscriptionEntry, subscriptionEntry } from "./subscription-entry.js";
import { SubscriptionTable } from "./subscription-table.js";
import { SWEEP_INTERVAL_MS, sweepConnections } from "./sweep-connections.js";

/** What became of a message that the host process published. */
export interface PublishResult {
  /** 0x00; 0x10 when nobody has a matching subscription; 0x80 or above when a hook refused. */
  reasonCode: ReasonCode;
}

export class Broker {
  readonly limits: Readonly<BrokerLimits>;
  readonly maximumQoS: QoS;
  readonly retainAvailable: boolean;
  readonly wildcardSubscriptionAvailable: boolean;
  readonly subscriptionIdentifierAvailable: boolean;
  readonly sharedSubscriptionAvailable: boolean;
  readonly validatesPayloadFormat: boolean;
  readonly queuesQoS0: boolean;
  readonly closesOnRefusedPublish: boolean;
  readonly observer: BrokerObserver | undefined;
  /** Where state outlives the process; one that remembers nothing when the embedder gave none. */
  readonly store: SessionStore;
  /** The embedder gave a store. */
  readonly persists: boolean;
  /** Traffic since the start. */
  readonly counters = new BrokerCounters();
  /** Messages dropped since the start, by reason. */
  readonly droppedMessages: Record<DropReason, number> = {
    "queue-full": 0,
    expired: 0,
    "too-large": 0,
    "slow-consumer": 0,
    refused: 0,
    "not-permitted": 0,
    "retained-limit": 0,
    "memory-limit": 0,
    "session-ended": 0,
  };
  /** Retained messages not sent after a SUBSCRIBE because too many were waiting already; counted by SUBSCRIBE filter. */
  replaysRefused = 0;
  /** Hears of every step of every message; undefined while nobody looks. */
  tracer: MessageTracer | undefined = undefined;

  /** @internal */
  connectedClients = 0;
  /** @internal */
  pausedPublishers = 0;
  /** @internal */
  readonly pending = new PendingConnections();
  /** @internal */
  readonly memory = new MemoryWatch(this);
  /** @internal Time of this turn, as the host last said. */
  nowMs = 0;
  /** @internal */
  hooks: HookChain;
  /** @internal */
  readonly connections = new Set<Connection>();
  /** @internal Connections that go on when the store's mark moves. */
  readonly waitingForStore = new Set<Connection>();
  /** @internal */
  readonly sessions = new Map<string, Session>();
  /** @internal */
  readonly blocks = new BlockPool();
  /** @internal */
  readonly deadlines = new DeadlineHeap();
  /** @internal */
  readonly retained: RetainedMessages;
  /** @internal */
  readonly table: SubscriptionTable;
  /** @internal */
  readonly routes: RouteCache;
  /** @internal One for all connections: it is read and used within one call. */
  readonly publishView = new PublishView();
  /** @internal */
  guardsPublish = false;
  /** @internal */
  guardsDelivery = false;
  /** @internal */
  guardsTopics = false;
  /** @internal */
  guardsReceive = false;
  /** @internal Only their user may go on with them. */
  sessionsBelongToUsers = false;
  /** Set by the host: `endTurn` should be called before this turn of the event loop ends. */
  onWantsEndOfTurn: () => void = () => {};

  private readonly awaited = new AwaitedTickets();
  private readonly options: BrokerOptions;
  private readonly random: () => number;
  private nextSweepMs = 0;
  private localNumber = 0;
  private closed = false;
  private storeClosed = false;

  constructor(options: BrokerOptions = {}) {
    this.options = options;
    this.limits = limitsOf(options);
    this.maximumQoS = options.maximumQoS ?? 2;
    this.retainAvailable = options.retainAvailable ?? true;
    this.wildcardSubscriptionAvailable = options.wildcardSubscriptionAvailable ?? true;
    this.subscriptionIdentifierAvailable = options.subscriptionIdentifierAvailable ?? true;
    this.sharedSubscriptionAvailable = options.sharedSubscriptionAvailable ?? true;
    this.validatesPayloadFormat = options.validatePayloadFormat ?? false;
    this.queuesQoS0 = options.queueQoS0 ?? false;
    this.closesOnRefusedPublish = options.refusedPublishBefore5 === "close";
    this.observer = options.observer;
    this.persists = options.store !== undefined;
    this.store = options.store ?? createVolatileSessionStore();
    this.store.onDurable = (upTo) => {
      this.awaited.reached(upTo);
      for (const connection of [...this.waitingForStore]) connection.storeAdvanced();
    };
    this.store.onFailure = (error) => {
      this.observer?.failure?.(undefined, error);
      this.end(ReasonCode.UnspecifiedError);
      this.awaited.fail(error);
      this.observer?.storeFailed?.(error);
    };
    this.store.onRoomChange = (hasRoom) => {
      this.observer?.storeRoomChanged?.(hasRoom);
      if (hasRoom) this.endThoseWithoutAnswer();
    };
    this.random = options.random ?? Math.random;
    this.hooks = new HookChain(options.hooks ?? [], options.observer);
    this.followHooks();
    const { limits } = this;
    this.table = new SubscriptionTable(
      limits.topicLevelsMax,
      options.sharedSubscriptionStrategy ?? "round-robin",
      this.random,
      this.guardsReceive,
    );
    this.routes = new RouteCache(this.table, limits.topicLevelsMax, limits.cachedRoutesMax);
    this.retained = new RetainedMessages(limits, this.deadlines, (topicName) => this.store.clearRetained(topicName));
    this.hooks.attach(this);
  }

  // What a host calls.

  /**
   * Takes a new Network Connection. Undefined: there are as many as there may be; close it. `peer` and
   * `listener` are passed on to hooks as `Client.peer` and `Client.listener`. A text `address` of `peer` is what connections
   * without CONNACK are counted by.
   */
  accept(host: ConnectionHost, nowMs: number, peer?: unknown, listener?: ListenerFacts): Connection | undefined {
    const { connectionsMax, unauthenticatedPerAddressMax } = this.limits;
    const place = unauthenticatedPerAddressMax === 0 ? undefined : PendingConnections.placeOf(peer);
    const isCrowded = place !== undefined && this.pending.countOf(place) >= unauthenticatedPerAddressMax;
    if (this.closed || this.connections.size >= connectionsMax || isCrowded) {
      this.counters.connectionsTurnedAway += 1;
      return undefined;
    }
    this.nowMs = nowMs;
    this.counters.connectionsOpened += 1;
    const connection = new Connection(this, host, peer, nowMs, listener);
    connection.beginsPending(place);
    this.connections.add(connection);
    return connection;
  }

  /** Does what was due by now: Keep Alive, time-outs, wills, expiries. */
  advance(nowMs: number): void {
    this.nowMs = nowMs;
    try {
      this.deadlines.advance(nowMs);
    } catch (error) {
      // A store that fails must not stop the clock for everybody.
      this.observer?.failure?.(undefined, error);
    }
    // Further away than one interval: the clock was set back.
    if (nowMs < this.nextSweepMs && this.nextSweepMs - nowMs <= SWEEP_INTERVAL_MS) return;
    const lateMs = nowMs - this.nextSweepMs;
    this.nextSweepMs = nowMs + SWEEP_INTERVAL_MS;
    sweepConnections(this, lateMs);
    this.watchMemory();
  }

  /**
   * Tells how much memory the process takes, in bytes, for the limit `processMemoryBytesMax`: the host can know, the core
   * cannot. Call every second or so.
   */
  reportProcessMemory(bytes: number): void {
    this.memory.processBytes = bytes;
  }

  private watchMemory(): void {
    if (!this.memory.look()) return;
    const { isShort } = this.memory;
    this.observer?.memoryPressureChanged?.(isShort);
    if (!isShort) this.endThoseWithoutAnswer();
  }

  /** There is room again: only on another connection does a client send again what got no answer [MQTT-4.4.0-1]. */
  private endThoseWithoutAnswer(): void {
    if (!this.hasRoom) return;
    for (const connection of [...this.connections]) {
      if (connection.owesAnswer) connection.disconnect(ReasonCode.QuotaExceeded);
    }
  }

  /** @internal Messages can be kept. */
  get hasRoom(): boolean {
    return this.store.hasRoom && !this.memory.isShort;
  }

  /** @internal Why they cannot, for the counters. */
  get lacksRoomFor(): DropReason {
    return this.memory.isShort ? "memory-limit" : "refused";
  }

  /** When `advance` should be called next, in milliseconds since 1970; Infinity: when something happens. */
  nextDeadline(): number {
    const sweeps = this.connections.size > 0 || this.memory.isShort;
    const sweepMs = sweeps ? this.nextSweepMs : Number.POSITIVE_INFINITY;
    return Math.min(sweepMs, this.deadlines.nextDeadlineMs);
  }

  /** Ends a turn: what was told to the store becomes one batch. */
  endTurn(): void {
    if (this.persists && !this.storeClosed) this.store.seal();
  }

  /** Takes up what an earlier life left in the store. Call once, before anything else. */
  async recover(nowMs: number): Promise<void> {
    this.nowMs = nowMs;
    await recoverBroker(this);
    this.deadlines.advance(nowMs);
    this.endTurn();
  }

  /** Says goodbye to every client (0x8B) and takes no more. Output is flushed by their hosts. Sessions stay in the store. */
  close(nowMs: number): void {
    this.nowMs = nowMs;
    this.end(ReasonCode.ServerShuttingDown);
    this.endTurn();
  }

  // What the host process can see and do.

  /**
   * Changes limits from now on; those not named stay. Nothing that is there already is cut to a smaller limit: connections
   * keep what CONNACK announced to them, and queues that are too long take nothing until they are short enough. Rates hold
   * at once, those of listeners as well.
   */
  updateLimits(changes: Partial<ChangeableLimits>): void {
    changeLimits(this.limits, changes);
    for (const connection of [...this.connections]) connection.limitsChanged();
  }

  /**
   * Puts other hooks in the place of those it has. A hook that is being asked still answers. What clients may receive is
   * asked anew, of those that are connected; of the others when they are back.
   */
  replaceHooks(hooks: readonly BrokerHooks[]): void {
    this.hooks = new HookChain(hooks, this.observer);
    this.followHooks();
    this.table.guarded = this.guardsReceive;
    for (const { session, principalForReceive } of this.connections) session?.identify(principalForReceive);
    this.hooks.attach(this);
    this.permissionsChanged();
  }

  /** What `permitPublish` and `authorizeReceive` say has changed: they are asked anew. Hooks can call it themselves, see `onAttach`. */
  permissionsChanged(): void {
    for (const connection of this.connections) connection.forgetPermits();
    this.table.changed();
  }

  /** Clients that are connected now. */
  *clients(): IterableIterator<Client> {
    for (const connection of this.connections) if (connection.isConnected) yield connection;
  }

  /** A connected client by its Client Identifier. */
  client(clientIdentifier: string): Client | undefined {
    const connection = this.sessions.get(clientIdentifier)?.connection;
    return connection?.isConnected ? connection : undefined;
  }

  /** A session, connected or not. */
  session(clientIdentifier: string): SessionEntry | undefined {
    const session = this.sessions.get(clientIdentifier);
    return session === undefined ? undefined : sessionEntry(session);
  }

  /** All sessions, connected or not, in no particular order. */
  *sessionEntries(): IterableIterator<SessionEntry> {
    for (const session of this.sessions.values()) yield sessionEntry(session);
  }

  /**
   * Ends a session and everything that belongs to it; its will is published. A client that is connected is sent away, with
   * `reasonCode` (default 0x98, Administrative action). False: there is none.
   */
  endSession(clientIdentifier: string, reasonCode: ReasonCode = ReasonCode.AdministrativeAction): boolean {
    const session = this.sessions.get(clientIdentifier);
    if (session === undefined) return false;
    session.connection?.disconnect(reasonCode);
    // The disconnect may have ended it.
    if (this.sessions.get(clientIdentifier) === session) endSession(this, session);
    this.wantsEndOfTurn();
    return true;
  }

  /** Subscriptions of one session. */
  subscriptionsOf(clientIdentifier: string): SubscriptionEntry[] {
    const { subscriptions } = this.sessions.get(clientIdentifier) ?? {};
    return [...(subscriptions?.values() ?? [])].map((subscription) =>
      subscriptionEntry(clientIdentifier, subscription),
    );
  }

  /** All subscriptions, those of sessions without a connection included. */
  *subscriptions(): IterableIterator<SubscriptionEntry> {
    for (const session of this.sessions.values()) {
      for (const subscription of session.subscriptions.values())
        yield subscriptionEntry(session.clientIdentifier, subscription);
    }
    for (const local of this.locals) yield subscriptionEntry(undefined, local.subscription);
  }

  /** Network Connections, those before CONNECT included. */
  get connectionCount(): number {
    return this.connections.size;
  }

  /** Connections between CONNACK and their end. */
  get clientCount(): number {
    return this.connectedClients;
  }

  /** Clients that are not read just now because they have published faster than they may. */
  get pausedPublisherCount(): number {
    return this.pausedPublishers;
  }

  /** Sessions, connected or not. */
  get sessionCount(): number {
    return this.sessions.size;
  }

  get subscriptionCount(): number {
    return this.table.size;
  }

  get retainedMessageCount(): number {
    return this.retained.size;
  }

  /** Bytes that retained messages count as against `retainedBytesMax`. */
  get retainedBytes(): number {
    return this.retained.bytes;
  }

  /** Shared subscriptions, each counted once however many members it has. */
  get sharedSubscriptionCount(): number {
    return this.table.groupCount;
  }

  /** What waits in the sessions. Looks at every one of them: for a report now and then, not for each message. */
  depths(): BrokerDepths {
    return depthsOf(this);
  }

  /**
   * What counts against `memoryBytesMax`. A message that several sessions wait for counts for each of them, so it is rather
   * more than what the messages take. Looks at every session; `depths`, where the caller has just asked for them.
   */
  messageBytes({ queuedBytesInMemory, inFlightBytes, unsentBytes }: BrokerDepths = this.depths()): number {
    return this.retained.bytes + queuedBytesInMemory + inFlightBytes + unsentBytes + this.store.backlogBytes;
  }

  /** Messages at QoS 1 and 2 and new sessions are refused, QoS 0 is dropped: see `memoryBytesMax`. */
  get isShortOfMemory(): boolean {
    return this.memory.isShort;
  }

  /** The retained message of a topic. */
  retainedMessage(topicName: string): ApplicationMessage | undefined {
    const message = this.retained.get(topicName);
    return message === undefined || message.expiresAtMs <= this.nowMs ? undefined : message;
  }

  /**
   * Retained messages that `topicFilter` matches, in the order of their topics: at most `limit`, beginning behind the topic
   * `after`. Looks at every topic that matches, however few are asked for.
   */
  retainedMessages(topicFilter: string, limit: number, after?: string): ApplicationMessage[] {
    const { nowMs } = this;
    const found = this.retained.collect(topicFilter).filter(({ deadlineMs }) => deadlineMs > nowMs);
    return firstInOrder(found, ({ topicName }) => topicName, limit, after).map(({ message }) => message);
  }

  /**
   * Publishes from the host process, the way a client's PUBLISH goes. A promise only when a publish hook answers later.
   * Throws an `EncodeError` for a message that no PUBLISH can carry, a `PacketError` for an invalid Topic Name.
   */
  publish(message: HostMessage): MaybePromise<PublishResult> {
    const answer = this.publishPacket(encodePacket(packetOf(message), 5), undefined, false);
    this.wantsEndOfTurn();
    return isPromise(answer) ? answer.then((reasonCode) => ({ reasonCode })) : { reasonCode: answer };
  }

  /**
   * Resolves when all that has happened so far, a message of `publish` before all, is as durable as the store makes things;
   * at once without a store. Rejects when the store fails.
   */
  durable(): Promise<void> {
    this.wantsEndOfTurn();
    return this.awaited.until(this.store);
  }

  /**
   * Subscribes in the host process. `options.onMessage` is called for each message, within the turn that brings it.
   * Throws a `PacketError` for an invalid Topic Filter.
   */
  subscribeLocally(topicFilter: string, options: LocalSubscriptionOptions): LocalSubscription {
    if (!isTopicFilter(topicFilter))
      throw protocolError(`"${topicFilter}" is no Topic Filter`, ReasonCode.TopicFilterInvalid);
    const local = new LocalSubscription(this, topicFilter, options, ++this.localNumber);
    if (!this.table.add(local.subscription)) {
      throw protocolError(`"${topicFilter}" has too many levels`, ReasonCode.TopicFilterInvalid);
    }
    this.locals.add(local);
    local.replayRetained();
    return local;
  }

  /** What is decided by the kinds of hooks there are. */
  private followHooks(): void {
    const { hooks } = this;
    this.guardsPublish = hooks.incomingPublish.length > 0;
    this.guardsDelivery = hooks.guardsDelivery;
    this.guardsTopics = hooks.guardsTopics;
    this.guardsReceive = hooks.guardsReceive;
    const takeOver = this.options.sessionTakeOver ?? (hooks.authenticates ? "same-user" : "any-user");
    this.sessionsBelongToUsers = takeOver === "same-user";
  }

  // What the parts of the core call.

  /** @internal */
  readonly locals = new Set<LocalSubscription>();

  /** @internal */
  get isOverloaded(): boolean {
    return this.persists && this.store.backlogBytes > this.limits.storeBacklogBytesMax;
  }

  /** @internal */
  get acceptsLongIdentifiers(): boolean {
    return this.options.acceptLongIdentifiers ?? true;
  }

  /** @internal The session of this client's identifier is another user's. */
  refusesTakeOver({ clientIdentifier, userName }: Connection): boolean {
    if (!this.sessionsBelongToUsers) return false;
    const session = this.sessions.get(clientIdentifier);
    return session !== undefined && session.userName !== userName;
  }

  /** @internal When the last connection is gone. */
  closeStore(): Promise<void> {
    this.storeClosed = true;
    return this.store.close();
  }

  private end(reasonCode: ReasonCode): void {
    this.closed = true;
    for (const connection of [...this.connections]) connection.disconnect(reasonCode);
  }

  /** @internal */
  wantsEndOfTurn(): void {
    if (this.persists) this.onWantsEndOfTurn();
  }

  /** @internal An encoded 5.0 PUBLISH of the broker's own: a will, or the host's. */
  publishPacket(packet: Uint8Array, publisherIdentifier: string | undefined, will: boolean): MaybePromise<ReasonCode> {
    // A will was accepted with its CONNECT, maybe in an earlier life with a higher limit.
    const message = this.readMessage(packet, publisherIdentifier, undefined, will ? ANY_LEVELS : undefined);
    this.tracer?.received(message, 0);
    if (!will && message.qos > 0 && !this.hasRoom) {
      this.tracer?.refused(message, ReasonCode.QuotaExceeded);
      this.drop(publisherIdentifier, message, this.lacksRoomFor);
      return ReasonCode.QuotaExceeded;
    }
    if (this.hooks.publish.length === 0) return this.route(message);
    const inspection = new PublishInspection(this, undefined, message, will, 0);
    const finish = (reasonCode: ReasonCode): ReasonCode => {
      if (reasonCode < 0x80) return this.route(inspection.message);
      this.tracer?.refused(inspection.message, reasonCode);
      this.drop(publisherIdentifier, inspection.message, "refused");
      return reasonCode;
    };
    const answer = inspection.ask(this.hooks.publish);
    if (!isPromise(answer)) return finish(answer);
    return answer.then((reasonCode) => {
      this.wantsEndOfTurn();
      return finish(reasonCode);
    });
  }

  /** @internal */
  readMessage(
    packet: Uint8Array,
    publisherIdentifier: string | undefined,
    expiresAtMs?: number,
    topicLevelsMax?: number,
  ): ApplicationMessage {
    const view = new PublishView();
    let bodyStart = 1;
    while (packet[bodyStart++] >= 0x80);
    readPublish(view, 5, packet, 0, bodyStart, packet.length);
    const route = this.routes.find(packet, view.topicStart, view.topicEnd, topicLevelsMax);
    if (route === undefined) {
      throw protocolError("the Topic Name is not valid, or has too many levels", ReasonCode.TopicNameInvalid);
    }
    return new ApplicationMessage(view, 5, route, publisherIdentifier, this.nowMs, expiresAtMs);
  }

  /** @internal */
  route(message: ApplicationMessage): ReasonCode {
    return routeMessage(this, message, this.routeOf(message)) ? ReasonCode.Success : ReasonCode.NoMatchingSubscribers;
  }

  /** @internal */
  routeOf(message: ApplicationMessage): Route {
    const { topicBytes } = message;
    return this.routes.find(topicBytes, 0, topicBytes.length, ANY_LEVELS) as Route;
  }

  /** @internal */
  drop(clientIdentifier: string | undefined, message: ApplicationMessage, reason: DropReason): void {
    this.droppedMessages[reason] += 1;
    this.hooks.dropped(clientIdentifier, message, reason);
    this.observer?.messageDropped?.(clientIdentifier, reason);
    this.tracer?.dropped(message, clientIdentifier, reason);
  }

  /** @internal Messages of a queue that nobody reads any more. */
  dropUnread(clientIdentifier: string, count: number, reason: DropReason): void {
    this.droppedMessages[reason] += count;
    for (let i = 0; i < count; i++) this.observer?.messageDropped?.(clientIdentifier, reason);
  }

  /** @internal */
  allowsDelivery(clientIdentifier: string, message: ApplicationMessage): boolean {
    if (this.hooks.allowsDelivery(clientIdentifier, message)) return true;
    this.drop(clientIdentifier, message, "not-permitted");
    return false;
  }

  /** @internal */
  assignClientIdentifier(): string {
    if (this.options.assignClientIdentifier !== undefined) return this.options.assignClientIdentifier();
    const characters = "0123456789abcdefghijklmnopqrstuvwxyz";
    for (;;) {
      let clientIdentifier = "auto-";
      for (let i = 0; i < 20; i++) clientIdentifier += characters[Math.floor(this.random() * characters.length)];
      if (!this.sessions.has(clientIdentifier)) return clientIdentifier; // [MQTT-3.1.3-7]
    }
  }

  /** @internal */
  responseInformation(clientIdentifier: string): string | undefined {
    return this.options.responseInformation?.(clientIdentifier);
  }
}
