/** Measures and writes the body of SUBSCRIBE (MQTT 5.0 and 3.1.1 section 3.8). */
import type { ByteWriter } from "./byte-writer.js";
import type { SubscribePacket, SubscriptionRequest } from "./control-packet.js";
import { EncodeError } from "./encode-error.js";
import { checkInteger, checkPacketIdentifier, measureTopicFilter } from "./measure-field.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { measureProperties, writeProperties } from "./write-properties.js";

/** The Remaining Length. Throws `EncodeError`. */
export function measureSubscribe(packet: SubscribePacket, version: ProtocolVersion, exact: boolean): number {
  checkPacketIdentifier(packet.packetIdentifier);
  const { subscriptions, properties } = packet;
  if (subscriptions.length === 0) throw new EncodeError("SUBSCRIBE without Topic Filter"); // [MQTT-3.8.3-2]
  let length = 2;
  if (version === 5) length += measureProperties(properties, 1 << PacketType.SUBSCRIBE, exact);
  else if (properties !== undefined) throw new EncodeError("properties exist in 5.0 only");
  if (properties?.subscriptionIdentifiers !== undefined && properties.subscriptionIdentifiers.length > 1) {
    throw new EncodeError("SUBSCRIBE with more than one Subscription Identifier");
  }
  for (const subscription of subscriptions) length += measureSubscription(subscription, version, exact);
  return length;
}

function measureSubscription(subscription: SubscriptionRequest, version: ProtocolVersion, exact: boolean): number {
  const { topicFilter, noLocal } = subscription;
  checkInteger(subscription.qos, 0, 2, "Maximum QoS");
  checkInteger(subscription.retainHandling, 0, 2, "Retain Handling");
  if (version !== 5 && (noLocal || subscription.retainAsPublished || subscription.retainHandling !== 0)) {
    throw new EncodeError("subscription options other than QoS exist in 5.0 only");
  }
  if (noLocal && topicFilter.startsWith("$share/")) {
    throw new EncodeError("No Local on a Shared Subscription"); // [MQTT-3.8.3-4]
  }
  return measureTopicFilter(topicFilter, exact) + 1;
}

/** Writes a body that was measured before. */
export function writeSubscribe(packet: SubscribePacket, version: ProtocolVersion, writer: ByteWriter): void {
  writer.writeUint16(packet.packetIdentifier);
  if (version === 5) writeProperties(packet.properties, writer);
  for (const subscription of packet.subscriptions) {
    writer.writeString(subscription.topicFilter);
    writer.writeByte(subscriptionOptions(subscription));
  }
}

function subscriptionOptions(subscription: SubscriptionRequest): number {
  const { qos, noLocal, retainAsPublished, retainHandling } = subscription;
  return qos | (noLocal ? 0x04 : 0) | (retainAsPublished ? 0x08 : 0) | (retainHandling << 4);
}
