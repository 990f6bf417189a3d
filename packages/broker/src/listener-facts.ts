/**
 * What a connection owes to the listener it came through. One object for all connections of a listener, given to
 * `Broker.accept`.
 */
import type { ProtocolVersion, QoS } from "@tidings/packet";
import type { BrokerLimits } from "./broker-options.js";

/** Limits that are looked at until CONNACK and hold for the whole connection, so a listener can have its own. */
export type ConnectionLimits = Pick<
  BrokerLimits,
  | "maximumPacketSize"
  | "connectPacketBytesMax"
  | "connectTimeoutMs"
  | "receiveMaximum"
  | "topicAliasMaximum"
  | "topicAliasMaximumOutbound"
  | "sessionExpiryIntervalMax"
  | "keepAliveMax"
  | "clientIdentifierBytesMax"
  | "publishRateMax"
  | "publishBytesRateMax"
  | "publishBurstMs"
  | "publishRatePolicy"
>;

export interface ListenerFacts {
  /** What hooks, logs and the host process call it. */
  readonly name?: string;
  /** Others are refused with 0x84 (5.0) or 0x01. Default: all. */
  readonly protocolVersions?: readonly ProtocolVersion[];
  /**
   * Stands before every Topic Name, Topic Filter and Response Topic of its clients, and is taken away from what goes to
   * them: they see nothing else. Ends with "/", has no wildcard, does not begin with "$". Hooks see the whole name.
   */
  readonly mountPoint?: string;
  /** Highest QoS accepted in a PUBLISH and granted. Default: the broker's; a higher one than that has no effect. */
  readonly maximumQoS?: QoS;
  /** Default: the broker's. */
  readonly limits?: Readonly<Partial<ConnectionLimits>>;
}

/** Why a mount point cannot be used, as the end of a sentence; undefined: it can. */
export function mountPointProblem(mountPoint: string): string | undefined {
  if (!mountPoint.endsWith("/")) return 'does not end with "/"';
  if (/[+#\0]/.test(mountPoint)) return "contains a wildcard or a null character";
  if (mountPoint.startsWith("$")) return 'begins with "$"';
  return undefined;
}
