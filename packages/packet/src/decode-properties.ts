/**
 * Decodes one properties section (MQTT 5.0 section 2.2.2) into an object. Which packets may carry which property comes
 * from the property table; rules that span a packet, such as "data needs a method", are the packet's own.
 */
import type { ByteReader } from "./byte-reader.js";
import { cutShort } from "./byte-reader.js";
import { malformed, protocolError } from "./packet-error.js";
import { PacketType } from "./packet-type.js";
import type { Properties } from "./properties.js";
import {
  PROPERTY_ONCE_BITS,
  PROPERTY_PACKETS,
  PROPERTY_ROW_BY_IDENTIFIER,
  type PropertyRow,
  PropertyType,
} from "./property-table.js";
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
    decodeProperty(reader, PROPERTY_ROW_BY_IDENTIFIER[identifier], properties, packetBit);
  }
  reader.end = packetEnd;
  return properties;
}

function decodeProperty(reader: ByteReader, row: PropertyRow, properties: Properties, packetBit: number): void {
  const fields = properties as Record<string, unknown>;
  const { name, minimum } = row;
  switch (row.type) {
    case PropertyType.FLAG:
      fields[name] = readBit(reader) === 1;
      break;
    case PropertyType.BIT:
      fields[name] = readBit(reader);
      break;
    case PropertyType.UINT16:
      fields[name] = atLeast(minimum, reader.readUint16(), name);
      break;
    case PropertyType.UINT32:
      fields[name] = atLeast(minimum, reader.readUint32(), name);
      break;
    case PropertyType.VARIABLE_BYTE_INTEGERS:
      addSubscriptionIdentifier(reader, properties, packetBit);
      break;
    case PropertyType.STRING:
      fields[name] = reader.readString();
      break;
    case PropertyType.TOPIC_NAME:
      fields[name] = readTopicName(reader);
      break;
    case PropertyType.BINARY:
      fields[name] = reader.readBinary();
      break;
    default:
      (properties.userProperties ??= []).push([reader.readString(), reader.readString()]); // [MQTT-1.5.7-1]
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

function atLeast(minimum: number, value: number, name: string): number {
  if (value < minimum) {
    throw protocolError(`${name} is ${value}`, name === "topicAlias" ? ReasonCode.TopicAliasInvalid : undefined); // [MQTT-3.3.2-8]
  }
  return value;
}

function readTopicName(reader: ByteReader): string {
  const topic = reader.readString();
  if (topic === "" || hasWildcard(topic)) throw protocolError("Response Topic is no Topic Name"); // [MQTT-3.3.2-14]
  return topic;
}

function addSubscriptionIdentifier(reader: ByteReader, properties: Properties, packetBit: number): void {
  const value = atLeast(1, reader.readVariableByteInteger(), "Subscription Identifier");
  if (properties.subscriptionIdentifiers === undefined) {
    properties.subscriptionIdentifiers = [value];
  } else if (packetBit === 1 << PacketType.SUBSCRIBE) {
    throw protocolError("Subscription Identifier occurs twice");
  } else {
    properties.subscriptionIdentifiers.push(value);
  }
}
