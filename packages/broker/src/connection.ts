/**
 * One Network Connection: bytes in, packets to their handlers, bytes out. Knows the order of things (CONNECT first,
 * one thing at a time while a hook decides, nothing after DISCONNECT); what a packet does is in its `handle-…` file.
 * Does no IO and has no clock.
 */
import {
  type AuthPacket,
  type ConnackPacket,
  type ControlPacket,
  FrameDecoder,
  type FrameHandler,
  malformed,
  PacketError,
  PacketType,
  type ProtocolVersion,
  packetLength,
  type QoS,
  type ReasonCode,
  ReasonCode as ReasonCodes,
  writeAcknowledgement,
  writePacket,
} from "@tidings/packet";
import { type InboundTopicAliases, type OutboundTopicAliases, ReceiveQuota, type Ticket } from "@tidings/session";
import type { ApplicationMessage } from "./application-message.js";
import type { Broker } from "./broker.js";
import { countOne } from "./broker-counters.js";
import type { Client, DisconnectDetails } from "./client.js";
import type { ConnectionHost } from "./connection-host.js";
import { ConnectionStatus, isAllowed } from "./connection-status.js";
import type { EnhancedAuthentication } from "./handle-auth.js";
import { handlePacket } from "./handle-packet.js";
import type { MaybePromise, Verdict } from "./hooks.js";
import { isPromise } from "./is-promise.js";
import type { ConnectionLimits, ListenerFacts } from "./listener-facts.js";
import { OutboundBuffer } from "./outbound-buffer.js";
import {
  type AnswerSender,
  type HeldAcknowledgement,
  type PendingAcknowledgement,
  PendingAcknowledgements,
} from "./pending-acknowledgements.js";
import { type Principal, principalOf } from "./principal.js";
import { PublishPermits, publishKind } from "./publish-permits.js";
import { PublishRate } from "./publish-rate.js";
import { farewellOf, publishAnswerOf, refusalOf } from "./refusal.js";
import type { Route } from "./route.js";
import type { Session } from "./session.js";

export class Connection implements FrameHandler, AnswerSender, Client {
  status: ConnectionStatus = ConnectionStatus.AwaitingConnect;
  protocolVersion: ProtocolVersion = 4;
  clientIdentifier = "";
  userName: string | undefined = undefined;
  keepAlive = 0;
  cleanStart = true;
  connectedAtMs = 0;
  data: unknown = undefined;
  session: Session | undefined = undefined;
  readonly outbound: OutboundBuffer;
  /** Bytes of the largest packet that the client accepts. */
  maximumPacketSize = Number.POSITIVE_INFINITY;
  /** Of the client: what this side may send unacknowledged. */
  receiveMaximum = 65_535;
  receiveQuota: ReceiveQuota;
  requestProblemInformation = true;
  inboundAliases: InboundTopicAliases<Route> | undefined = undefined;
  outboundAliases: OutboundTopicAliases | undefined = undefined;
  /** Of its listener. */
  readonly mountPoint: string | undefined;
  /** A PUBLISH to this client cannot be a copy of what others get: it has topic aliases, or a mount point. */
  encodesAlone: boolean;
  readonly maximumQoS: QoS;
  authentication: EnhancedAuthentication | undefined = undefined;
  /** Seconds, as CONNECT asked for; the session's own may be less. */
  requestedSessionExpiryInterval = 0;
  /** Milliseconds since 1970: what the client authenticated with holds no longer. */
  expiresAtMs = Number.POSITIVE_INFINITY;
  /** Where it was last permitted to publish, and with what `publishKind`. */
  permittedRoute: Route | undefined = undefined;
  permittedKind = 0;
  /** When the last complete packet came, or the connection was opened. */
  lastReceivedMs: number;
  /** A PUBLISH was turned away that nothing can be said about before 5.0. */
  owesAnswer = false;
  /** When a write first could not be finished; 0: everything is taken. */
  stalledSinceMs = 0;
  private readonly decoder: FrameDecoder;
  /** Only there once an answer had to wait. */
  private acknowledgements: PendingAcknowledgements | undefined = undefined;
  private waiting = false;
  /** What to go on with when the store has everything told so far. */
  private continuation: { readonly ticket: Ticket; readonly next: () => void } | undefined = undefined;
  private readingPaused = false;
  /** Undefined: it may publish as fast as it can. */
  private publishRate: PublishRate | undefined = undefined;
  /** Where it is counted among those without CONNACK. */
  private pendingAt: string | undefined = undefined;
  private transportIsGone = false;
  /** Where it may publish, as far as it was asked; undefined until then. */
  private permits: PublishPermits | undefined = undefined;
  /** Made when somebody asks. */
  private knownPrincipal: Principal | undefined = undefined;

  constructor(
    readonly broker: Broker,
    readonly host: ConnectionHost,
    readonly peer: unknown,
    public openedAtMs: number,
    readonly listener: ListenerFacts | undefined,
  ) {
    this.lastReceivedMs = openedAtMs;
    this.mountPoint = listener?.mountPoint;
    this.encodesAlone = this.mountPoint !== undefined;
    this.maximumQoS = Math.min(listener?.maximumQoS ?? 2, broker.maximumQoS) as QoS;
    this.outbound = new OutboundBuffer(broker.blocks, host);
    this.decoder = new FrameDecoder(this, this.limits.connectPacketBytesMax);
    this.receiveQuota = new ReceiveQuota(65_535);
  }

  // What the host calls.

  /** Bytes came; they are only read during the call. */
  receive(bytes: Uint8Array, start: number, end: number, nowMs: number): void {
    if (this.status === ConnectionStatus.Closed) return;
    this.broker.nowMs = nowMs;
    // Whoever speaks another protocol need not finish what looks like a packet.
    if (this.status === ConnectionStatus.AwaitingConnect && this.decoder.bufferedBytes === 0 && start < end) {
      const type = bytes[start] >> 4;
      if (type !== PacketType.CONNECT) {
        this.refuseUnexpected(type);
        return;
      }
    }
    try {
      this.decoder.push(bytes, start, end);
    } catch (error) {
      this.fail(error);
    }
    this.throttle();
  }

  /** Writes this turn's output. Call once per turn after `wantsFlush`. */
  flush(): void {
    this.outbound.flush();
    if (this.outbound.pendingBytes > 0 && this.stalledSinceMs === 0) this.stalledSinceMs = this.broker.nowMs;
  }

  /** The transport has handed on everything that it held. */
  transportDrained(nowMs: number): void {
    this.broker.nowMs = nowMs;
    this.outbound.drained();
    this.stalledSinceMs = 0;
    if (this.status === ConnectionStatus.Closed) return;
    try {
      this.session?.pump();
    } catch (error) {
      this.fail(error);
    }
    this.throttle();
  }

  /** The transport is gone. Nothing may be called after this. */
  transportClosed(nowMs: number, error?: Error): void {
    this.broker.nowMs = nowMs;
    this.transportIsGone = true;
    this.close(ReasonCodes.UnspecifiedError, false, true, error);
    this.outbound.discard();
  }

  // What the decoder calls.

  onFrame(bytes: Uint8Array, start: number, bodyStart: number, end: number): void {
    const { broker } = this;
    const type = bytes[start] >> 4;
    this.lastReceivedMs = broker.nowMs;
    broker.counters.received.add(bytes[start], end - start);
    if (!isAllowed(this.status, type)) this.refuseUnexpected(type);
    else if (this.publishRate !== undefined && type === PacketType.PUBLISH)
      this.takeRated(bytes, start, bodyStart, end);
    else handlePacket(this, type, bytes, start, bodyStart, end);
  }

  onFrameError(error: PacketError): void {
    this.fail(error);
  }

  /** A PUBLISH of a client that may send only so many. */
  private takeRated(bytes: Uint8Array, start: number, bodyStart: number, end: number): void {
    const rate = this.publishRate as PublishRate;
    if (!rate.take(end - start)) {
      this.disconnect(ReasonCodes.MessageRateTooHigh, { reasonString: "the client publishes faster than it may" });
      return;
    }
    if (rate.isPaused) this.decoder.pause();
    handlePacket(this, PacketType.PUBLISH, bytes, start, bodyStart, end);
  }

  /** A client that had to wait may publish again. */
  publishRateRegained(): void {
    this.proceed();
  }

  /** The limits of the broker have changed. */
  limitsChanged(): void {
    if (this.status !== ConnectionStatus.Connected) return;
    const wasPaused = this.publishRate?.isPaused === true;
    this.publishRate?.end();
    this.publishRate = PublishRate.for(this, this.limits);
    if (wasPaused) this.proceed();
  }

  // What handlers call.

  /** Those of its listener, where it has its own. */
  get limits(): Readonly<ConnectionLimits> {
    const { listener, broker } = this;
    return listener?.limits === undefined ? broker.limits : { ...broker.limits, ...listener.limits };
  }

  get isConnected(): boolean {
    return this.status === ConnectionStatus.Connected;
  }

  get sessionExpiryInterval(): number {
    return this.session?.sessionExpiryInterval ?? 0;
  }

  get inFlightMessages(): number {
    return this.session?.outbound.inFlight.size ?? 0;
  }

  get queuedMessages(): number {
    return this.session?.outbound.queue.size ?? 0;
  }

  /** The client keeps up: there is room for messages. */
  get isWritable(): boolean {
    return this.outbound.pendingBytes < this.broker.limits.outboundHighWaterBytes;
  }

  /** Encodes a packet into this turn's output. What makes it too large for the client is left out first. */
  send(packet: ControlPacket): void {
    if (this.status === ConnectionStatus.Closed) return;
    let size = packetLength(packet, this.protocolVersion);
    if (size > this.maximumPacketSize) {
      shorten(packet);
      size = packetLength(packet, this.protocolVersion);
      if (size > this.maximumPacketSize) return; // [MQTT-3.1.2-24]
    }
    const target = this.outbound.reserve(size);
    this.outbound.commit(writePacket(packet, this.protocolVersion, target, this.outbound.length));
    this.broker.counters.sent.add(packet.type << 4, size);
    if (this.broker.tracer !== undefined && isAcknowledgement(packet)) {
      const { type, packetIdentifier, reasonCode } = packet;
      this.broker.tracer.acknowledgementSent(this.clientIdentifier, type, packetIdentifier, reasonCode);
    }
  }

  /** PUBACK, PUBREC, PUBREL or PUBCOMP with Reason Code 0x00, at once. */
  writeAcknowledgement(type: AcknowledgementType, packetIdentifier: number): void {
    if (this.status === ConnectionStatus.Closed) return;
    const target = this.outbound.reserve(4);
    this.outbound.commit(writeAcknowledgement(type, packetIdentifier, target, this.outbound.length));
    this.broker.counters.sent.add(type << 4, 4);
    this.broker.tracer?.acknowledgementSent(this.clientIdentifier, type, packetIdentifier, 0);
  }

  /**
   * Answers a request as soon as what it promises is durable, behind the answers to earlier requests. `stored` is false
   * when it promises nothing that a store keeps.
   */
  acknowledge(
    type: AcknowledgementType,
    packetIdentifier: number,
    reasonCode: ReasonCode,
    stored = this.session?.store !== undefined,
  ): void {
    if (this.protocolVersion !== 5) reasonCode = ReasonCodes.Success; // nothing else can be said
    const { store } = this.broker;
    const ticket = stored ? store.currentTicket : 0;
    if (ticket <= store.durableUpTo && !this.owesAnswers) {
      this.countAnswer(type, reasonCode);
      if (answersPublish(type)) this.broker.counters.acknowledgement.record(0);
      if (reasonCode === 0) this.writeAcknowledgement(type, packetIdentifier);
      else this.send({ type, packetIdentifier, reasonCode });
      return;
    }
    this.holdAnswer({
      packet: { type, packetIdentifier, reasonCode },
      ticket,
      ready: true,
      sinceMs: this.broker.nowMs,
    });
    this.waitForStore();
  }

  /** An answer that ends a PUBLISH returns its slot, not before it leaves [MQTT-3.3.4-7]. */
  private countAnswer(type: PacketType, reasonCode: ReasonCode): void {
    const ends = type === PacketType.PUBREC ? reasonCode >= 0x80 : reasonCode < 0x80; // PUBCOMP with 0x92 ends nothing
    if (ends || type === PacketType.PUBACK) this.receiveQuota.giveBack();
  }

  /** The same for a whole packet: SUBACK, UNSUBACK. */
  answer(packet: ControlPacket): void {
    const { store } = this.broker;
    const ticket = this.session?.store === undefined ? 0 : store.currentTicket;
    if (ticket <= store.durableUpTo && !this.owesAnswers) this.send(packet);
    else {
      this.holdAnswer({ packet, ticket, ready: true, sinceMs: this.broker.nowMs });
      this.waitForStore();
    }
  }

  /** Takes a place in the order of answers for a hook that holds one. */
  holdAcknowledgement(type: AcknowledgementType, packetIdentifier: number): HeldAcknowledgement {
    const packet = { type, packetIdentifier, reasonCode: 0 as ReasonCode };
    const entry = { packet, ticket: Number.POSITIVE_INFINITY, ready: false, sinceMs: this.broker.nowMs };
    this.holdAnswer(entry);
    const release = (reasonCode: ReasonCode = ReasonCodes.Success): void => {
      if (entry.ready) return;
      entry.ready = true;
      if (this.protocolVersion === 5) packet.reasonCode = publishAnswerOf(reasonCode);
      // A negative PUBREC ends the handshake [MQTT-4.3.3-9].
      if (type === PacketType.PUBREC && packet.reasonCode >= 0x80) this.session?.endInbound(packetIdentifier);
      this.releaseAcknowledgements();
    };
    const told = (): void => {
      entry.ticket = this.broker.store.currentTicket;
      this.releaseAcknowledgements();
    };
    return { release, told };
  }

  /** An answer for this identifier waits for a hook. */
  isHolding(packetIdentifier: number): boolean {
    return this.acknowledgements?.has(packetIdentifier) === true;
  }

  private get owesAnswers(): boolean {
    return this.acknowledgements !== undefined && this.acknowledgements.size > 0;
  }

  private holdAnswer(entry: PendingAcknowledgement): void {
    this.acknowledgements ??= new PendingAcknowledgements();
    this.acknowledgements.push(entry);
  }

  /** An answer that had to wait leaves. */
  sendAnswer(packet: ControlPacket, sinceMs: number): void {
    if ("reasonCode" in packet) this.countAnswer(packet.type, packet.reasonCode);
    const { counters, nowMs } = this.broker;
    if (answersPublish(packet.type)) counters.acknowledgement.record(nowMs - sinceMs);
    this.send(packet);
  }

  /** The store's mark has moved, or a hook has let go. */
  private releaseAcknowledgements(): void {
    if (this.status === ConnectionStatus.Closed) return;
    this.acknowledgements?.release(this.broker.store.durableUpTo, this);
    if (this.owesAnswers) this.waitForStore();
  }

  /** Something here goes on when the store's mark moves. */
  waitForStore(): void {
    this.broker.waitingForStore.add(this);
  }

  /** The store's mark has moved. */
  storeAdvanced(): void {
    this.broker.waitingForStore.delete(this);
    const { continuation } = this;
    if (continuation !== undefined && continuation.ticket <= this.broker.store.durableUpTo) {
      this.continuation = undefined;
      this.settled(continuation.next);
    } else if (continuation !== undefined) {
      this.waitForStore();
    }
    if (this.session?.sendHeld() === false) this.waitForStore();
    this.releaseAcknowledgements();
    this.throttle();
  }

  /** Goes on with `next` when the store has everything told so far; until then this connection reads nothing more. */
  whenDurable(next: () => void): void {
    const { currentTicket, durableUpTo } = this.broker.store;
    if (currentTicket <= durableUpTo) {
      next();
      return;
    }
    this.continuation = { ticket: currentTicket, next };
    this.waiting = true;
    this.decoder.pause();
    this.throttle();
    this.waitForStore();
  }

  /**
   * Goes on with `next` when the value is there: at once for a plain value, else this connection reads nothing more
   * until the promise settles. A rejection is a failure of the broker's host.
   */
  settle<T>(value: MaybePromise<T>, next: (value: T) => void): void {
    if (!isPromise(value)) {
      // A hook may have ended the connection itself.
      if (this.status !== ConnectionStatus.Closed) next(value);
      return;
    }
    this.waiting = true;
    this.decoder.pause();
    this.throttle();
    value.then(
      (settled) => this.settled(() => next(settled)),
      (error) => this.settled(() => this.fail(error)),
    );
  }

  get principal(): Principal {
    this.knownPrincipal ??= principalOf(this, undefined);
    return this.knownPrincipal;
  }

  /** The same, when anybody asks what may go to this client. */
  get principalForReceive(): Principal | undefined {
    return this.broker.guardsReceive ? this.principal : undefined;
  }

  /** 0x00, or why it may not publish there. */
  permitPublish(message: ApplicationMessage, route: Route): ReasonCode {
    const { qos, retain } = message;
    const kind = publishKind(qos, retain);
    if (this.permits?.has(route, kind) !== true) {
      const reasonCode = this.broker.hooks.permitPublish(this, route.topicName, qos, retain);
      if (reasonCode >= 0x80) return reasonCode;
      this.permits ??= new PublishPermits();
      this.permits.add(route, kind);
    }
    this.permittedRoute = route;
    this.permittedKind = kind;
    return ReasonCodes.Success;
  }

  /** What was permitted may not be any more. */
  forgetPermits(): void {
    this.permits = undefined;
    this.permittedRoute = undefined;
  }

  /** Takes over who the client has turned out to be. */
  identify(verdict: Verdict): void {
    if (verdict.userName !== undefined) this.userName = verdict.userName;
    this.expiresAtMs = verdict.expiresAtMs ?? Number.POSITIVE_INFINITY;
    this.forgetPermits();
    const { groups, claims, permissions } = verdict;
    const isPlain = groups === undefined && claims === undefined && permissions === undefined;
    this.knownPrincipal = isPlain ? undefined : principalOf(this, verdict);
  }

  /** It counts among those without CONNACK. */
  beginsPending(place: string | undefined): void {
    this.pendingAt = place;
    if (place !== undefined) this.broker.pending.add(place);
  }

  private endsPending(): void {
    if (this.pendingAt !== undefined) this.broker.pending.remove(this.pendingAt);
    this.pendingAt = undefined;
  }

  /** From CONNACK on other limits hold. */
  acceptPackets(maximumPacketSize: number): void {
    this.decoder.maximumPacketSize = maximumPacketSize;
    this.publishRate = PublishRate.for(this, this.limits);
    this.endsPending();
  }

  /**
   * Ends the connection from this side: DISCONNECT, or CONNACK before there was one, for clients that know reasons;
   * then the close [MQTT-4.13.1-1] [MQTT-4.13.2-1].
   */
  disconnect(reasonCode: ReasonCode, details: DisconnectDetails = {}): void {
    if (this.status === ConnectionStatus.Closed) return;
    if (this.status === ConnectionStatus.Connected) {
      // A server may send DISCONNECT only after CONNACK, and only 5.0 clients know it [MQTT-3.14.0-1].
      if (this.protocolVersion === 5) {
        const properties = this.problemInformation(details);
        this.send({ type: PacketType.DISCONNECT, reasonCode: farewellOf(reasonCode), properties });
      }
    } else if (this.status !== ConnectionStatus.AwaitingConnect) {
      this.refuse(reasonCode, details);
      return;
    }
    this.close(reasonCode, true);
  }

  /** CONNACK with a refusal in the client's own terms, then the close. */
  refuse(reasonCode: ReasonCode, details: DisconnectDetails = {}): void {
    if (this.status === ConnectionStatus.Closed) return;
    countOne(this.broker.counters.clientsRefused, reasonCode);
    this.broker.observer?.connectionRefused?.(this, reasonCode);
    const answer = refusalOf(this.protocolVersion, reasonCode);
    if (answer !== undefined) {
      const properties = this.protocolVersion === 5 ? this.problemInformation(details) : undefined;
      this.send({ type: PacketType.CONNACK, sessionPresent: false, reasonCode: answer, properties } as ConnackPacket);
    }
    this.close(reasonCode, true);
  }

  /** The client took its leave; `keepWill` says whether its will is still to be published. */
  leave(reasonCode: ReasonCode, keepWill: boolean): void {
    this.close(reasonCode, false, keepWill);
  }

  /** Ends the connection without a word: nobody would hear it. */
  giveUp(): void {
    this.close(ReasonCodes.UnspecifiedError, true);
  }

  /** Ends the connection without a word. `byServer` tells who began it. */
  private close(reasonCode: ReasonCode, byServer: boolean, keepWill = true, error?: Error): void {
    if (this.status === ConnectionStatus.Closed) return;
    const wasConnected = this.status === ConnectionStatus.Connected;
    this.status = ConnectionStatus.Closed;
    this.waiting = false;
    this.publishRate?.end();
    this.endsPending();
    this.decoder.stop();
    if (!this.transportIsGone) {
      this.flush();
      this.host.wantsClose();
    }
    const { broker, session } = this;
    this.session = undefined;
    this.continuation = undefined;
    broker.connections.delete(this);
    broker.waitingForStore.delete(this);
    try {
      session?.detach(keepWill);
    } catch (failure) {
      // A store that fails concerns this session, not whoever reads the socket.
      broker.observer?.failure?.(this, failure);
    }
    if (wasConnected) {
      countOne(broker.counters.clientsDisconnected, reasonCode);
      broker.connectedClients -= 1;
      broker.hooks.disconnected(this, { reasonCode, byServer, error });
    }
    broker.observer?.connectionClosed?.(this);
  }

  /** Something went wrong with what this client sent, or with what this side made of it. */
  fail(error: unknown): void {
    if (this.status === ConnectionStatus.Closed) return;
    const { observer } = this.broker;
    if (!isPacketError(error)) {
      observer?.failure?.(this, error);
      this.disconnect(ReasonCodes.UnspecifiedError);
      return;
    }
    observer?.protocolError?.(this, error);
    if (this.status === ConnectionStatus.AwaitingConnect) {
      // Nothing but a CONNECT deserves a CONNACK; its sender's version decides about the form.
      if (error.protocolVersion === undefined) this.close(error.reasonCode, true);
      else {
        this.protocolVersion = error.protocolVersion >= 5 ? 5 : 4;
        this.refuse(error.reasonCode, { reasonString: error.message });
      }
      return;
    }
    this.disconnect(error.reasonCode, { reasonString: error.message });
  }

  /** Reason String and the like, as far as the client wants them [MQTT-3.1.2-29]; CONNACK and DISCONNECT may always. */
  problemInformation(details: DisconnectDetails): AuthPacket["properties"] & { serverReference?: string } {
    const { reasonString, serverReference, userProperties } = details;
    return { reasonString, serverReference, userProperties };
  }

  /** What this connection waited for is there. */
  private settled(next: () => void): void {
    this.waiting = false;
    this.proceed(next);
  }

  private proceed(next?: () => void): void {
    if (this.status === ConnectionStatus.Closed) return;
    try {
      next?.();
      // A handler may be waiting again by now, the client have to wait, or the connection be over.
      if (!this.mustWait && (this.status as ConnectionStatus) !== ConnectionStatus.Closed) this.decoder.resume();
    } catch (error) {
      this.fail(error);
    }
    this.throttle();
    this.broker.wantsEndOfTurn();
  }

  private refuseUnexpected(type: number): void {
    if (this.status === ConnectionStatus.AwaitingConnect) {
      this.broker.observer?.protocolError?.(this, malformed("the first packet is not CONNECT"));
      this.close(ReasonCodes.ProtocolError, true);
      return;
    }
    if (type === 0 || (type === PacketType.AUTH && this.protocolVersion !== 5)) {
      this.fail(malformed(`packet type ${type} is reserved`));
      return;
    }
    this.fail(unexpected(type));
  }

  /** No packet is taken: a hook or the store is to decide, or the client has published too much. */
  private get mustWait(): boolean {
    return this.waiting || this.publishRate?.isPaused === true;
  }

  /** Reading stops while a hook decides, a client has published too much, or while the client takes none of the answers it asks for. */
  private throttle(): void {
    if (this.status === ConnectionStatus.Closed) return;
    const overloaded = this.broker.isOverloaded;
    if (overloaded) this.waitForStore();
    const pause =
      this.mustWait || this.outbound.pendingBytes > 2 * this.broker.limits.outboundHighWaterBytes || overloaded;
    if (pause === this.readingPaused) return;
    this.readingPaused = pause;
    // What the client sent meanwhile is still to be read: Keep Alive counts from here.
    if (!pause) this.lastReceivedMs = this.broker.nowMs;
    this.host.wantsPause(pause);
  }

  /** False while this side reads nothing: silence is not the client's then. */
  get isReading(): boolean {
    return !this.readingPaused;
  }
}

/** The packets that are a packet identifier and a Reason Code. */
export type AcknowledgementType =
  | typeof PacketType.PUBACK
  | typeof PacketType.PUBREC
  | typeof PacketType.PUBREL
  | typeof PacketType.PUBCOMP;

function isAcknowledgement(packet: ControlPacket): packet is Extract<ControlPacket, { type: AcknowledgementType }> {
  return packet.type >= PacketType.PUBACK && packet.type <= PacketType.PUBCOMP;
}

function answersPublish(type: PacketType): boolean {
  return type === PacketType.PUBACK || type === PacketType.PUBREC;
}

/** By its shape: another copy of the codec may have made it. */
function isPacketError(error: unknown): error is PacketError {
  return error instanceof Error && error.name === "PacketError" && "reasonCode" in error;
}

function unexpected(type: number): PacketError {
  return new PacketError(
    "TIDINGS_PROTOCOL_ERROR",
    ReasonCodes.ProtocolError,
    `packet type ${type} is not allowed from a client now`,
  );
}

/** Leaves out what may be left out of a packet that is too large for its receiver [MQTT-3.4.2-2] and its like. */
function shorten(packet: ControlPacket): void {
  if (!("properties" in packet) || packet.properties === undefined) return;
  const { reasonString, userProperties, ...rest } = packet.properties as Record<string, unknown>;
  (packet as { properties?: unknown }).properties = rest;
}
