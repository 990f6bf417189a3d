/**
 * CONNECT (MQTT 5.0 section 3.1): check, authenticate, take over or make the session, answer with CONNACK, resume.
 */
import {
  type ConnackPacket,
  type ConnectPacket,
  PacketType,
  packetLength,
  ReasonCode,
  type Will,
} from "@tidings/packet";
import { InboundTopicAliases, OutboundTopicAliases, ReceiveQuota } from "@tidings/session";
import { isTopicName, topicLevelCount } from "@tidings/topic";
import type { Broker } from "./broker.js";
import type { Connection } from "./connection.js";
import { ConnectionStatus } from "./connection-status.js";
import { copyOf } from "./copy-bytes.js";
import { PublishInspection } from "./guard-publish.js";
import { beginAuthentication } from "./handle-auth.js";
import type { EnhancedAuthenticateAnswer, Verdict } from "./hooks.js";
import type { ConnectionLimits } from "./listener-facts.js";
import { mountWill } from "./mount-point.js";
import { openSession } from "./open-session.js";
import { SESSION_NEVER_EXPIRES } from "./session.js";
import { type WillMessage, willMessageFrom } from "./will-message.js";

/** Longest Client Identifier that 3.1 allows, in characters. */
const CLIENT_IDENTIFIER_MAX_3_1 = 23;

export function handleConnect(connection: Connection, packet: ConnectPacket): void {
  const { broker } = connection;
  connection.status = ConnectionStatus.Connecting;
  connection.protocolVersion = packet.protocolVersion;
  connection.clientIdentifier = packet.clientIdentifier;
  connection.userName = packet.userName;
  connection.cleanStart = packet.cleanStart;
  connection.maximumPacketSize = packet.properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
  connection.receiveMaximum = packet.properties?.receiveMaximum ?? 65_535;
  connection.requestProblemInformation = packet.properties?.requestProblemInformation ?? true;
  const refusal = refusalFor(connection, packet);
  if (refusal !== undefined) {
    connection.refuse(refusal.reasonCode, refusal);
    return;
  }
  if (packet.clientIdentifier === "") connection.clientIdentifier = broker.assignClientIdentifier();
  if (isUnwanted(connection)) return;
  // What is kept beyond this call is copied out of the packet's bytes.
  const will = packet.will === undefined ? undefined : willMessageFrom(wholeWill(connection, packet.will));
  if (packet.properties?.authenticationMethod !== undefined) {
    beginAuthentication(connection, packet, (answer) => authorizeWill(connection, packet, will, answer));
    return;
  }
  const { password } = packet;
  const request = {
    client: connection,
    connect: packet,
    userName: packet.userName,
    password: password === undefined ? undefined : copyOf(password),
  };
  connection.settle(broker.hooks.authenticate(request), (verdict) => {
    if (verdict.reasonCode >= 0x80) connection.refuse(verdict.reasonCode, verdict);
    else authorizeWill(connection, packet, will, verdict);
  });
}

/** A hook does not let it in, whoever it is; it has been refused. */
function isUnwanted(connection: Connection): boolean {
  const refusal = connection.broker.hooks.refusalToConnect(connection);
  if (refusal === undefined) return false;
  connection.refuse(refusal.reasonCode, refusal);
  return true;
}

/** Reasons to refuse that need no hook; undefined: go on. */
function refusalFor(connection: Connection, packet: ConnectPacket): Verdict | undefined {
  const { clientIdentifier, protocolVersion, cleanStart, will } = packet;
  const { broker, limits, listener } = connection;
  if (listener?.protocolVersions?.includes(protocolVersion) === false) {
    return {
      reasonCode: ReasonCode.UnsupportedProtocolVersion, // [MQTT-3.1.2-2]
      reasonString: "this listener does not take this version of MQTT",
    };
  }
  const characters = clientIdentifier.length;
  if (characters === 0 && (protocolVersion === 3 || (protocolVersion === 4 && !cleanStart))) {
    // 3.1.1 [MQTT-3.1.3-8]: without an identifier there is no session to come back to.
    return invalidIdentifier("Client Identifier is empty");
  }
  if (protocolVersion === 3 && characters > CLIENT_IDENTIFIER_MAX_3_1 && !broker.acceptsLongIdentifiers) {
    return invalidIdentifier("Client Identifier is longer than 23 characters");
  }
  if (
    characters * 3 > limits.clientIdentifierBytesMax &&
    utf8Bytes(clientIdentifier) > limits.clientIdentifierBytesMax
  ) {
    return invalidIdentifier(`Client Identifier is longer than ${limits.clientIdentifierBytesMax} bytes`);
  }
  return will === undefined ? undefined : willRefusal(connection, will);
}

function wholeWill({ mountPoint }: Connection, will: Will): Will {
  return mountPoint === undefined ? will : mountWill(mountPoint, will);
}

function willRefusal(connection: Connection, will: Will): Verdict | undefined {
  const { broker } = connection;
  const { topic } = isTopicName(will.topic) ? wholeWill(connection, will) : will;
  if (!isTopicName(topic) || topicLevelCount(topic) > broker.limits.topicLevelsMax) {
    return { reasonCode: ReasonCode.TopicNameInvalid, reasonString: "Will Topic is not a valid Topic Name" };
  }
  const reserved = connection.mountPoint === undefined ? /^\$(SYS|share)(\/|$)/ : /^\$/;
  if (reserved.test(will.topic)) {
    return { reasonCode: ReasonCode.NotAuthorized, reasonString: `Will Topic ${will.topic} is reserved` };
  }
  if (will.qos > connection.maximumQoS) {
    return { reasonCode: ReasonCode.QoSNotSupported, reasonString: "Will QoS is above Maximum QoS" }; // [MQTT-3.2.2-12]
  }
  if (will.retain && !broker.retainAvailable) {
    return { reasonCode: ReasonCode.RetainNotSupported, reasonString: "Will Retain is not supported" }; // [MQTT-3.2.2-13]
  }
  return undefined;
}

function authorizeWill(
  connection: Connection,
  packet: ConnectPacket,
  will: WillMessage | undefined,
  verdict: EnhancedAuthenticateAnswer,
): void {
  const { broker, clientIdentifier, userName } = connection;
  if (packet.clientIdentifier === "" && verdict.clientIdentifier !== undefined) {
    connection.clientIdentifier = verdict.clientIdentifier;
  }
  connection.identify(verdict);
  const isOther = connection.clientIdentifier !== clientIdentifier || connection.userName !== userName;
  if (isOther && isUnwanted(connection)) return;
  const { hooks } = broker;
  if (will === undefined || (hooks.authorizePublish.length === 0 && !hooks.guardsTopics)) {
    completeConnect(connection, packet, will, verdict);
    return;
  }
  const message = broker.readMessage(will.packet, connection.clientIdentifier);
  const refusal = hooks.permitPublish(connection, message.topicName, message.qos, message.retain);
  connection.settle(
    refusal >= 0x80 ? refusal : new PublishInspection(broker, connection, message, true, 0).ask(hooks.authorizePublish),
    (reasonCode) => {
      if (reasonCode >= 0x80) connection.refuse(reasonCode, { reasonString: "the Will Message is not permitted" });
      else completeConnect(connection, packet, will, verdict);
    },
  );
}

function completeConnect(
  connection: Connection,
  packet: ConnectPacket,
  will: WillMessage | undefined,
  verdict: EnhancedAuthenticateAnswer,
): void {
  const { broker, limits } = connection;
  connection.requestedSessionExpiryInterval = requestedExpiry(packet);
  const sessionExpiryInterval = Math.min(requestedExpiry(packet), limits.sessionExpiryIntervalMax);
  connection.keepAlive = keepAliveInForce(packet, limits.keepAliveMax);
  const answer = connack(connection, packet, limits, sessionExpiryInterval, verdict);
  if (packetLength(answer, packet.protocolVersion) > connection.maximumPacketSize) {
    // Nothing may come before CONNACK: who has no room for it cannot be served [MQTT-3.1.2-24].
    connection.refuse(ReasonCode.PacketTooLarge);
    return;
  }
  if (answer.properties !== undefined) {
    answer.properties.reasonString = verdict.reasonString;
    answer.properties.userProperties = verdict.userProperties;
  }
  if (broker.refusesTakeOver(connection)) {
    connection.refuse(ReasonCode.ClientIdentifierNotValid, {
      reasonString: `the session of Client Identifier ${connection.clientIdentifier} belongs to another user`,
    });
    return;
  }
  const { sessionPresent, session, toldStore } = openSession(broker, connection.clientIdentifier, packet.cleanStart);
  if (session === undefined) {
    const reasonString = broker.memory.isShort
      ? "the broker is short of memory"
      : "the broker holds as many sessions as it may";
    connection.refuse(ReasonCode.QuotaExceeded, { reasonString });
    return;
  }
  connection.session = session;
  session.connection = connection;
  session.userName = connection.userName;
  session.identify(connection.principalForReceive);
  session.will = will;
  session.sessionExpiryInterval = sessionExpiryInterval;
  session.disconnectedAtMs = undefined;
  // A queue that is not all in memory needs the store to the end.
  const needsStore = session.sessionExpiryInterval > 0 || session.outbound.queue.unreadSize > 0;
  session.store = broker.persists && needsStore ? broker.store : undefined;
  if (session.store !== undefined) session.store.putSession(session.stored());
  else if (sessionPresent) broker.store.dropSession(session.clientIdentifier); // it ends with this connection
  connection.connectedAtMs = broker.nowMs;
  if (packet.protocolVersion === 5) {
    connection.receiveQuota = new ReceiveQuota(limits.receiveMaximum);
    if (limits.topicAliasMaximum > 0) connection.inboundAliases = new InboundTopicAliases(limits.topicAliasMaximum);
    const aliases = Math.min(packet.properties?.topicAliasMaximum ?? 0, limits.topicAliasMaximumOutbound);
    if (aliases > 0) {
      connection.outboundAliases = new OutboundTopicAliases(aliases);
      connection.encodesAlone = true;
    }
  }
  const { maximumPacketSize } = limits; // as announced, should the limits change before the client is admitted
  const admit = (): void => {
    connection.acceptPackets(maximumPacketSize);
    answer.sessionPresent = sessionPresent && packet.protocolVersion !== 3; // 3.1 has no such bit
    connection.send(answer);
    connection.status = ConnectionStatus.Connected;
    session.attach(connection);
    countConnected(broker);
    broker.hooks.connected(connection, sessionPresent);
    broker.observer?.connectionOpened?.(connection);
  };
  // CONNACK promises that the session is there, and that an earlier one is not.
  if (toldStore || session.store !== undefined) connection.whenDurable(admit);
  else admit();
}

function countConnected(broker: Broker): void {
  const { counters } = broker;
  counters.clientsConnected += 1;
  broker.connectedClients += 1;
  counters.clientsConnectedMax = Math.max(counters.clientsConnectedMax, broker.connectedClients);
}

function requestedExpiry(packet: ConnectPacket): number {
  if (packet.protocolVersion === 5) return packet.properties?.sessionExpiryInterval ?? 0;
  return packet.cleanStart ? 0 : SESSION_NEVER_EXPIRES;
}

/** A limit binds 5.0 clients only: the others cannot be told that they have to speak more often. */
function keepAliveInForce({ keepAlive, protocolVersion }: ConnectPacket, keepAliveMax: number): number {
  if (keepAliveMax === 0 || protocolVersion !== 5) return keepAlive;
  return keepAlive === 0 ? keepAliveMax : Math.min(keepAlive, keepAliveMax);
}

/** For an accepted CONNECT, Session Present aside. A property that says what its absence says is left out. */
function connack(
  connection: Connection,
  packet: ConnectPacket,
  limits: Readonly<ConnectionLimits>,
  sessionExpiryInterval: number,
  verdict: EnhancedAuthenticateAnswer,
): ConnackPacket {
  const accepted = { type: PacketType.CONNACK, sessionPresent: false, reasonCode: ReasonCode.Success };
  if (packet.protocolVersion !== 5) return accepted;
  const { broker } = connection;
  const properties: ConnackPacket["properties"] = {};
  if (sessionExpiryInterval !== requestedExpiry(packet)) properties.sessionExpiryInterval = sessionExpiryInterval;
  if (limits.receiveMaximum !== 65_535) properties.receiveMaximum = limits.receiveMaximum;
  if (connection.maximumQoS < 2) properties.maximumQoS = connection.maximumQoS as 0 | 1;
  if (!broker.retainAvailable) properties.retainAvailable = false;
  properties.maximumPacketSize = limits.maximumPacketSize;
  if (packet.clientIdentifier === "") properties.assignedClientIdentifier = connection.clientIdentifier; // [MQTT-3.2.2-16]
  if (limits.topicAliasMaximum > 0) properties.topicAliasMaximum = limits.topicAliasMaximum;
  if (!broker.wildcardSubscriptionAvailable) properties.wildcardSubscriptionAvailable = false;
  if (!broker.subscriptionIdentifierAvailable) properties.subscriptionIdentifierAvailable = false;
  if (!broker.sharedSubscriptionAvailable) properties.sharedSubscriptionAvailable = false;
  if (connection.keepAlive !== packet.keepAlive) properties.serverKeepAlive = connection.keepAlive; // [MQTT-3.2.2-22]
  if (packet.properties?.requestResponseInformation === true) {
    properties.responseInformation = broker.responseInformation(connection.clientIdentifier);
  }
  const method = packet.properties?.authenticationMethod;
  if (method !== undefined) {
    properties.authenticationMethod = method;
    properties.authenticationData = verdict.data;
  }
  return { ...accepted, properties };
}

function invalidIdentifier(reasonString: string): Verdict {
  return { reasonCode: ReasonCode.ClientIdentifierNotValid, reasonString };
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
