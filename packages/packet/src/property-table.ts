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

const id = PropertyIdentifier;
const { FLAG, BIT, UINT16, UINT32, VARIABLE_BYTE_INTEGERS, STRING, BINARY, STRING_PAIRS } = PropertyType;

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
  row("payloadFormatIndicator", id.PayloadFormatIndicator, BIT, MESSAGE),
  row("messageExpiryInterval", id.MessageExpiryInterval, UINT32, MESSAGE),
  row("contentType", id.ContentType, STRING, MESSAGE),
  row("responseTopic", id.ResponseTopic, STRING, MESSAGE),
  row("correlationData", id.CorrelationData, BINARY, MESSAGE),
  row("subscriptionIdentifiers", id.SubscriptionIdentifier, VARIABLE_BYTE_INTEGERS, PUBLISH | SUBSCRIBE, 1),
  row("sessionExpiryInterval", id.SessionExpiryInterval, UINT32, CONNECT | CONNACK | DISCONNECT),
  row("assignedClientIdentifier", id.AssignedClientIdentifier, STRING, CONNACK),
  row("serverKeepAlive", id.ServerKeepAlive, UINT16, CONNACK),
  row("authenticationMethod", id.AuthenticationMethod, STRING, CONNECT | CONNACK | AUTH),
  row("authenticationData", id.AuthenticationData, BINARY, CONNECT | CONNACK | AUTH),
  row("requestProblemInformation", id.RequestProblemInformation, FLAG, CONNECT),
  row("willDelayInterval", id.WillDelayInterval, UINT32, WILL_BIT),
  row("requestResponseInformation", id.RequestResponseInformation, FLAG, CONNECT),
  row("responseInformation", id.ResponseInformation, STRING, CONNACK),
  row("serverReference", id.ServerReference, STRING, CONNACK | DISCONNECT),
  row("reasonString", id.ReasonString, STRING, CONNACK | ACKNOWLEDGEMENTS | DISCONNECT | AUTH),
  row("receiveMaximum", id.ReceiveMaximum, UINT16, CONNECT | CONNACK, 1),
  row("topicAliasMaximum", id.TopicAliasMaximum, UINT16, CONNECT | CONNACK),
  row("topicAlias", id.TopicAlias, UINT16, PUBLISH, 1),
  row("maximumQoS", id.MaximumQoS, BIT, CONNACK),
  row("retainAvailable", id.RetainAvailable, FLAG, CONNACK),
  row("userProperties", id.UserProperty, STRING_PAIRS, EVERYWHERE),
  row("maximumPacketSize", id.MaximumPacketSize, UINT32, CONNECT | CONNACK, 1),
  row("wildcardSubscriptionAvailable", id.WildcardSubscriptionAvailable, FLAG, CONNACK),
  row("subscriptionIdentifierAvailable", id.SubscriptionIdentifierAvailable, FLAG, CONNACK),
  row("sharedSubscriptionAvailable", id.SharedSubscriptionAvailable, FLAG, CONNACK),
];

/** Rows by the name of the field in `Properties`. */
export const PROPERTY_ROW_BY_NAME: ReadonlyMap<string, PropertyRow> = new Map(
  PROPERTY_ROWS.map((entry) => [entry.name, entry]),
);

/** `packets` of each row by identifier; 0 for a byte that is no Property Identifier. */
export const PROPERTY_PACKETS = new Uint16Array(256);
for (const entry of PROPERTY_ROWS) PROPERTY_PACKETS[entry.identifier] = entry.packets;

/** One bit for each property, by identifier, to notice a second one; 0 for those that may repeat. */
export const PROPERTY_ONCE_BITS = new Int32Array(256);
PROPERTY_ROWS.forEach((entry, index) => {
  const repeats = entry.type === STRING_PAIRS || entry.type === VARIABLE_BYTE_INTEGERS;
  PROPERTY_ONCE_BITS[entry.identifier] = repeats ? 0 : 1 << index;
});
