/** PUBLISH from the server (MQTT 5.0 section 3.3, receiving side of 4.3). */
import { decodePublishProperties, malformed, protocolError, ReasonCode, readUtf8 } from "@tidings/packet";
import type { ClientConnection } from "./client-connection.js";
import { Message, type MessageProperties, NO_PROPERTIES } from "./message.js";
import { checkTopicName } from "./topic-reader.js";

const NO_BYTES = new Uint8Array(0);

export function handlePublish(
  connection: ClientConnection,
  bytes: Uint8Array,
  start: number,
  bodyStart: number,
  end: number,
): void {
  const { session, version } = connection;
  const first = bytes[start];
  const qos = (first >> 1) & 0x03;
  const dup = (first & 0x08) !== 0;
  if (qos === 3 || (qos === 0 && dup)) throw malformed("QoS 3, or DUP with QoS 0"); // [MQTT-3.3.1-4] [MQTT-3.3.1-2]
  const topicStart = bodyStart + 2;
  const topicEnd = topicStart + ((bytes[bodyStart] << 8) | bytes[bodyStart + 1]);
  let position = topicEnd + (qos === 0 ? 0 : 2);
  if (position > end || (version === 5 && position === end)) throw malformed("PUBLISH ends inside a field");
  const packetIdentifier = qos === 0 ? 0 : (bytes[topicEnd] << 8) | bytes[topicEnd + 1];
  if (qos !== 0 && packetIdentifier === 0) throw protocolError("Packet Identifier is 0");
  let properties: MessageProperties = NO_PROPERTIES;
  let topicAlias = 0;
  if (version === 5) {
    if (bytes[position] !== 0) {
      const { topicAlias: alias = 0, ...rest } = decodePublishProperties(bytes, position, end) ?? {};
      topicAlias = alias;
      properties = rest;
      if (rest.correlationData !== undefined) rest.correlationData = new Uint8Array(rest.correlationData);
    }
    position = endOfProperties(bytes, position);
  }
  const topic = topicOf(connection, bytes, topicStart, topicEnd, topicAlias);
  if (qos === 2 && session.inbound.has(packetIdentifier)) {
    repeated(connection, packetIdentifier);
    return;
  }
  if (qos !== 0) takeQuota(connection);
  const message = new Message(
    topic,
    qos,
    (first & 0x01) !== 0,
    dup,
    packetIdentifier,
    properties,
    bytes,
    position,
    end,
    qos === 0 ? undefined : connection,
  );
  if (qos !== 0) {
    if (qos === 2) session.beginInbound(message);
    connection.expectAcknowledgement(message);
  }
  session.host.deliver(message);
}

/** `position` is that of a Property Length that was checked. */
function endOfProperties(bytes: Uint8Array, position: number): number {
  let length = 0;
  let shift = 0;
  let byte: number;
  do {
    byte = bytes[position++];
    length |= (byte & 0x7f) << shift;
    shift += 7;
  } while (byte >= 0x80);
  return position + length;
}

/** The PUBLISH took a slot of our Receive Maximum, which 3.1 and 3.1.1 do not have. */
function takeQuota(connection: ClientConnection): void {
  if (connection.version === 5 && !connection.receiveQuota.take()) {
    throw protocolError("more messages at once than Receive Maximum allows", ReasonCode.ReceiveMaximumExceeded);
  }
}

/** Known from this connection or an earlier one: not delivered again [MQTT-4.3.3-10]. */
function repeated(connection: ClientConnection, packetIdentifier: number): void {
  const { session } = connection;
  const isFirstHere = session.takeEarlierInbound(packetIdentifier);
  const waiting = session.unacknowledged(packetIdentifier);
  if (isFirstHere) takeQuota(connection);
  else if (waiting !== undefined) return; // its PUBREC will answer both
  const message =
    waiting ?? new Message("", 2, false, true, packetIdentifier, NO_PROPERTIES, NO_BYTES, 0, 0, connection);
  if (waiting === undefined) message.reasonCode = 0;
  message.adopt(connection);
  connection.expectAcknowledgement(message);
  if (message.reasonCode >= 0) connection.acknowledge(message);
}

function topicOf(
  connection: ClientConnection,
  bytes: Uint8Array,
  start: number,
  end: number,
  topicAlias: number,
): string {
  if (topicAlias === 0) {
    if (start === end) throw protocolError("Topic Name is empty and there is no Topic Alias"); // [MQTT-4.7.3-1]
    return connection.session.topics.read(bytes, start, end);
  }
  const { inboundAliases } = connection;
  if (!inboundAliases.accepts(topicAlias)) {
    throw protocolError(`Topic Alias ${topicAlias} is above the maximum`, ReasonCode.TopicAliasInvalid);
  }
  if (start === end) {
    const known = inboundAliases.get(topicAlias);
    if (known === undefined) throw protocolError(`Topic Alias ${topicAlias} was never given a topic`);
    return known;
  }
  const topic = readUtf8(bytes, start, end);
  checkTopicName(topic);
  inboundAliases.set(topicAlias, topic);
  return topic;
}
