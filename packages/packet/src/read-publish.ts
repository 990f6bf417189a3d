/**
 * Reads one PUBLISH (MQTT 5.0 and 3.1.1 section 3.3) into a `PublishView`. Checks all that `decodePublish` checks, but
 * for the UTF-8 and the wildcards of the Topic Name: who routes by topic bytes does that once for each topic.
 */
import { cutShort } from "./byte-reader.js";
import { malformed } from "./packet-error.js";
import type { ProtocolVersion } from "./packet-type.js";
import type { PublishView } from "./publish-view.js";
import { zeroPacketIdentifier } from "./read-packet-identifier.js";
import { readPublishProperties } from "./read-publish-properties.js";
import { emptyTopicName } from "./topic-name.js";

/** Fills `view` from the PUBLISH at `start`, as `onFrame` gets it. Throws `PacketError`. */
export function readPublish(
  view: PublishView,
  version: ProtocolVersion,
  bytes: Uint8Array,
  start: number,
  bodyStart: number,
  end: number,
): void {
  const first = bytes[start];
  const qos = (first >> 1) & 0x03;
  const dup = (first & 0x08) !== 0;
  if (qos === 3) throw malformed("QoS is 3"); // [MQTT-3.3.1-4]
  if (qos === 0 && dup) throw malformed("DUP with QoS 0"); // [MQTT-3.3.1-2]
  const topicStart = bodyStart + 2;
  const topicEnd = topicStart + ((bytes[bodyStart] << 8) | bytes[bodyStart + 1]);
  let position = topicEnd;
  let packetIdentifier = 0;
  if (qos !== 0) {
    position += 2;
    if (position > end) throw cutShort();
    packetIdentifier = (bytes[topicEnd] << 8) | bytes[topicEnd + 1];
    if (packetIdentifier === 0) throw zeroPacketIdentifier(version);
  } else if (position > end) {
    throw cutShort();
  }
  view.bytes = bytes;
  view.start = start;
  view.end = end;
  view.dup = dup;
  view.qos = qos;
  view.retain = (first & 0x01) !== 0;
  view.topicStart = topicStart;
  view.topicEnd = topicEnd;
  view.packetIdentifier = packetIdentifier;
  view.topicAlias = 0;
  view.topicAliasStart = -1;
  view.topicAliasEnd = -1;
  view.messageExpiryInterval = -1;
  view.messageExpiryOffset = -1;
  view.payloadFormatIndicator = 0;
  view.hasSubscriptionIdentifier = false;
  view.responseTopicStart = -1;
  view.responseTopicEnd = -1;
  if (version === 5) {
    if (position < end && bytes[position] === 0) position += 1;
    else {
      readPublishProperties(view, bytes, position, end);
      if (topicStart === topicEnd && view.topicAlias === 0) throw emptyTopicName(version); // [MQTT-4.7.3-1]
      return;
    }
  }
  if (topicStart === topicEnd) throw emptyTopicName(version); // [MQTT-4.7.3-1]
  view.propertiesStart = position;
  view.propertiesEnd = position;
  view.payloadStart = position;
}
