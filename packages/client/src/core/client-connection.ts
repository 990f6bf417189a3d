/**
 * One Network Connection of a client, sans-IO: bytes in through `receive`, bytes out through the host's `write`, time as an
 * argument. Holds what dies with the connection (MQTT 5.0 section 4.2): handshake, Keep Alive, limits of the server, topic
 * aliases, quotas, the order of acknowledgements. What outlives it is in `ClientSession`.
 */
import {
  type AuthPacket,
  type ClientPacket,
  type ConnackPacket,
  type ConnectPacket,
  type ControlPacket,
  clientPacketLength,
  type DisconnectPacket,
  decodeServerPacket,
  FrameDecoder,
  type FrameHandler,
  PacketError,
  PacketType,
  type ProtocolVersion,
  ReasonCode,
  type SubackPacket,
  type UnsubackPacket,
  writeAcknowledgement,
  writeClientPacket,
} from "@tidings/packet";
import { InboundTopicAliases, OutboundTopicAliases, ReceiveQuota, type Ticket } from "@tidings/session";
import { AcknowledgementOrder } from "./acknowledgement-order.js";
import { BlockPool } from "./block-pool.js";
import { ClientError } from "./client-error.js";
import type { ClientSession } from "./client-session.js";
import { ConnectionStatus, isAllowed } from "./connection-status.js";
import { handleAcknowledgement } from "./handle-acknowledgement.js";
import { handleAuth } from "./handle-auth.js";
import { handleConnack } from "./handle-connack.js";
import { handlePublish } from "./handle-publish.js";
import { KeepAlive, KeepAliveAction } from "./keep-alive.js";
import type { Message, MessageOwner } from "./message.js";
import { OutboundBuffer, type OutboundPort } from "./outbound-buffer.js";
import { refusalError } from "./refusal-error.js";
import { type ServerInfo, serverInfo } from "./server-info.js";

/** What a connection asks of whoever owns its transport. Nothing here may call back into the connection at once. */
export interface ClientConnectionHost {
  /** There is output: call `flush` before this turn of the event loop ends. Asked once until then. */
  wantsFlush(): void;
  /** True: handed on, the bytes may be reused at once. False: held until `transportDrained`. */
  write(bytes: Uint8Array): boolean;
  /** Everything is flushed: close gracefully. `transportClosed` may or may not follow. */
  wantsClose(): void;
  /** Stop or resume reading. */
  wantsPause(paused: boolean): void;
  /** The server goes on with enhanced authentication: answer with `authenticate`. Undefined data: none were sent. */
  wantsAuthentication(data: Uint8Array | undefined): void;
  /** The server has finished it: check its last word, then call `verified`. */
  wantsVerification(data: Uint8Array | undefined): void;
  /** CONNACK was good, and the session goes on over this connection. */
  connected(server: ServerInfo): void;
  /** A re-authentication is over. */
  reauthenticated(): void;
  /** The connection is over, for this reason; told once. `transportClosed` is not needed any more. */
  disconnected(error: ClientError): void;
}

export interface ClientConnectionOptions {
  /** Milliseconds from now until CONNACK must be there. */
  readonly connectTimeoutMs: number;
  /** Milliseconds that a PINGRESP may take. */
  readonly pingTimeoutMs: number;
  /** Whether the server's topics may be sent as aliases. */
  readonly topicAliases: boolean;
  readonly pool?: BlockPool;
}

export class ClientConnection implements FrameHandler, OutboundPort, MessageOwner {
  status: ConnectionStatus = ConnectionStatus.AwaitingConnack;
  readonly version: ProtocolVersion;
  readonly outbound: OutboundBuffer;
  server: ServerInfo | undefined;
  /** Set with CONNACK when the server accepts any and they are wanted. */
  outboundAliases: OutboundTopicAliases | undefined;
  /** The Authentication Method of this connection. */
  readonly authenticationMethod: string | undefined;
  /** A re-authentication is under way. */
  isReauthenticating = false;
  /** The time of what is being handled. */
  nowMs: number;
  /** Until CONNACK. */
  #connect: ConnectPacket | undefined;
  /** CONNACK, while the server's last proof is being checked. */
  #connack: ConnackPacket | undefined;
  readonly #decoder: FrameDecoder;
  readonly #connectDueMs: number;
  #keepAlive: KeepAlive | undefined;
  // Made when there is something for them to do.
  #pubacks: AcknowledgementOrder<Message> | undefined;
  #pubrecs: AcknowledgementOrder<Message> | undefined;
  #receiveQuota: ReceiveQuota | undefined;
  #inboundAliases: InboundTopicAliases<string> | undefined;
  readonly #receiveMaximum: number;
  readonly #topicAliasMaximum: number;
  readonly #pingTimeoutMs: number;
  readonly #usesTopicAliases: boolean;
  /** Reasons not to read. */
  #pauses = 0;
  #isOverwhelmed = false;

  constructor(
    readonly session: ClientSession,
    readonly host: ClientConnectionHost,
    connect: ConnectPacket,
    options: ClientConnectionOptions,
    nowMs: number,
  ) {
    const { properties = {} } = connect;
    this.#connect = connect;
    this.version = connect.protocolVersion;
    this.authenticationMethod = properties.authenticationMethod;
    this.#receiveMaximum = properties.receiveMaximum ?? session.receiveMaximum;
    this.#topicAliasMaximum = properties.topicAliasMaximum ?? 0;
    this.#pingTimeoutMs = options.pingTimeoutMs;
    this.#usesTopicAliases = options.topicAliases;
    this.nowMs = nowMs;
    this.#connectDueMs = nowMs + options.connectTimeoutMs;
    this.#decoder = new FrameDecoder(this, properties.maximumPacketSize);
    this.outbound = new OutboundBuffer(options.pool ?? new BlockPool(), this);
    this.send(connect); // [MQTT-3.1.0-1]
  }

  get isConnected(): boolean {
    return this.status === ConnectionStatus.Connected;
  }

  /** Whether CONNECT asked for a new session. */
  get isCleanStart(): boolean {
    return this.#connect?.cleanStart === true;
  }

  get inboundAliases(): InboundTopicAliases<string> {
    return (this.#inboundAliases ??= new InboundTopicAliases(this.#topicAliasMaximum));
  }

  get receiveQuota(): ReceiveQuota {
    return (this.#receiveQuota ??= new ReceiveQuota(this.#receiveMaximum));
  }

  // Input.

  /** `bytes[start, end)` are copied, once for all messages in them. */
  receive(bytes: Uint8Array, start: number, end: number, nowMs: number): void {
    if (this.status === ConnectionStatus.Closed) return;
    this.nowMs = nowMs;
    if (this.#keepAlive !== undefined) this.#keepAlive.lastReceivedAtMs = nowMs;
    const chunk = new Uint8Array(end - start);
    chunk.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
    this.#decoder.push(chunk, 0, chunk.length);
  }

  /** The transport is over. */
  transportClosed(nowMs: number, cause?: Error): void {
    this.nowMs = nowMs;
    this.#close(
      new ClientError("TIDINGS_CLIENT_CONNECTION_LOST", `The connection was lost${told(cause)}.`, { cause }),
      false,
    );
  }

  /** The transport has handed on all that it held. */
  transportDrained(nowMs: number): void {
    if (this.status === ConnectionStatus.Closed) return;
    this.nowMs = nowMs;
    this.outbound.drained();
    if (this.isConnected) this.session.pump(nowMs);
  }

  /** The session store's mark has moved. */
  storeDurable(nowMs: number): void {
    if (this.status === ConnectionStatus.Closed) return;
    this.nowMs = nowMs;
    this.outbound.releaseDurable();
    if (this.isConnected) this.session.pump(nowMs);
  }

  /** Time has passed. */
  advance(nowMs: number): void {
    this.nowMs = nowMs;
    if (this.status === ConnectionStatus.AwaitingConnack || this.status === ConnectionStatus.Verifying) {
      if (nowMs < this.#connectDueMs) return;
      const message = "The server did not answer CONNECT in time.";
      this.#close(new ClientError("TIDINGS_CLIENT_CONNECT_TIMEOUT", message), true);
      return;
    }
    const keepAlive = this.#keepAlive;
    if (this.status !== ConnectionStatus.Connected || keepAlive === undefined) return;
    const action = keepAlive.check(nowMs);
    if (action === KeepAliveAction.Ping) {
      this.ping();
    } else if (action === KeepAliveAction.Dead) {
      const message = "The server did not answer PINGREQ in time.";
      this.#close(new ClientError("TIDINGS_CLIENT_KEEP_ALIVE_TIMEOUT", message), true);
    }
  }

  /** When `advance` has something to do; Infinity: never. */
  get nextDeadlineMs(): number {
    if (this.status === ConnectionStatus.Connected) return this.#keepAlive?.deadlineMs ?? Number.POSITIVE_INFINITY;
    return this.status === ConnectionStatus.Closed ? Number.POSITIVE_INFINITY : this.#connectDueMs;
  }

  /** Hands the output of this turn to the transport. */
  flush(nowMs: number): void {
    if (this.status === ConnectionStatus.Closed) return;
    if (this.#keepAlive !== undefined) this.#keepAlive.lastSentAtMs = nowMs;
    this.outbound.flush();
  }

  // Wishes of the application.

  /** Sends PINGREQ now, whatever Keep Alive says. */
  ping(): void {
    this.#keepAlive?.pingSent(this.nowMs);
    this.send({ type: PacketType.PINGREQ });
  }

  /** Ends the connection with DISCONNECT [MQTT-3.14.4-1] [MQTT-3.14.4-2]. */
  disconnect(packet: Omit<DisconnectPacket, "type">, error: ClientError, nowMs: number): void {
    this.nowMs = nowMs;
    if (this.status === ConnectionStatus.Connected) this.#sendDisconnect(packet);
    this.#close(error, true);
  }

  /** Answers `wantsAuthentication`, or begins a re-authentication. */
  authenticate(reasonCode: ReasonCode, data: Uint8Array | undefined): void {
    if (this.status === ConnectionStatus.Closed || this.authenticationMethod === undefined) return;
    this.isReauthenticating ||= reasonCode === ReasonCode.ReAuthenticate;
    const properties: AuthPacket["properties"] = { authenticationMethod: this.authenticationMethod };
    if (data !== undefined) properties.authenticationData = data;
    this.send({ type: PacketType.AUTH, reasonCode, properties }); // [MQTT-4.12.0-3] [MQTT-4.12.0-5] [MQTT-4.12.1-1]
  }

  /** Answers `wantsVerification`: the server has proven itself. */
  verified(nowMs: number): void {
    this.nowMs = nowMs;
    if (this.status === ConnectionStatus.Verifying) {
      this.#accept(this.#connack as ConnackPacket);
      this.#decoder.resume();
    } else if (this.isReauthenticating) {
      this.isReauthenticating = false;
      this.host.reauthenticated();
    }
  }

  /** Enhanced authentication failed on our side. */
  failAuthentication(error: ClientError, nowMs: number): void {
    this.nowMs = nowMs;
    this.fail(error, ReasonCode.NotAuthorized); // [MQTT-4.12.1-2]
  }

  /** Stops reading until `resume` was called as often. */
  pause(): void {
    if (this.#pauses++ > 0 || this.status === ConnectionStatus.Closed) return;
    if (this.#keepAlive !== undefined) this.#keepAlive.isDeaf = true;
    this.host.wantsPause(true);
  }

  resume(nowMs: number): void {
    if (this.#pauses === 0 || --this.#pauses > 0 || this.status === ConnectionStatus.Closed) return;
    if (this.#keepAlive !== undefined) {
      this.#keepAlive.isDeaf = false;
      this.#keepAlive.lastReceivedAtMs = nowMs;
    }
    this.host.wantsPause(false);
  }

  // Packets.

  onFrame(bytes: Uint8Array, start: number, bodyStart: number, end: number): void {
    const type = bytes[start] >> 4;
    if (!isAllowed(this.status, this.version, type)) {
      if (this.status !== ConnectionStatus.Closed) this.refuse(`sent a packet of type ${type} when it must not`);
      return;
    }
    try {
      if (type === PacketType.PUBLISH) handlePublish(this, bytes, start, bodyStart, end);
      else if (type >= PacketType.PUBACK && type <= PacketType.PUBCOMP) {
        handleAcknowledgement(this, bytes, start, bodyStart, end);
      } else if (type === PacketType.CONNACK) handleConnack(this, bytes, start, bodyStart, end);
      else this.#handlePacket(decodeServerPacket(this.version, bytes, start, bodyStart, end));
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      this.onFrameError(error);
    }
  }

  onFrameError(error: PacketError): void {
    this.fail(protocolErrorOf(error.message, error.reasonCode, error), error.reasonCode);
  }

  #handlePacket(packet: ControlPacket): void {
    switch (packet.type) {
      case PacketType.SUBACK:
      case PacketType.UNSUBACK:
        this.session.handleResponse(packet as SubackPacket | UnsubackPacket);
        break;
      case PacketType.PINGRESP:
        this.#keepAlive?.pingAnswered();
        break;
      case PacketType.AUTH:
        handleAuth(this, packet);
        break;
      case PacketType.DISCONNECT:
        this.#handleDisconnect(packet);
        break;
    }
  }

  #handleDisconnect({ reasonCode, properties }: DisconnectPacket): void {
    this.#close(refusalError("TIDINGS_CLIENT_DISCONNECTED", "ended the connection", reasonCode, properties), true);
  }

  /** The server broke the protocol: says so in 5.0, and closes [MQTT-4.13.2-1]. */
  refuse(what: string, reasonCode: ReasonCode = ReasonCode.ProtocolError): void {
    this.fail(protocolErrorOf(`it ${what}`, reasonCode), reasonCode);
  }

  /** An acknowledgement of another kind came than the one due. */
  refuseAcknowledgement(packetIdentifier: number): void {
    this.refuse(`sent another acknowledgement than was due for Packet Identifier ${packetIdentifier}`);
  }

  /** Ends the connection for a reason of ours. */
  fail(error: ClientError, reasonCode: ReasonCode): void {
    if (this.status === ConnectionStatus.Connected && this.version === 5) this.#sendDisconnect({ reasonCode });
    this.#close(error, true);
  }

  /** CONNACK was good. With `verify` the host checks the server's last word first. */
  granted(packet: ConnackPacket, verify: boolean): void {
    if (!verify) {
      this.#accept(packet);
      return;
    }
    this.#connack = packet;
    this.status = ConnectionStatus.Verifying;
    this.#decoder.pause();
    this.host.wantsVerification(packet.properties?.authenticationData);
  }

  #accept(packet: ConnackPacket): void {
    const connect = this.#connect as ConnectPacket;
    const sessionExpiryInterval =
      this.version === 5 ? (connect.properties?.sessionExpiryInterval ?? 0) : connect.cleanStart ? 0 : 0xffff_ffff;
    const server = serverInfo(packet, this.version, { ...connect, sessionExpiryInterval });
    this.#connect = undefined;
    this.#connack = undefined;
    this.server = server;
    this.status = ConnectionStatus.Connected;
    if (server.keepAlive > 0) this.#keepAlive = new KeepAlive(server.keepAlive, this.#pingTimeoutMs, this.nowMs);
    if (this.#pauses > 0 && this.#keepAlive !== undefined) this.#keepAlive.isDeaf = true;
    if (server.topicAliasMaximum > 0 && this.#usesTopicAliases) {
      this.outboundAliases = new OutboundTopicAliases(server.topicAliasMaximum);
    }
    this.session.connected(this, server);
    this.host.connected(server);
  }

  // Output.

  /** Throws `EncodeError`. */
  send(packet: ClientPacket): void {
    const size = clientPacketLength(packet, this.version);
    const target = this.outbound.reserve(size);
    this.outbound.commit(writeClientPacket(packet, this.version, target, this.outbound.length));
  }

  /** Sends an acknowledgement without properties. */
  sendAcknowledgement(type: 4 | 5 | 6 | 7, packetIdentifier: number, reasonCode: number): void {
    if (reasonCode !== 0 && this.version === 5) {
      this.send({ type, packetIdentifier, reasonCode });
      return;
    }
    const target = this.outbound.reserve(4);
    this.outbound.commit(writeAcknowledgement(type, packetIdentifier, target, this.outbound.length));
  }

  /** A message came that will have to be acknowledged; before it is handed to the application. */
  expectAcknowledgement(message: Message): void {
    if (message.qos === 1) (this.#pubacks ??= this.#order(PacketType.PUBACK)).push(message);
    else (this.#pubrecs ??= this.#order(PacketType.PUBREC)).push(message);
    if (!this.#isOverwhelmed && this.#unacknowledged >= this.session.receiveMaximum && this.version !== 5) {
      // Nothing but silence tells a server of 3.1 or 3.1.1 to wait.
      this.#isOverwhelmed = true;
      this.pause();
    }
  }

  /** The application is done with a message. */
  acknowledge(message: Message): void {
    if (this.status !== ConnectionStatus.Connected) return;
    (message.qos === 1 ? this.#pubacks : this.#pubrecs)?.settled();
    if (this.#isOverwhelmed && this.#unacknowledged * 2 <= this.session.receiveMaximum) {
      this.#isOverwhelmed = false;
      this.resume(this.nowMs);
    }
  }

  get #unacknowledged(): number {
    return (this.#pubacks?.size ?? 0) + (this.#pubrecs?.size ?? 0);
  }

  #order(type: typeof PacketType.PUBACK | typeof PacketType.PUBREC): AcknowledgementOrder<Message> {
    return new AcknowledgementOrder((message) => this.#acknowledgeNow(type, message));
  }

  #acknowledgeNow(type: typeof PacketType.PUBACK | typeof PacketType.PUBREC, message: Message): void {
    const { packetIdentifier, reasonCode } = message;
    const failed = reasonCode >= 0x80 && this.version === 5;
    if (type === PacketType.PUBREC) this.session.pubrecSent(packetIdentifier, failed);
    if (type === PacketType.PUBACK || failed) this.receiveQuota.giveBack();
    this.sendAcknowledgement(type, packetIdentifier, reasonCode);
  }

  #sendDisconnect(packet: Omit<DisconnectPacket, "type">): void {
    const full: DisconnectPacket =
      this.version === 5 ? { type: PacketType.DISCONNECT, ...packet } : { type: PacketType.DISCONNECT, reasonCode: 0 };
    const maximum = this.server?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
    if (clientPacketLength(full, this.version) > maximum && full.properties !== undefined) {
      const { reasonString: _, userProperties: __, ...rest } = full.properties;
      full.properties = rest; // [MQTT-3.14.2-3] [MQTT-3.14.2-4]
    }
    this.send(full);
  }

  /** `orderly`: hands on what was written, then asks for the transport's end. */
  #close(error: ClientError, orderly: boolean): void {
    if (this.status === ConnectionStatus.Closed) return;
    if (orderly) this.outbound.flush();
    const wasConnected = this.status === ConnectionStatus.Connected;
    this.status = ConnectionStatus.Closed;
    this.#decoder.stop();
    this.outbound.discard();
    this.#pubacks = undefined;
    this.#pubrecs = undefined;
    if (wasConnected) this.session.disconnected(this);
    if (orderly) this.host.wantsClose();
    this.host.disconnected(error);
  }

  // The output's side.

  wantsFlush(): void {
    this.host.wantsFlush();
  }

  write(bytes: Uint8Array): boolean {
    return this.host.write(bytes);
  }

  seal(): Ticket {
    return this.session.sealStore();
  }

  get durableUpTo(): Ticket {
    return this.session.durableUpTo;
  }
}

function protocolErrorOf(what: string, reasonCode: number, cause?: Error): ClientError {
  const message = `The server broke the protocol: ${what}.`;
  return new ClientError("TIDINGS_CLIENT_PROTOCOL_ERROR", message, { reasonCode, cause });
}

function told(cause: Error | undefined): string {
  return cause === undefined ? ": the server closed it" : `: ${cause.message.replace(/\.$/, "")}`;
}
