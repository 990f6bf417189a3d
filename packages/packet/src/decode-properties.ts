/**
 * Decodes one properties section (MQTT 5.0 section 2.2.2) into an object. Which packets may carry which property comes
 * from the property table; rules that span a packet, such as "data needs a method", are the packet's own.
 */
import type { ByteReader } from "./byte-reader.js";
import { cutShort } from "./byte-reader.js";
import { malformed, protocolError } from "./packet-error.js";
import { PacketType } from "./packet-type.js";
import type { Properties } from "./properties.js";
import { PROPERTY_ONCE_BITS, PROPERTY_PACKETS, PropertyIdentifier } from "./property-table.js";
import { ReasonCode } from "./reason-code.js";
import { hasWildcard } from "./topic-name.js";

/**
 * Reads the section at the reader's position, its length first. `packetBit` is `1 << PacketType` or `WILL_BIT`.
 * Undefined for a section of length 0.
 */
export function decodeProperties(reader: ByteReader, packetBit: number): Properties | undefined {
  const length = reader.readVariableByteInteger();
  if (length === 0) return undefined;
  const packetEnd = reader.end;
  const sectionEnd = reader.position + length;
  if (sectionEnd > packetEnd) throw cutShort();
  reader.end = sectionEnd;
  const properties: Properties = {};
  let seen = 0;
  while (reader.position < sectionEnd) {
    const identifier = reader.readByte();
    if ((PROPERTY_PACKETS[identifier] & packetBit) === 0) throw notAllowed(identifier);
    const once = PROPERTY_ONCE_BITS[identifier];
    if ((seen & once) !== 0) throw protocolError(`property 0x${identifier.toString(16)} occurs twice`);
    seen |= once;
    decodeProperty(reader, identifier, properties, packetBit);
  }
  reader.end = packetEnd;
  return properties;
}

function decodeProperty(reader: ByteReader, identifier: number, properties: Properties, packetBit: number): void {
  switch (identifier) {
    case PropertyIdentifier.PayloadFormatIndicator:
      properties.payloadFormatIndicator = readBit(reader);
      break;
    case PropertyIdentifier.MessageExpiryInterval:
      properties.messageExpiryInterval = reader.readUint32();
      break;
    case PropertyIdentifier.ContentType:
      properties.contentType = reader.readString();
      break;
    case PropertyIdentifier.ResponseTopic:
      properties.responseTopic = readResponseTopic(reader);
      break;
    case PropertyIdentifier.CorrelationData:
      properties.correlationData = reader.readBinary();
      break;
    case PropertyIdentifier.SubscriptionIdentifier:
      addSubscriptionIdentifier(reader, properties, packetBit);
      break;
    case PropertyIdentifier.SessionExpiryInterval:
      properties.sessionExpiryInterval = reader.readUint32();
      break;
    case PropertyIdentifier.AssignedClientIdentifier:
      properties.assignedClientIdentifier = reader.readString();
      break;
    case PropertyIdentifier.ServerKeepAlive:
      properties.serverKeepAlive = reader.readUint16();
      break;
    case PropertyIdentifier.AuthenticationMethod:
      properties.authenticationMethod = reader.readString();
      break;
    case PropertyIdentifier.AuthenticationData:
      properties.authenticationData = reader.readBinary();
      break;
    case PropertyIdentifier.RequestProblemInformation:
      properties.requestProblemInformation = readBit(reader) === 1;
      break;
    case PropertyIdentifier.WillDelayInterval:
      properties.willDelayInterval = reader.readUint32();
      break;
    case PropertyIdentifier.RequestResponseInformation:
      properties.requestResponseInformation = readBit(reader) === 1;
      break;
    case PropertyIdentifier.ResponseInformation:
      properties.responseInformation = reader.readString();
      break;
    case PropertyIdentifier.ServerReference:
      properties.serverReference = reader.readString();
      break;
    case PropertyIdentifier.ReasonString:
      properties.reasonString = reader.readString();
      break;
    case PropertyIdentifier.ReceiveMaximum:
      properties.receiveMaximum = nonZero(reader.readUint16(), "Receive Maximum");
      break;
    case PropertyIdentifier.TopicAliasMaximum:
      properties.topicAliasMaximum = reader.readUint16();
      break;
    case PropertyIdentifier.TopicAlias:
      properties.topicAlias = nonZero(reader.readUint16(), "Topic Alias", ReasonCode.TopicAliasInvalid); // [MQTT-3.3.2-8]
      break;
    case PropertyIdentifier.MaximumQoS:
      properties.maximumQoS = readBit(reader);
      break;
    case PropertyIdentifier.RetainAvailable:
      properties.retainAvailable = readBit(reader) === 1;
      break;
    case PropertyIdentifier.UserProperty:
      (properties.userProperties ??= []).push([reader.readString(), reader.readString()]); // [MQTT-1.5.7-1]
      break;
    case PropertyIdentifier.MaximumPacketSize:
      properties.maximumPacketSize = nonZero(reader.readUint32(), "Maximum Packet Size");
      break;
    case PropertyIdentifier.WildcardSubscriptionAvailable:
      properties.wildcardSubscriptionAvailable = readBit(reader) === 1;
      break;
    case PropertyIdentifier.SubscriptionIdentifierAvailable:
      properties.subscriptionIdentifierAvailable = readBit(reader) === 1;
      break;
    default: // the table has let nothing else pass
      properties.sharedSubscriptionAvailable = readBit(reader) === 1;
  }
}

function notAllowed(identifier: number): Error {
  return malformed(`property 0x${identifier.toString(16)} is unknown or not allowed in this packet`);
}

function readBit(reader: ByteReader): 0 | 1 {
  const value = reader.readByte();
  if (value > 1) throw protocolError("property value is neither 0 nor 1");
  return value as 0 | 1;
}

function nonZero(value: number, name: string, reasonCode?: ReasonCode): number {
  if (value === 0) throw protocolError(`${name} is 0`, reasonCode);
  return value;
}

function readResponseTopic(reader: ByteReader): string {
  const topic = reader.readString();
  if (topic === "" || hasWildcard(topic)) throw protocolError("Response Topic is no Topic Name"); // [MQTT-3.3.2-14]
  return topic;
}

function addSubscriptionIdentifier(reader: ByteReader, properties: Properties, packetBit: number): void {
  const value = nonZero(reader.readVariableByteInteger(), "Subscription Identifier");
  if (properties.subscriptionIdentifiers === undefined) {
    properties.subscriptionIdentifiers = [value];
  } else if (packetBit === 1 << PacketType.SUBSCRIBE) {
    throw protocolError("Subscription Identifier occurs twice");
  } else {
    properties.subscriptionIdentifiers.push(value);
  }
}
