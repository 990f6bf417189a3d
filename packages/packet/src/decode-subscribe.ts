/**
 * Decodes SUBSCRIBE (MQTT 5.0 and 3.1.1 section 3.8). Where a Topic Filter may have its wildcards is the server's
 * business: it answers each filter by itself.
 */
import { ByteReader } from "./byte-reader.js";
import type { SubscribePacket, SubscriptionRequest } from "./control-packet.js";
import { decodeProperties } from "./decode-properties.js";
import { malformed, protocolError } from "./packet-error.js";
import { PacketType, type ProtocolVersion, type QoS } from "./packet-type.js";
import { readPacketIdentifier } from "./read-packet-identifier.js";
import { readTopicFilter } from "./read-topic-filter.js";

/** Decodes the SUBSCRIBE whose body stands at `bodyStart`. Throws `PacketError`. */
export function decodeSubscribe(
  version: ProtocolVersion,
  bytes: Uint8Array,
  bodyStart: number,
  end: number,
): SubscribePacket {
  const reader = new ByteReader(bytes, bodyStart, end);
  const packetIdentifier = readPacketIdentifier(reader, version);
  const properties = version === 5 ? decodeProperties(reader, 1 << PacketType.SUBSCRIBE) : undefined;
  const subscriptions: SubscriptionRequest[] = [];
  if (reader.position === end) throw protocolError("SUBSCRIBE without Topic Filter"); // [MQTT-3.8.3-2]
  while (reader.position < end) subscriptions.push(decodeSubscriptionRequest(reader, version));
  const packet: SubscribePacket = { type: PacketType.SUBSCRIBE, packetIdentifier, subscriptions };
  if (properties !== undefined) packet.properties = properties;
  return packet;
}

function decodeSubscriptionRequest(reader: ByteReader, version: ProtocolVersion): SubscriptionRequest {
  const topicFilter = readTopicFilter(reader); // [MQTT-3.8.3-1]
  const options = version === 3 ? reader.readByte() & 0x03 : reader.readByte(); // 3.1 ignores the upper bits
  const qos = options & 0x03;
  const noLocal = (options & 0x04) !== 0;
  const retainHandling = (options >> 4) & 0x03;
  if (version === 5) {
    if (options > 0x3f) throw malformed("reserved subscription options are set"); // [MQTT-3.8.3-5]
    if (qos === 3 || retainHandling === 3) throw protocolError("Maximum QoS or Retain Handling is 3");
    if (noLocal && topicFilter.startsWith("$share/")) {
      throw protocolError("No Local on a Shared Subscription"); // [MQTT-3.8.3-4]
    }
  } else if (options > 2) {
    throw malformed("requested QoS is above 2"); // [3.1.1 MQTT-3.8.3-4]
  }
  return {
    topicFilter,
    qos: qos as QoS,
    noLocal,
    retainAsPublished: (options & 0x08) !== 0,
    retainHandling: retainHandling as 0 | 1 | 2,
  };
}
