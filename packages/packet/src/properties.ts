/**
 * The 27 properties of MQTT 5.0 (section 2.2.2.2) as one interface; each packet's type picks those it may carry.
 */

/** One User Property: name and value. Order and repeats are kept (section 3.1.2.11.8). */
export type UserProperty = readonly [name: string, value: string];

/** Every property, by its name in the standard. Absent means: not sent. */
export interface Properties {
  /** 0x01, byte: 0 unspecified bytes, 1 UTF-8 text. */
  payloadFormatIndicator?: 0 | 1;
  /** 0x02, four bytes, seconds. */
  messageExpiryInterval?: number;
  /** 0x03, UTF-8 string. */
  contentType?: string;
  /** 0x08, UTF-8 string: a Topic Name. */
  responseTopic?: string;
  /** 0x09, binary data. */
  correlationData?: Uint8Array;
  /** 0x0B, Variable Byte Integers, 1 to 268,435,455 each. */
  subscriptionIdentifiers?: number[];
  /** 0x11, four bytes, seconds; 0xFFFFFFFF: never expires. */
  sessionExpiryInterval?: number;
  /** 0x12, UTF-8 string. */
  assignedClientIdentifier?: string;
  /** 0x13, two bytes, seconds. */
  serverKeepAlive?: number;
  /** 0x15, UTF-8 string. */
  authenticationMethod?: string;
  /** 0x16, binary data. */
  authenticationData?: Uint8Array;
  /** 0x17, byte as boolean. */
  requestProblemInformation?: boolean;
  /** 0x18, four bytes, seconds. */
  willDelayInterval?: number;
  /** 0x19, byte as boolean. */
  requestResponseInformation?: boolean;
  /** 0x1A, UTF-8 string. */
  responseInformation?: string;
  /** 0x1C, UTF-8 string. */
  serverReference?: string;
  /** 0x1F, UTF-8 string. */
  reasonString?: string;
  /** 0x21, two bytes, 1 to 65535. */
  receiveMaximum?: number;
  /** 0x22, two bytes. */
  topicAliasMaximum?: number;
  /** 0x23, two bytes, 1 to 65535. */
  topicAlias?: number;
  /** 0x24, byte. */
  maximumQoS?: 0 | 1;
  /** 0x25, byte as boolean. */
  retainAvailable?: boolean;
  /** 0x26, pairs of UTF-8 strings, in order, repeats kept. */
  userProperties?: UserProperty[];
  /** 0x27, four bytes, 1 or more. */
  maximumPacketSize?: number;
  /** 0x28, byte as boolean. */
  wildcardSubscriptionAvailable?: boolean;
  /** 0x29, byte as boolean. */
  subscriptionIdentifierAvailable?: boolean;
  /** 0x2A, byte as boolean. */
  sharedSubscriptionAvailable?: boolean;
}
