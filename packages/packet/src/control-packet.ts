/**
 * Control Packets as plain objects (MQTT 5.0 chapter 3, MQTT 3.1.1 chapter 3). These are what the decoder makes and
 * the encoder takes; they hold no behaviour. Fields carry the standard's names. `properties` exists in 5.0 only and is
 * absent when the packet carries none.
 *
 * Byte fields of a decoded packet (payload, password, Correlation Data …) are views into the chunk that was decoded:
 * they pin that chunk, and change when its owner reuses it. Copy what you keep.
 */
import type { PacketType, ProtocolVersion, QoS } from "./packet-type.js";
import type { Properties } from "./properties.js";
import type { ReasonCode } from "./reason-code.js";

/** CONNECT, section 3.1. */
export interface ConnectPacket {
  type: typeof PacketType.CONNECT;
  /** 3 for MQTT 3.1, 4 for 3.1.1, 5 for 5.0. */
  protocolVersion: ProtocolVersion;
  /** Set when the high bit of the protocol level (0x83, 0x84) marks a bridge. Default false. */
  bridge?: boolean;
  /** Clean Session in 3.1 and 3.1.1. */
  cleanStart: boolean;
  /** Seconds, 0 to 65535; 0 turns keep alive off. */
  keepAlive: number;
  clientIdentifier: string;
  will?: Will;
  userName?: string;
  password?: Uint8Array;
  properties?: Pick<
    Properties,
    | "sessionExpiryInterval"
    | "receiveMaximum"
    | "maximumPacketSize"
    | "topicAliasMaximum"
    | "requestResponseInformation"
    | "requestProblemInformation"
    | "userProperties"
    | "authenticationMethod"
    | "authenticationData"
  >;
}

/** The Will Message inside CONNECT, sections 3.1.2.5 and 3.1.3.2. */
export interface Will {
  topic: string;
  payload: Uint8Array;
  qos: QoS;
  retain: boolean;
  properties?: Pick<
    Properties,
    | "willDelayInterval"
    | "payloadFormatIndicator"
    | "messageExpiryInterval"
    | "contentType"
    | "responseTopic"
    | "correlationData"
    | "userProperties"
  >;
}

/** CONNACK, section 3.2. */
export interface ConnackPacket {
  type: typeof PacketType.CONNACK;
  /** Not in 3.1, which has no room for it: read as false, left out when written. */
  sessionPresent: boolean;
  /** A Reason Code in 5.0, a return code 0 to 5 in 3.1 and 3.1.1. */
  reasonCode: ReasonCode;
  properties?: Pick<
    Properties,
    | "sessionExpiryInterval"
    | "receiveMaximum"
    | "maximumQoS"
    | "retainAvailable"
    | "maximumPacketSize"
    | "assignedClientIdentifier"
    | "topicAliasMaximum"
    | "reasonString"
    | "userProperties"
    | "wildcardSubscriptionAvailable"
    | "subscriptionIdentifierAvailable"
    | "sharedSubscriptionAvailable"
    | "serverKeepAlive"
    | "responseInformation"
    | "serverReference"
    | "authenticationMethod"
    | "authenticationData"
  >;
}

/** PUBLISH, section 3.3. */
export interface PublishPacket {
  type: typeof PacketType.PUBLISH;
  dup: boolean;
  qos: QoS;
  retain: boolean;
  /** Empty only in 5.0, together with a Topic Alias. */
  topicName: string;
  /** 1 to 65535; present exactly when `qos` is above 0. */
  packetIdentifier?: number;
  payload: Uint8Array;
  properties?: Pick<
    Properties,
    | "payloadFormatIndicator"
    | "messageExpiryInterval"
    | "topicAlias"
    | "responseTopic"
    | "correlationData"
    | "userProperties"
    | "subscriptionIdentifiers"
    | "contentType"
  >;
}

type AcknowledgementProperties = Pick<Properties, "reasonString" | "userProperties">;

interface Acknowledgement<T extends PacketType> {
  type: T;
  packetIdentifier: number;
  /** 0x00 in 3.1 and 3.1.1, which carry none. */
  reasonCode: ReasonCode;
  properties?: AcknowledgementProperties;
}

/** PUBACK, section 3.4. */
export type PubackPacket = Acknowledgement<typeof PacketType.PUBACK>;
/** PUBREC, section 3.5. */
export type PubrecPacket = Acknowledgement<typeof PacketType.PUBREC>;
/** PUBREL, section 3.6. */
export type PubrelPacket = Acknowledgement<typeof PacketType.PUBREL>;
/** PUBCOMP, section 3.7. */
export type PubcompPacket = Acknowledgement<typeof PacketType.PUBCOMP>;
/** The four packets that acknowledge a PUBLISH; they differ in `type` alone. */
export type AcknowledgementPacket = PubackPacket | PubrecPacket | PubrelPacket | PubcompPacket;

/** One Topic Filter and its Subscription Options, section 3.8.3.1. */
export interface SubscriptionRequest {
  topicFilter: string;
  /** Maximum QoS. */
  qos: QoS;
  /** 5.0 only; false before. */
  noLocal: boolean;
  /** 5.0 only; false before. */
  retainAsPublished: boolean;
  /** 5.0 only; 0 before. 0: send retained messages, 1: only for a new subscription, 2: never. */
  retainHandling: 0 | 1 | 2;
}

/** SUBSCRIBE, section 3.8. */
export interface SubscribePacket {
  type: typeof PacketType.SUBSCRIBE;
  packetIdentifier: number;
  subscriptions: SubscriptionRequest[];
  /** `subscriptionIdentifiers` holds at most one value here. */
  properties?: Pick<Properties, "subscriptionIdentifiers" | "userProperties">;
}

/** SUBACK, section 3.9. */
export interface SubackPacket {
  type: typeof PacketType.SUBACK;
  packetIdentifier: number;
  /** One for each Topic Filter of the SUBSCRIBE, in order. */
  reasonCodes: ReasonCode[];
  properties?: AcknowledgementProperties;
}

/** UNSUBSCRIBE, section 3.10. */
export interface UnsubscribePacket {
  type: typeof PacketType.UNSUBSCRIBE;
  packetIdentifier: number;
  topicFilters: string[];
  properties?: Pick<Properties, "userProperties">;
}

/** UNSUBACK, section 3.11. */
export interface UnsubackPacket {
  type: typeof PacketType.UNSUBACK;
  packetIdentifier: number;
  /**
   * One for each Topic Filter of the UNSUBSCRIBE, in order. Not in 3.1 and 3.1.1, which have no room for them: read as
   * empty, left out when written.
   */
  reasonCodes: ReasonCode[];
  properties?: AcknowledgementProperties;
}

/** PINGREQ, section 3.12. */
export interface PingreqPacket {
  type: typeof PacketType.PINGREQ;
}

/** PINGRESP, section 3.13. */
export interface PingrespPacket {
  type: typeof PacketType.PINGRESP;
}

/** DISCONNECT, section 3.14. */
export interface DisconnectPacket {
  type: typeof PacketType.DISCONNECT;
  /** 0x00 in 3.1 and 3.1.1, which carry none. */
  reasonCode: ReasonCode;
  properties?: Pick<Properties, "sessionExpiryInterval" | "reasonString" | "userProperties" | "serverReference">;
}

/** AUTH, section 3.15; 5.0 only. */
export interface AuthPacket {
  type: typeof PacketType.AUTH;
  reasonCode: ReasonCode;
  properties?: Pick<Properties, "authenticationMethod" | "authenticationData" | "reasonString" | "userProperties">;
}

/** Any Control Packet; `type` tells which. */
export type ControlPacket =
  | ConnectPacket
  | ConnackPacket
  | PublishPacket
  | AcknowledgementPacket
  | SubscribePacket
  | SubackPacket
  | UnsubscribePacket
  | UnsubackPacket
  | PingreqPacket
  | PingrespPacket
  | DisconnectPacket
  | AuthPacket;
