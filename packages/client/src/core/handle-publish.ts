/** PUBLISH from the server (MQTT 5.0 section 3.3, receiving side of 4.3). */
import { type PublishView, protocolError, ReasonCode, readPublish, readUtf8 } from "@tidings/packet";
import type { ClientConnection } from "./client-connection.js";
import { Message } from "./message.js";
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
  const { view } = session;
  readPublish(view, version, bytes, start, bodyStart, end);
  const { qos, packetIdentifier } = view;
  const topic = topicOf(connection, view);
  if (qos === 2 && session.inbound.has(packetIdentifier)) {
    repeated(connection, packetIdentifier);
    return;
  }
  if (qos !== 0) {
    takeQuota(connection);
    if (qos === 2) session.inbound.begin(packetIdentifier);
  }
  const hasProperties = view.propertiesEnd > view.propertiesStart;
  const message = new Message(
    topic,
    qos,
    view.retain,
    view.dup,
    packetIdentifier,
    bytes,
    hasProperties ? view.topicEnd + (qos === 0 ? 0 : 2) : -1,
    view.payloadStart,
    end,
    qos === 0 ? undefined : connection,
  );
  if (qos !== 0) {
    if (qos === 2) session.unacknowledged.set(packetIdentifier, message);
    connection.expectAcknowledgement(message);
  }
  session.host.deliver(message);
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
  const waiting = session.unacknowledged.get(packetIdentifier);
  if (isFirstHere) takeQuota(connection);
  else if (waiting !== undefined) return; // its PUBREC will answer both
  const message = waiting ?? new Message("", 2, false, true, packetIdentifier, NO_BYTES, -1, 0, 0, connection);
  if (waiting === undefined) message.reasonCode = 0;
  message.adopt(connection);
  connection.expectAcknowledgement(message);
  if (message.reasonCode >= 0) connection.acknowledge(message);
}

function topicOf(connection: ClientConnection, view: PublishView): string {
  const { bytes, topicStart, topicEnd, topicAlias } = view;
  if (topicAlias === 0) return connection.session.topics.read(bytes, topicStart, topicEnd);
  const { inboundAliases } = connection;
  if (!inboundAliases.accepts(topicAlias)) {
    throw protocolError(`Topic Alias ${topicAlias} is above the maximum`, ReasonCode.TopicAliasInvalid);
  }
  if (topicStart === topicEnd) {
    const known = inboundAliases.get(topicAlias);
    if (known === undefined) throw protocolError(`Topic Alias ${topicAlias} was never given a topic`);
    return known;
  }
  const topic = readUtf8(bytes, topicStart, topicEnd);
  checkTopicName(topic);
  inboundAliases.set(topicAlias, topic);
  return topic;
}
