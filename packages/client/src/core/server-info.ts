/**
 * What the server said in CONNACK (MQTT 5.0 section 3.2.2.3), with the standard's meaning put in where it said nothing.
 */
import type { ConnackPacket, ProtocolVersion, QoS, UserProperty } from "@tidings/packet";

/** The connection as the server granted it; its limits are obeyed by the client. */
export interface ServerInfo {
  readonly protocolVersion: ProtocolVersion;
  readonly sessionPresent: boolean;
  /** The one in force: assigned by the server, or ours. */
  readonly clientIdentifier: string;
  /** Seconds; 0xFFFFFFFF: never expires. */
  readonly sessionExpiryInterval: number;
  /** The one in force, in seconds; 0: off. */
  readonly keepAlive: number;
  /** QoS 1 and 2 messages that may be under way to the server. */
  readonly receiveMaximum: number;
  /** Bytes; Infinity: no limit. */
  readonly maximumPacketSize: number;
  readonly maximumQoS: QoS;
  readonly retainAvailable: boolean;
  readonly topicAliasMaximum: number;
  readonly wildcardSubscriptionAvailable: boolean;
  readonly subscriptionIdentifierAvailable: boolean;
  readonly sharedSubscriptionAvailable: boolean;
  readonly responseInformation: string | undefined;
  readonly serverReference: string | undefined;
  readonly reasonString: string | undefined;
  readonly userProperties: readonly UserProperty[];
}

/** What was asked for in CONNECT. */
export interface Requested {
  readonly clientIdentifier: string;
  readonly keepAlive: number;
  readonly sessionExpiryInterval: number;
}

const NO_USER_PROPERTIES: readonly UserProperty[] = [];

export function serverInfo(packet: ConnackPacket, version: ProtocolVersion, requested: Requested): ServerInfo {
  const properties = packet.properties ?? {};
  return {
    protocolVersion: version,
    sessionPresent: packet.sessionPresent,
    clientIdentifier: properties.assignedClientIdentifier ?? requested.clientIdentifier,
    sessionExpiryInterval: properties.sessionExpiryInterval ?? requested.sessionExpiryInterval,
    keepAlive: properties.serverKeepAlive ?? requested.keepAlive, // [MQTT-3.2.2-21]
    receiveMaximum: properties.receiveMaximum ?? 65_535,
    maximumPacketSize: properties.maximumPacketSize ?? Number.POSITIVE_INFINITY,
    maximumQoS: properties.maximumQoS ?? 2,
    retainAvailable: properties.retainAvailable ?? true,
    topicAliasMaximum: properties.topicAliasMaximum ?? 0, // [MQTT-3.2.2-18]
    wildcardSubscriptionAvailable: properties.wildcardSubscriptionAvailable ?? true,
    subscriptionIdentifierAvailable: version === 5 && (properties.subscriptionIdentifierAvailable ?? true),
    sharedSubscriptionAvailable: properties.sharedSubscriptionAvailable ?? true,
    responseInformation: properties.responseInformation,
    serverReference: properties.serverReference,
    reasonString: properties.reasonString,
    userProperties: properties.userProperties ?? NO_USER_PROPERTIES,
  };
}
