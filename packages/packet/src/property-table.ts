/**
 * The property table of MQTT 5.0 (section 2.2.2.2, table 2-4) as data: identifier, field type and the packets that may
 * carry each property. Reads and writes nothing itself.
 */
import { PacketType } from "./packet-type.js";
import type { Properties } from "./properties.js";

/** Property Identifiers, by name. All of them fit one byte. */
export const PropertyIdentifier = {
  PayloadFormatIndicator: 0x01,
  MessageExpiryInterval: 0x02,
  ContentType: 0x03,
  ResponseTopic: 0x08,
  CorrelationData: 0x09,
  SubscriptionIdentifier: 0x0b,
  SessionExpiryInterval: 0x11,
  AssignedClientIdentifier: 0x12,
  ServerKeepAlive: 0x13,
  AuthenticationMethod: 0x15,
  AuthenticationData: 0x16,
  RequestProblemInformation: 0x17,
  WillDelayInterval: 0x18,
  RequestResponseInformation: 0x19,
  ResponseInformation: 0x1a,
  ServerReference: 0x1c,
  ReasonString: 0x1f,
  ReceiveMaximum: 0x21,
  TopicAliasMaximum: 0x22,
  TopicAlias: 0x23,
  MaximumQoS: 0x24,
  RetainAvailable: 0x25,
  UserProperty: 0x26,
  MaximumPacketSize: 0x27,
  WildcardSubscriptionAvailable: 0x28,
  SubscriptionIdentifierAvailable: 0x29,
  SharedSubscriptionAvailable: 0x2a,
} as const;
export type PropertyIdentifier = (typeof PropertyIdentifier)[keyof typeof PropertyIdentifier];

/** How a property's value is held in `Properties` and written. */
export const PropertyType = {
  /** One byte, 0 or 1, held as boolean. */
  FLAG: 0,
  /** One byte, 0 or 1, held as number. */
  BIT: 1,
  UINT16: 2,
  UINT32: 3,
  /** Variable Byte Integers, one property for each element. */
  VARIABLE_BYTE_INTEGERS: 4,
  STRING: 5,
  BINARY: 6,
  /** String pairs, one property for each element. */
  STRING_PAIRS: 7,
  /** A string that is a Topic Name. */
  TOPIC_NAME: 8,
} as const;
export type PropertyType = (typeof PropertyType)[keyof typeof PropertyType];

/** Where a property stands: bit n is Control Packet type n; bit 0 is the Will Properties inside CONNECT. */
export const WILL_BIT = 1;

export interface PropertyRow {
  name: keyof Properties;
  identifier: PropertyIdentifier;
  type: PropertyType;
  /** Smallest value allowed, for numbers. */
  minimum: number;
  /** Set of bits: `1 << PacketType`, or `WILL_BIT`. */
  packets: number;
}

const CONNECT = 1 << PacketType.CONNECT;
const CONNACK = 1 << PacketType.CONNACK;
const PUBLISH = 1 << PacketType.PUBLISH;
const SUBSCRIBE = 1 << PacketType.SUBSCRIBE;
const DISCONNECT = 1 << PacketType.DISCONNECT;
const AUTH = 1 << PacketType.AUTH;
const MESSAGE = PUBLISH | WILL_BIT;
const ACKNOWLEDGEMENTS =
  (1 << PacketType.PUBACK) |
  (1 << PacketType.PUBREC) |
  (1 << PacketType.PUBREL) |
  (1 << PacketType.PUBCOMP) |
  (1 << PacketType.SUBACK) |
  (1 << PacketType.UNSUBACK);
const EVERYWHERE =
  CONNECT | CONNACK | MESSAGE | SUBSCRIBE | (1 << PacketType.UNSUBSCRIBE) | ACKNOWLEDGEMENTS | DISCONNECT | AUTH;

const { FLAG, BIT, UINT16, UINT32, VARIABLE_BYTE_INTEGERS, STRING, TOPIC_NAME, BINARY, STRING_PAIRS } = PropertyType;

function row(
  name: keyof Properties,
  identifier: PropertyIdentifier,
  type: PropertyType,
  packets: number,
  minimum = 0,
): PropertyRow {
  return { name, identifier, type, minimum, packets };
}

export const PROPERTY_ROWS: readonly PropertyRow[] = [
  row("payloadFormatIndicator", 0x01, BIT, MESSAGE),
  row("messageExpiryInterval", 0x02, UINT32, MESSAGE),
  row("contentType", 0x03, STRING, MESSAGE),
  row("responseTopic", 0x08, TOPIC_NAME, MESSAGE),
  row("correlationData", 0x09, BINARY, MESSAGE),
  row("subscriptionIdentifiers", 0x0b, VARIABLE_BYTE_INTEGERS, PUBLISH | SUBSCRIBE, 1),
  row("sessionExpiryInterval", 0x11, UINT32, CONNECT | CONNACK | DISCONNECT),
  row("assignedClientIdentifier", 0x12, STRING, CONNACK),
  row("serverKeepAlive", 0x13, UINT16, CONNACK),
  row("authenticationMethod", 0x15, STRING, CONNECT | CONNACK | AUTH),
  row("authenticationData", 0x16, BINARY, CONNECT | CONNACK | AUTH),
  row("requestProblemInformation", 0x17, FLAG, CONNECT),
  row("willDelayInterval", 0x18, UINT32, WILL_BIT),
  row("requestResponseInformation", 0x19, FLAG, CONNECT),
  row("responseInformation", 0x1a, STRING, CONNACK),
  row("serverReference", 0x1c, STRING, CONNACK | DISCONNECT),
  row("reasonString", 0x1f, STRING, CONNACK | ACKNOWLEDGEMENTS | DISCONNECT | AUTH),
  row("receiveMaximum", 0x21, UINT16, CONNECT | CONNACK, 1),
  row("topicAliasMaximum", 0x22, UINT16, CONNECT | CONNACK),
  row("topicAlias", 0x23, UINT16, PUBLISH, 1),
  row("maximumQoS", 0x24, BIT, CONNACK),
  row("retainAvailable", 0x25, FLAG, CONNACK),
  row("userProperties", 0x26, STRING_PAIRS, EVERYWHERE),
  row("maximumPacketSize", 0x27, UINT32, CONNECT | CONNACK, 1),
  row("wildcardSubscriptionAvailable", 0x28, FLAG, CONNACK),
  row("subscriptionIdentifierAvailable", 0x29, FLAG, CONNACK),
  row("sharedSubscriptionAvailable", 0x2a, FLAG, CONNACK),
];

/** Rows by the name of the field in `Properties`. */
export const PROPERTY_ROW_BY_NAME: ReadonlyMap<string, PropertyRow> = new Map(
  PROPERTY_ROWS.map((entry) => [entry.name, entry]),
);

/** Rows by identifier. */
export const PROPERTY_ROW_BY_IDENTIFIER: PropertyRow[] = [];

/** `packets` of each row by identifier; 0 for a byte that is no Property Identifier. */
export const PROPERTY_PACKETS = new Uint16Array(256);

/** One bit for each property, by identifier, to notice a second one; 0 for those that may repeat. */
export const PROPERTY_ONCE_BITS = new Int32Array(256);

PROPERTY_ROWS.forEach((entry, index) => {
  const { identifier, packets, type } = entry;
  const repeats = type === STRING_PAIRS || type === VARIABLE_BYTE_INTEGERS;
  PROPERTY_ROW_BY_IDENTIFIER[identifier] = entry;
  PROPERTY_PACKETS[identifier] = packets;
  PROPERTY_ONCE_BITS[identifier] = repeats ? 0 : 1 << index;
});
