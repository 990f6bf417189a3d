/** Control Packets as MQTT.js shows them: its names, so that programs find what they look for. */

export type QoS = 0 | 1 | 2;

/** User Properties: a name with several values has an array. */
export type UserProperties = Record<string, string | string[]>;

interface Acknowledged {
  messageId?: number;
  reasonCode?: number;
  properties?: { reasonString?: string; userProperties?: UserProperties };
}

export interface IConnectPacket {
  cmd: "connect";
  clientId: string;
  protocolVersion: 3 | 4 | 5;
  protocolId: "MQTT" | "MQIsdp";
  clean: boolean;
  keepalive: number;
  username?: string;
  password?: Buffer;
  will?: IWill;
  properties?: IConnectProperties & {
    authenticationMethod?: string;
    authenticationData?: Buffer;
  };
}

export interface IConnectProperties {
  sessionExpiryInterval?: number;
  receiveMaximum?: number;
  maximumPacketSize?: number;
  topicAliasMaximum?: number;
  requestResponseInformation?: boolean;
  requestProblemInformation?: boolean;
  userProperties?: UserProperties;
}

/** The Will Message. */
export interface IWill {
  topic: string;
  payload: Buffer | Uint8Array | string;
  qos?: QoS;
  retain?: boolean;
  properties?: {
    willDelayInterval?: number;
    payloadFormatIndicator?: boolean;
    messageExpiryInterval?: number;
    contentType?: string;
    responseTopic?: string;
    correlationData?: Buffer;
    userProperties?: UserProperties;
  };
}

export interface IConnackPacket {
  cmd: "connack";
  sessionPresent: boolean;
  /** 3.1 and 3.1.1. */
  returnCode?: number;
  /** 5.0. */
  reasonCode?: number;
  properties?: {
    sessionExpiryInterval?: number;
    receiveMaximum?: number;
    maximumQoS?: number;
    retainAvailable?: boolean;
    maximumPacketSize?: number;
    assignedClientIdentifier?: string;
    topicAliasMaximum?: number;
    reasonString?: string;
    userProperties?: UserProperties;
    wildcardSubscriptionAvailable?: boolean;
    subscriptionIdentifiersAvailable?: boolean;
    sharedSubscriptionAvailable?: boolean;
    serverKeepAlive?: number;
    responseInformation?: string;
    serverReference?: string;
    authenticationMethod?: string;
    authenticationData?: Buffer;
  };
}

export interface IPublishProperties {
  payloadFormatIndicator?: boolean;
  messageExpiryInterval?: number;
  topicAlias?: number;
  responseTopic?: string;
  correlationData?: Buffer;
  userProperties?: UserProperties;
  subscriptionIdentifier?: number | number[];
  contentType?: string;
}

export interface IPublishPacket {
  cmd: "publish";
  topic: string;
  payload: Buffer;
  qos: QoS;
  retain: boolean;
  dup: boolean;
  messageId?: number;
  properties?: IPublishProperties;
}

export interface IPubackPacket extends Acknowledged {
  cmd: "puback";
}
export interface IPubrecPacket extends Acknowledged {
  cmd: "pubrec";
}
export interface IPubrelPacket extends Acknowledged {
  cmd: "pubrel";
}
export interface IPubcompPacket extends Acknowledged {
  cmd: "pubcomp";
}

/** One filter of a SUBSCRIBE, with the options of 5.0. */
export interface ISubscription {
  topic: string;
  qos: QoS;
  /** No Local. */
  nl?: boolean;
  /** Retain As Published. */
  rap?: boolean;
  /** Retain Handling. */
  rh?: number;
}

export interface ISubscribePacket {
  cmd: "subscribe";
  messageId?: number;
  subscriptions: ISubscription[];
  properties?: { subscriptionIdentifier?: number; userProperties?: UserProperties };
}

export interface ISubackPacket {
  cmd: "suback";
  messageId?: number;
  /** The QoS granted to each filter, or a failure of 0x80 and above. */
  granted: number[];
  properties?: { reasonString?: string; userProperties?: UserProperties };
}

export interface IUnsubscribePacket {
  cmd: "unsubscribe";
  messageId?: number;
  unsubscriptions: string[];
  properties?: { userProperties?: UserProperties };
}

export interface IUnsubackPacket {
  cmd: "unsuback";
  messageId?: number;
  granted?: number[];
  properties?: { reasonString?: string; userProperties?: UserProperties };
}

export interface IPingreqPacket {
  cmd: "pingreq";
}
export interface IPingrespPacket {
  cmd: "pingresp";
}

export interface IDisconnectPacket {
  cmd: "disconnect";
  reasonCode?: number;
  properties?: {
    sessionExpiryInterval?: number;
    reasonString?: string;
    userProperties?: UserProperties;
    serverReference?: string;
  };
}

export interface IAuthPacket {
  cmd: "auth";
  reasonCode: number;
  properties?: {
    authenticationMethod?: string;
    authenticationData?: Buffer;
    reasonString?: string;
    userProperties?: UserProperties;
  };
}

export type Packet =
  | IConnectPacket
  | IConnackPacket
  | IPublishPacket
  | IPubackPacket
  | IPubrecPacket
  | IPubrelPacket
  | IPubcompPacket
  | ISubscribePacket
  | ISubackPacket
  | IUnsubscribePacket
  | IUnsubackPacket
  | IPingreqPacket
  | IPingrespPacket
  | IDisconnectPacket
  | IAuthPacket;
