/**
 * What an embedder may set, with the defaults. Every limit is listed with what it can cost in docs/limits.md.
 */
import type { QoS } from "@tidings/packet";
import type { QueueFullPolicy, SessionStore } from "@tidings/session";
import type { BrokerHooks } from "./hooks.js";
import type { BrokerObserver } from "./observer.js";
import type { PublishRatePolicy } from "./publish-rate.js";
import type { SharedSubscriptionStrategy } from "./shared-group.js";

export interface BrokerLimits {
  /** Bytes of the largest packet accepted, header included; announced as Maximum Packet Size. Default 1 MiB. */
  maximumPacketSize: number;
  /** Bytes of the largest packet accepted before CONNACK. Default 64 KiB. */
  connectPacketBytesMax: number;
  /** From the opening of a connection to its CONNACK, hooks included. Default 10,000 ms. */
  connectTimeoutMs: number;
  /** Unfinished inbound QoS 1 and 2 messages per 5.0 connection; announced as Receive Maximum. Default 1024. */
  receiveMaximum: number;
  /** Topic aliases a 5.0 client may set; announced as Topic Alias Maximum. Default 64; 0 turns them off. */
  topicAliasMaximum: number;
  /** Topic aliases this side uses towards a client, within the client's own maximum. Default 16; 0 turns them off. */
  topicAliasMaximumOutbound: number;
  /** Unacknowledged QoS 1 and 2 messages towards a client, within its Receive Maximum. Default 1024. */
  inFlightMessagesMax: number;
  /** Seconds; a session lives at most this long after its connection. Default 4,294,967,295: never expires. */
  sessionExpiryIntervalMax: number;
  /** Seconds; a longer or absent Keep Alive of a 5.0 client is replaced by this one. Default 0: its wish stands. */
  keepAliveMax: number;
  /** Messages waiting per session. Default 1000. */
  queuedMessagesMax: number;
  /** Bytes waiting per session. Default 16 MiB. */
  queuedBytesMax: number;
  /** Of the messages waiting per session, so many are in memory; a store that can reads the others again. Default 1000. */
  queuedMessagesInMemoryMax: number;
  /** The same in bytes. Default 1 MiB. */
  queuedBytesInMemoryMax: number;
  /** Default "drop-new". */
  queueFullPolicy: QueueFullPolicy;
  /** Bytes handed to a connection and not yet taken by its peer; above, QoS 0 is dropped, QoS 1 and 2 wait. Default 1 MiB. */
  outboundHighWaterBytes: number;
  /** A connection whose unsent bytes have not all been taken for this long is closed. Default 60,000 ms. */
  stalledTimeoutMs: number;
  /** Connections, those before CONNECT included. Default 100,000. */
  connectionsMax: number;
  /** Sessions, connected or not. Default 200,000. */
  sessionsMax: number;
  /** Subscriptions per session. Default 10,000. */
  subscriptionsMax: number;
  /** Levels of a Topic Name or Topic Filter. Default 128. */
  topicLevelsMax: number;
  /** UTF-8 bytes of a Client Identifier. Default 512. */
  clientIdentifierBytesMax: number;
  /** Default 1,000,000. */
  retainedMessagesMax: number;
  /** Topics, properties and payloads. Default 256 MiB. */
  retainedBytesMax: number;
  /** Retained messages waiting to be sent to one session after its SUBSCRIBE packets. Default 1,000,000. */
  replayMessagesMax: number;
  /** Bytes told to the store and not yet durable; above, no connection is read. Default 64 MiB. */
  storeBacklogBytesMax: number;
  /** Topics in the route cache, rounded up to a power of two. Default 8192. */
  cachedRoutesMax: number;
  /** PUBLISH packets a second from one client, on average. Default 0: as many as it can. */
  publishRateMax: number;
  /** Bytes a second of PUBLISH packets from one client, headers included, on average. Default 0: no limit. */
  publishBytesRateMax: number;
  /** How much of these two rates may come at once: what they allow in so many milliseconds. Default 1000 ms. */
  publishBurstMs: number;
  /** What happens to a client that publishes faster. Default "pause". */
  publishRatePolicy: PublishRatePolicy;
  /** Connections of one address (IPv6: of one /64 network) that have not come to CONNACK. Default 1000; 0: no limit. */
  unauthenticatedPerAddressMax: number;
  /**
   * Bytes of messages that the broker holds: retained, queued in memory, in flight, not yet taken by the network, not yet
   * durable. Above, it takes no more messages and sessions, until it is down to nine tenths. Default 0: no limit.
   */
  memoryBytesMax: number;
  /** The same for what the host says that the process takes, see `Broker.reportProcessMemory`. Default 0: no limit. */
  processMemoryBytesMax: number;
}

/** Those that `Broker.updateLimits` can change. */
export type ChangeableLimits = Omit<BrokerLimits, "topicLevelsMax" | "cachedRoutesMax">;

export interface BrokerOptions extends Partial<BrokerLimits> {
  /** Highest QoS accepted in a PUBLISH and granted. Default 2. */
  maximumQoS?: QoS;
  /** Default true. */
  retainAvailable?: boolean;
  /** Default true. */
  wildcardSubscriptionAvailable?: boolean;
  /** Default true. */
  subscriptionIdentifierAvailable?: boolean;
  /** Default true. */
  sharedSubscriptionAvailable?: boolean;
  /** Which member of a shared subscription gets the next message. Default "round-robin". */
  sharedSubscriptionStrategy?: SharedSubscriptionStrategy;
  /** Checks that a payload marked as text (Payload Format Indicator 1) is UTF-8; answers 0x99. Default false. */
  validatePayloadFormat?: boolean;
  /** Keeps QoS 0 messages too for a session without a connection. Default false. */
  queueQoS0?: boolean;
  /** Accepts Client Identifiers of more than 23 characters from 3.1 clients too, as most brokers do. Default true. */
  acceptLongIdentifiers?: boolean;
  /** How a refused PUBLISH of a 3.1 or 3.1.1 client is answered, which knows no reason codes. Default "acknowledge". */
  refusedPublishBefore5?: "acknowledge" | "close";
  /**
   * Who may go on with the session of a Client Identifier, or end it by a CONNECT. "same-user": who has the user name of
   * the client that opened it; others are refused with 0x85, and a re-authentication as somebody else with 0x87. Default
   * "same-user" with hooks that authenticate, else "any-user".
   */
  sessionTakeOver?: "same-user" | "any-user";
  /** Response Information for a client that asks for it (3.1.2.11.7). Default: none. */
  responseInformation?: (clientIdentifier: string) => string | undefined;
  /** Stackable; asked in order. */
  hooks?: readonly BrokerHooks[];
  /** Told what happens, for counters. */
  observer?: BrokerObserver;
  /** Where sessions and retained messages outlive the process. Default: nowhere. */
  store?: SessionStore;
  /** Numbers from 0 up to but not including 1. Default Math.random. */
  random?: () => number;
  /** Makes the identifier for a client that sends none. Default: "auto-" and 20 random letters and digits. */
  assignClientIdentifier?: () => string;
}

export const BROKER_LIMITS_DEFAULT: Readonly<BrokerLimits> = {
  maximumPacketSize: 1_048_576,
  connectPacketBytesMax: 65_536,
  connectTimeoutMs: 10_000,
  receiveMaximum: 1024,
  topicAliasMaximum: 64,
  topicAliasMaximumOutbound: 16,
  inFlightMessagesMax: 1024,
  sessionExpiryIntervalMax: 0xffff_ffff,
  keepAliveMax: 0,
  queuedMessagesMax: 1000,
  queuedBytesMax: 16 * 1_048_576,
  queuedMessagesInMemoryMax: 1000,
  queuedBytesInMemoryMax: 1_048_576,
  queueFullPolicy: "drop-new",
  outboundHighWaterBytes: 1_048_576,
  stalledTimeoutMs: 60_000,
  connectionsMax: 100_000,
  sessionsMax: 200_000,
  subscriptionsMax: 10_000,
  topicLevelsMax: 128,
  clientIdentifierBytesMax: 512,
  retainedMessagesMax: 1_000_000,
  retainedBytesMax: 256 * 1_048_576,
  replayMessagesMax: 1_000_000,
  storeBacklogBytesMax: 64 * 1_048_576,
  cachedRoutesMax: 8192,
  publishRateMax: 0,
  publishBytesRateMax: 0,
  publishBurstMs: 1000,
  publishRatePolicy: "pause",
  unauthenticatedPerAddressMax: 1000,
  memoryBytesMax: 0,
  processMemoryBytesMax: 0,
};
