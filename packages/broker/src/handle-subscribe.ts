/**
 * SUBSCRIBE (MQTT 5.0 section 3.8): one answer for each filter, then the retained messages.
 */
import {
  PacketType,
  type ProtocolVersion,
  protocolError,
  type QoS,
  ReasonCode,
  type SubscribePacket,
  type SubscriptionRequest,
} from "@tidings/packet";
import { isTopicFilter, parseSharedFilter } from "@tidings/topic";
import type { Broker } from "./broker.js";
import type { Connection } from "./connection.js";
import { isPromise } from "./is-promise.js";
import { mountFilter } from "./mount-point.js";
import type { Session } from "./session.js";
import { subscribeSession } from "./subscribe-session.js";
import type { Subscription } from "./subscription.js";

export function handleSubscribe(connection: Connection, packet: SubscribePacket): void {
  const subscriptionIdentifier = packet.properties?.subscriptionIdentifiers?.[0] ?? 0;
  for (const request of packet.subscriptions) {
    if (request.noLocal && request.topicFilter.startsWith("$share/")) {
      throw protocolError("No Local is set on a shared subscription"); // [MQTT-3.8.3-4]
    }
  }
  const { mountPoint } = connection;
  if (mountPoint !== undefined) {
    for (const request of packet.subscriptions) request.topicFilter = mountFilter(mountPoint, request.topicFilter);
  }
  new SubscribeWalk(connection, packet, subscriptionIdentifier).from(0);
}

/** Filter by filter, at once or as hooks answer; then the answer to all. */
class SubscribeWalk {
  private readonly reasonCodes: number[] = [];
  private readonly replays: Subscription[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly packet: SubscribePacket,
    private readonly subscriptionIdentifier: number,
  ) {}

  from(index: number): void {
    const { connection, packet } = this;
    for (let i = index; i < packet.subscriptions.length; i++) {
      const request = packet.subscriptions[i];
      const refusal = refusalFor(connection, request, this.subscriptionIdentifier);
      const answer = refusal ?? connection.broker.hooks.authorizeSubscribe(connection, request);
      if (isPromise(answer)) {
        connection.settle(answer, (settled) => {
          this.take(request, settled);
          this.from(i + 1);
        });
        return;
      }
      this.take(request, answer);
    }
    finish(connection, packet, this.reasonCodes, this.replays);
  }

  private take(request: SubscriptionRequest, answer: ReasonCode): void {
    const { connection, reasonCodes, replays, subscriptionIdentifier } = this;
    reasonCodes.push(answer >= 0x80 ? answer : subscribe(connection, request, answer, subscriptionIdentifier, replays));
  }
}

/** Why this filter cannot be had at all; undefined: it can. */
function refusalFor(
  connection: Connection,
  request: SubscriptionRequest,
  subscriptionIdentifier: number,
): number | undefined {
  const { broker } = connection;
  const { topicFilter } = request;
  if (!isTopicFilter(topicFilter)) return ReasonCode.TopicFilterInvalid;
  if (!broker.sharedSubscriptionAvailable && topicFilter.startsWith("$share/")) {
    return ReasonCode.SharedSubscriptionsNotSupported;
  }
  if (!broker.wildcardSubscriptionAvailable && /[+#]/.test(topicFilter)) {
    return ReasonCode.WildcardSubscriptionsNotSupported;
  }
  if (!broker.subscriptionIdentifierAvailable && subscriptionIdentifier > 0) {
    return ReasonCode.SubscriptionIdentifiersNotSupported;
  }
  const { subscriptions } = connection.session as Session;
  if (!subscriptions.has(topicFilter) && subscriptions.size >= broker.limits.subscriptionsMax) {
    return ReasonCode.QuotaExceeded;
  }
  return undefined;
}

function subscribe(
  connection: Connection,
  request: SubscriptionRequest,
  allowedQoS: number,
  subscriptionIdentifier: number,
  replays: Subscription[],
): number {
  const { broker } = connection;
  const session = connection.session as Session;
  const grantedQoS = Math.min(request.qos, allowedQoS, connection.maximumQoS) as QoS;
  const isNew = !session.subscriptions.has(request.topicFilter);
  const subscription = subscribeSession(session, request, grantedQoS, subscriptionIdentifier);
  if (subscription === undefined) return ReasonCode.TopicFilterInvalid; // too many levels
  if (wantsRetained(broker, subscription, isNew)) replays.push(subscription);
  broker.hooks.subscribed(connection, request, grantedQoS);
  return grantedQoS;
}

/** Retain Handling [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11]; never for a shared subscription. */
function wantsRetained(broker: Broker, subscription: Subscription, isNew: boolean): boolean {
  if (!broker.retainAvailable || parseSharedFilter(subscription.topicFilter) !== undefined) return false;
  return subscription.retainHandling === 0 || (subscription.retainHandling === 1 && isNew);
}

function finish(
  connection: Connection,
  packet: SubscribePacket,
  reasonCodes: readonly number[],
  replays: readonly Subscription[],
): void {
  const session = connection.session as Session;
  const { protocolVersion } = connection;
  const { packetIdentifier, subscriptions } = packet;
  const answers = reasonCodes.map((code, index) => inTermsOf(protocolVersion, code, subscriptions[index]));
  connection.answer({ type: PacketType.SUBACK, packetIdentifier, reasonCodes: answers });
  for (const subscription of replays) {
    if (!session.replayRetained(subscription)) connection.broker.replaysRefused += 1;
  }
}

/** Failures of table 3-8 of 5.0. */
const SUBACK_FAILURES: ReadonlySet<number> = new Set([0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2]);

/** What SUBACK can say in this version [MQTT-3.9.3-2]; a hook may have said anything. */
function inTermsOf(version: ProtocolVersion, code: number, request: SubscriptionRequest): number {
  if (code <= ReasonCode.GrantedQoS2) return code;
  if (version === 5) return SUBACK_FAILURES.has(code) ? code : ReasonCode.UnspecifiedError;
  // 3.1.1 knows one way to say no. 3.1 knows none: it wants a positive answer, and nothing is delivered.
  return version === 4 ? ReasonCode.UnspecifiedError : request.qos;
}
