/**
 * Walks over the properties of one PUBLISH (MQTT 5.0 section 3.3.2.3), checks each and notes where those stand that a
 * server acts on. Makes no objects.
 */
import { ByteReader, cutShort } from "./byte-reader.js";
import { isWellFormedUtf8 } from "./is-well-formed-utf8.js";
import { malformed, protocolError } from "./packet-error.js";
import { PacketType } from "./packet-type.js";
import { PROPERTY_ONCE_BITS, PROPERTY_PACKETS, PropertyIdentifier } from "./property-table.js";
import type { PublishView } from "./publish-view.js";
import { ReasonCode } from "./reason-code.js";

const PUBLISH_BIT = 1 << PacketType.PUBLISH;
const PLUS = 0x2b;
const HASH = 0x23;

/** Reads the section whose length stands at `position`; sets the view's property and payload fields. */
export function readPublishProperties(view: PublishView, bytes: Uint8Array, position: number, end: number): void {
  const reader = new ByteReader(bytes, position, end);
  const length = reader.readVariableByteInteger();
  const sectionEnd = reader.position + length;
  if (sectionEnd > end) throw cutShort();
  view.propertiesStart = reader.position;
  view.propertiesEnd = sectionEnd;
  view.payloadStart = sectionEnd;
  reader.end = sectionEnd;
  let seen = 0;
  while (reader.position < sectionEnd) {
    const identifier = reader.readByte();
    if ((PROPERTY_PACKETS[identifier] & PUBLISH_BIT) === 0) {
      throw malformed(`property 0x${identifier.toString(16)} is unknown or not allowed in PUBLISH`);
    }
    const once = PROPERTY_ONCE_BITS[identifier];
    if ((seen & once) !== 0) throw protocolError(`property 0x${identifier.toString(16)} occurs twice`);
    seen |= once;
    readProperty(view, reader, identifier);
  }
}

function readProperty(view: PublishView, reader: ByteReader, identifier: number): void {
  switch (identifier) {
    case PropertyIdentifier.UserProperty:
      skipString(reader); // [MQTT-1.5.7-1]
      skipString(reader);
      break;
    case PropertyIdentifier.MessageExpiryInterval:
      view.messageExpiryOffset = reader.position;
      view.messageExpiryInterval = reader.readUint32();
      break;
    case PropertyIdentifier.ContentType:
      skipString(reader); // [MQTT-3.3.2-19]
      break;
    case PropertyIdentifier.TopicAlias:
      view.topicAliasStart = reader.position - 1;
      view.topicAlias = reader.readUint16();
      view.topicAliasEnd = reader.position;
      if (view.topicAlias === 0) throw protocolError("Topic Alias is 0", ReasonCode.TopicAliasInvalid); // [MQTT-3.3.2-8]
      break;
    case PropertyIdentifier.ResponseTopic:
      view.responseTopicStart = reader.position + 2;
      view.responseTopicEnd = skipString(reader); // [MQTT-3.3.2-13]
      checkResponseTopic(reader.bytes, view.responseTopicStart, view.responseTopicEnd);
      break;
    case PropertyIdentifier.CorrelationData:
      skip(reader, reader.readUint16());
      break;
    case PropertyIdentifier.PayloadFormatIndicator:
      view.payloadFormatIndicator = reader.readByte();
      if (view.payloadFormatIndicator > 1) throw protocolError("Payload Format Indicator is neither 0 nor 1");
      break;
    default: // Subscription Identifier; the table has let nothing else pass
      if (reader.readVariableByteInteger() === 0) throw protocolError("Subscription Identifier is 0");
      view.hasSubscriptionIdentifier = true;
  }
}

function skip(reader: ByteReader, length: number): void {
  if (reader.position + length > reader.end) throw cutShort();
  reader.position += length;
}

/** Returns the offset behind the string. [MQTT-1.5.4-1] [MQTT-1.5.4-2] */
function skipString(reader: ByteReader): number {
  const length = reader.readUint16();
  const start = reader.position;
  skip(reader, length);
  if (!isWellFormedUtf8(reader.bytes, start, reader.position)) throw malformed("string is not well-formed UTF-8");
  return reader.position;
}

function checkResponseTopic(bytes: Uint8Array, start: number, end: number): void {
  let valid = start < end;
  for (let position = start; position < end && valid; position += 1) {
    valid = bytes[position] !== PLUS && bytes[position] !== HASH;
  }
  if (!valid) throw protocolError("Response Topic is no Topic Name"); // [MQTT-3.3.2-14]
}
