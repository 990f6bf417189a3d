/** Decodes UNSUBSCRIBE (MQTT 5.0 and 3.1.1 section 3.10). */
import { ByteReader } from "./byte-reader.js";
import type { UnsubscribePacket } from "./control-packet.js";
import { decodeProperties } from "./decode-properties.js";
import { protocolError } from "./packet-error.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { readPacketIdentifier } from "./read-packet-identifier.js";
import { readTopicFilter } from "./read-topic-filter.js";

/** Decodes the UNSUBSCRIBE whose body stands at `bodyStart`. Throws `PacketError`. */
export function decodeUnsubscribe(
  version: ProtocolVersion,
  bytes: Uint8Array,
  bodyStart: number,
  end: number,
): UnsubscribePacket {
  const reader = new ByteReader(bytes, bodyStart, end);
  const packetIdentifier = readPacketIdentifier(reader, version);
  const properties = version === 5 ? decodeProperties(reader, 1 << PacketType.UNSUBSCRIBE) : undefined;
  const topicFilters: string[] = [];
  if (reader.position === end) throw protocolError("UNSUBSCRIBE without Topic Filter"); // [MQTT-3.10.3-2]
  while (reader.position < end) topicFilters.push(readTopicFilter(reader)); // [MQTT-3.10.3-1]
  const packet: UnsubscribePacket = { type: PacketType.UNSUBSCRIBE, packetIdentifier, topicFilters };
  if (properties !== undefined) packet.properties = properties;
  return packet;
}
