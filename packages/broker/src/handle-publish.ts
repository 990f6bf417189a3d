/**
 * PUBLISH from a client (MQTT 5.0 section 3.3): check, resolve the topic, ask the hooks if there are any, route,
 * acknowledge. Without hooks one straight synchronous walk.
 */
import {
  isWellFormedUtf8,
  malformed,
  PacketType,
  type PublishView,
  protocolError,
  type QoS,
  ReasonCode,
  readPublish,
} from "@tidings/packet";
import { ApplicationMessage } from "./application-message.js";
import type { Connection } from "./connection.js";
import { guardPublish } from "./guard-publish.js";
import type { DropReason } from "./hooks.js";
import { mountPublish } from "./mount-point.js";
import { publishKind } from "./publish-permits.js";
import { publishAnswerOf } from "./refusal.js";
import type { Route } from "./route.js";
import { routeMessage } from "./route-message.js";
import type { Session } from "./session.js";

export function handlePublish(
  connection: Connection,
  bytes: Uint8Array,
  start: number,
  bodyStart: number,
  end: number,
): void {
  const { broker, mountPoint } = connection;
  const session = connection.session as Session;
  const view = broker.publishView;
  readPublish(view, connection.protocolVersion, bytes, start, bodyStart, end);
  if (mountPoint !== undefined) {
    const whole = mountPublish(mountPoint, connection.protocolVersion, bytes, start, bodyStart, end);
    readPublish(view, connection.protocolVersion, whole, 0, fixedHeaderLength(whole), whole.length);
  }
  const qos = view.qos as QoS;
  const { packetIdentifier } = view;
  checkCapabilities(connection, view);
  const route = resolveTopic(connection, view);
  if (qos === 2 && session.inbound.has(packetIdentifier)) {
    // Sent again: acknowledged again, not delivered again [MQTT-4.3.3-10].
    if (!connection.isHolding(packetIdentifier)) {
      connection.acknowledge(PacketType.PUBREC, packetIdentifier, ReasonCode.Success);
    }
    return;
  }
  if (qos > 0 && connection.protocolVersion === 5 && !connection.receiveQuota.take()) {
    throw protocolError("more unacknowledged PUBLISH packets than Receive Maximum", ReasonCode.ReceiveMaximumExceeded);
  }
  const message = new ApplicationMessage(
    view,
    connection.protocolVersion,
    route,
    connection.clientIdentifier,
    broker.nowMs,
  );
  broker.tracer?.received(message, packetIdentifier);
  if (!broker.hasRoom && (qos > 0 || broker.memory.isShort)) {
    refuseForRoom(connection, qos, packetIdentifier, message);
    return;
  }
  let refusal = refusalFor(connection, message, view);
  if (broker.guardsTopics && refusal === ReasonCode.Success) {
    const isPermitted =
      connection.permittedRoute === route && connection.permittedKind === publishKind(qos, message.retain);
    if (!isPermitted) refusal = connection.permitPublish(message, route);
  }
  if (refusal !== ReasonCode.Success) refusePublish(connection, qos, packetIdentifier, message, refusal);
  else if (broker.guardsPublish) guardPublish(connection, message, packetIdentifier);
  else acceptPublish(connection, message, route, qos, packetIdentifier, false);
}

/** Routes the message and answers for it. `qos` is that of the packet, whatever a hook made of the message. */
export function acceptPublish(
  connection: Connection,
  message: ApplicationMessage,
  route: Route,
  qos: QoS,
  packetIdentifier: number,
  /** A hook will answer. */
  held: boolean,
): void {
  const { broker } = connection;
  broker.tracer?.authorized(message);
  if (qos === 2) {
    const session = connection.session as Session;
    session.inbound.begin(packetIdentifier);
    session.store?.addInbound(session.clientIdentifier, packetIdentifier);
  }
  const reached = routeMessage(broker, message, route);
  if (qos === 0 || held) return;
  const reasonCode = reached ? ReasonCode.Success : ReasonCode.NoMatchingSubscribers;
  const stored = message.messageNumber > 0 || message.retain || (qos === 2 && connection.session?.store !== undefined);
  connection.acknowledge(qos === 1 ? PacketType.PUBACK : PacketType.PUBREC, packetIdentifier, reasonCode, stored);
}

/** A refusal concerns this message only [MQTT-3.3.5-2]; before 5.0 nothing can say so. */
export function refusePublish(
  connection: Connection,
  qos: QoS,
  packetIdentifier: number,
  message: ApplicationMessage,
  reasonCode: number,
  /** Takes the answer to the place that a hook has kept for it. */
  hold?: (reasonCode: ReasonCode) => void,
  reason: DropReason = "refused",
): void {
  const { broker } = connection;
  broker.tracer?.refused(message, reasonCode);
  broker.drop(connection.clientIdentifier, message, reason);
  if (connection.protocolVersion !== 5 && broker.closesOnRefusedPublish) {
    connection.disconnect(reasonCode);
    return;
  }
  if (qos === 0) return;
  if (qos === 2 && connection.protocolVersion !== 5) {
    // The handshake has to run its course.
    const session = connection.session as Session;
    session.inbound.begin(packetIdentifier);
    session.store?.addInbound(session.clientIdentifier, packetIdentifier);
  }
  if (hold !== undefined) {
    hold(reasonCode);
    return;
  }
  const answer = qos === 1 ? PacketType.PUBACK : PacketType.PUBREC;
  connection.acknowledge(answer, packetIdentifier, publishAnswerOf(reasonCode));
}

/**
 * There is no room to keep the message, so nothing may be promised: 0x97 for 5.0; before, no answer, and the end of the
 * connection when there is room again, so that the client sends the message once more.
 */
function refuseForRoom(connection: Connection, qos: QoS, packetIdentifier: number, message: ApplicationMessage): void {
  const { broker, clientIdentifier, protocolVersion } = connection;
  const reason = broker.lacksRoomFor;
  if (protocolVersion === 5 && qos > 0) {
    refusePublish(connection, qos, packetIdentifier, message, ReasonCode.QuotaExceeded, undefined, reason);
    return;
  }
  if (qos > 0) connection.owesAnswer = true;
  broker.tracer?.refused(message, ReasonCode.QuotaExceeded);
  broker.drop(clientIdentifier, message, reason);
}

/** What this broker was told not to support; a client knows from CONNACK. */
function checkCapabilities({ broker, maximumQoS }: Connection, view: PublishView): void {
  if (view.hasSubscriptionIdentifier) throw protocolError("a client's PUBLISH carries a Subscription Identifier"); // [MQTT-3.3.4-6]
  if (view.qos > maximumQoS) {
    throw protocolError(`QoS ${view.qos} is above Maximum QoS`, ReasonCode.QoSNotSupported); // [MQTT-3.2.2-11]
  }
  if (view.retain && !broker.retainAvailable) {
    throw protocolError("retained messages are not supported", ReasonCode.RetainNotSupported); // [MQTT-3.2.2-14]
  }
}

function fixedHeaderLength(packet: Uint8Array): number {
  let length = 1;
  while (packet[length++] >= 0x80);
  return length;
}

/** The route of the packet's topic or alias. */
function resolveTopic(connection: Connection, view: PublishView): Route {
  const { routes } = connection.broker;
  const { topicAlias, topicStart, topicEnd, bytes } = view;
  if (topicAlias === 0) return validRoute(routes.find(bytes, topicStart, topicEnd), view);
  const aliases = connection.inboundAliases;
  if (aliases === undefined || !aliases.accepts(topicAlias)) {
    throw protocolError(`Topic Alias ${topicAlias} is above the maximum`, ReasonCode.TopicAliasInvalid);
  }
  if (topicEnd > topicStart) {
    const route = validRoute(routes.find(bytes, topicStart, topicEnd), view);
    aliases.set(topicAlias, route);
    return route;
  }
  const route = aliases.get(topicAlias);
  if (route === undefined) throw protocolError(`Topic Alias ${topicAlias} was never set`);
  return routes.current(route);
}

function validRoute(route: Route | undefined, view: PublishView): Route {
  if (route !== undefined) return route;
  if (!isWellFormedUtf8(view.bytes, view.topicStart, view.topicEnd)) {
    throw malformed("the Topic Name is not well-formed UTF-8"); // [MQTT-1.5.4-1] [MQTT-3.3.2-1]
  }
  throw protocolError("the Topic Name is not valid, or has too many levels", ReasonCode.TopicNameInvalid);
}

/** Reasons of the broker's own to turn a message away. */
function refusalFor({ broker, mountPoint }: Connection, { topicName }: ApplicationMessage, view: PublishView): number {
  if (mountPoint !== undefined && topicName.charCodeAt(mountPoint.length) === 0x24) return ReasonCode.NotAuthorized;
  if (topicName.charCodeAt(0) === 0x24) {
    // "$SYS/" is the broker's own; "$share/" is no topic at all.
    if (topicName.startsWith("$SYS/") || topicName === "$SYS") return ReasonCode.NotAuthorized;
    if (topicName.startsWith("$share/")) return ReasonCode.TopicNameInvalid;
  }
  if (broker.validatesPayloadFormat && view.payloadFormatIndicator === 1) {
    if (!isWellFormedUtf8(view.bytes, view.payloadStart, view.end)) return ReasonCode.PayloadFormatInvalid;
  }
  return ReasonCode.Success;
}
