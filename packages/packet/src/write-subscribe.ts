/** Measures and writes the body of SUBSCRIBE (MQTT 5.0 and 3.1.1 section 3.8). */
import type { SubscribePacket, SubscriptionRequest } from "./control-packet.js";
import { EncodeError } from "./encode-error.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { checkInteger, checkPacketIdentifier, measureTopicFilter, writeString, writeUint16 } from "./write-field.js";
import { measureProperties, writeProperties } from "./write-properties.js";

/** The Remaining Length. Throws `EncodeError`. */
export function measureSubscribe(packet: SubscribePacket, version: ProtocolVersion): number {
  checkPacketIdentifier(packet.packetIdentifier);
  const { subscriptions, properties } = packet;
  if (subscriptions.length === 0) throw new EncodeError("SUBSCRIBE without Topic Filter"); // [MQTT-3.8.3-2]
  let length = 2;
  if (version === 5) length += measureProperties(properties, 1 << PacketType.SUBSCRIBE);
  else if (properties !== undefined) throw new EncodeError("properties exist in 5.0 only");
  if (properties?.subscriptionIdentifiers !== undefined && properties.subscriptionIdentifiers.length > 1) {
    throw new EncodeError("SUBSCRIBE with more than one Subscription Identifier");
  }
  for (const subscription of subscriptions) length += measureSubscription(subscription, version);
  return length;
}

function measureSubscription(subscription: SubscriptionRequest, version: ProtocolVersion): number {
  const { topicFilter, noLocal } = subscription;
  checkInteger(subscription.qos, 0, 2, "Maximum QoS");
  checkInteger(subscription.retainHandling, 0, 2, "Retain Handling");
  if (version !== 5 && (noLocal || subscription.retainAsPublished || subscription.retainHandling !== 0)) {
    throw new EncodeError("subscription options other than QoS exist in 5.0 only");
  }
  if (noLocal && topicFilter.startsWith("$share/")) {
    throw new EncodeError("No Local on a Shared Subscription"); // [MQTT-3.8.3-4]
  }
  return measureTopicFilter(topicFilter) + 1;
}

/** Writes a body that was measured before; returns the offset behind it. */
export function writeSubscribe(
  packet: SubscribePacket,
  version: ProtocolVersion,
  target: Uint8Array,
  offset: number,
): number {
  offset = writeUint16(packet.packetIdentifier, target, offset);
  if (version === 5) offset = writeProperties(packet.properties, target, offset);
  for (const subscription of packet.subscriptions) {
    offset = writeString(subscription.topicFilter, target, offset);
    target[offset++] = subscriptionOptions(subscription);
  }
  return offset;
}

function subscriptionOptions(subscription: SubscriptionRequest): number {
  const { qos, noLocal, retainAsPublished, retainHandling } = subscription;
  return qos | (noLocal ? 0x04 : 0) | (retainAsPublished ? 0x08 : 0) | (retainHandling << 4);
}
