/** The section `limits`: those of the broker core, by the same names. */
import { BROKER_LIMITS_DEFAULT, type BrokerLimits } from "@tidings/broker";
import { z } from "zod";
import { choice, count, MILLISECONDS_MAX } from "./describe.js";

const GIB = 1024 ** 3;
const MANY = 1_000_000_000;

const numbers: Record<
  Exclude<keyof BrokerLimits, "queueFullPolicy" | "publishRatePolicy">,
  readonly [number, number, string]
> = {
  maximumPacketSize: [128, 268_435_460, "Bytes of the largest packet accepted; announced to 5.0 clients."],
  connectPacketBytesMax: [128, 268_435_460, "Bytes of the largest packet accepted before CONNACK."],
  connectTimeoutMs: [
    100,
    MILLISECONDS_MAX,
    "From the opening of a connection to its CONNACK, authentication included.",
  ],
  receiveMaximum: [1, 65_535, "Unfinished inbound QoS 1 and 2 messages of a 5.0 client; announced."],
  topicAliasMaximum: [0, 65_535, "Topic aliases that a 5.0 client may set; 0 turns them off."],
  topicAliasMaximumOutbound: [0, 65_535, "Topic aliases used towards a client, within its own maximum."],
  inFlightMessagesMax: [1, 65_535, "Unacknowledged QoS 1 and 2 messages towards a client."],
  sessionExpiryIntervalMax: [
    0,
    0xffff_ffff,
    "Seconds that a session lives after its connection; 4294967295: for ever.",
  ],
  keepAliveMax: [0, 65_535, "Seconds; a longer or absent Keep Alive of a 5.0 client is replaced by it. 0: off."],
  queuedMessagesMax: [0, MANY, "Messages waiting per session."],
  queuedBytesMax: [0, 1024 * GIB, "Bytes waiting per session."],
  queuedMessagesInMemoryMax: [1, MANY, "Of the messages waiting per session, so many are in memory."],
  queuedBytesInMemoryMax: [1024, 1024 * GIB, "The same in bytes."],
  outboundHighWaterBytes: [1024, GIB, "Bytes written to a connection and not yet taken; above, QoS 0 is dropped."],
  stalledTimeoutMs: [1000, MILLISECONDS_MAX, "A client that has not taken what was written for this long is closed."],
  connectionsMax: [1, 10_000_000, "Connections, those before CONNECT included."],
  sessionsMax: [1, 100_000_000, "Sessions, connected or not."],
  subscriptionsMax: [1, 10_000_000, "Subscriptions per session."],
  topicLevelsMax: [1, 65_535, "Levels of a Topic Name or Topic Filter. Read at start."],
  clientIdentifierBytesMax: [1, 65_535, "UTF-8 bytes of a Client Identifier."],
  retainedMessagesMax: [0, MANY, "Retained messages."],
  retainedBytesMax: [0, 1024 * GIB, "Bytes of all retained messages."],
  replayMessagesMax: [1, MANY, "Retained messages waiting to be sent to one session after its SUBSCRIBE."],
  storeBacklogBytesMax: [65_536, 16 * GIB, "Bytes not yet on disk; above, no connection is read."],
  cachedRoutesMax: [1, 16_777_216, "Topics in the route cache. Read at start."],
  publishRateMax: [0, MANY, "Messages a second from one client, on average. 0: no limit."],
  publishBytesRateMax: [0, 1024 * GIB, "Bytes a second of messages from one client. 0: no limit."],
  publishBurstMs: [1, 3_600_000, "What these two allow in so many milliseconds may come at once."],
  unauthenticatedPerAddressMax: [0, 10_000_000, "Connections of one address that are not logged in yet. 0: no limit."],
  memoryBytesMax: [0, 1024 * GIB, "Bytes of messages in memory; above, no more are taken. 0: no limit."],
  processMemoryBytesMax: [0, 1024 * GIB, "The same for all memory of the process. 0: no limit."],
};

/** Those that a listener can have for itself. */
const ofListeners = [
  "maximumPacketSize",
  "connectPacketBytesMax",
  "connectTimeoutMs",
  "receiveMaximum",
  "topicAliasMaximum",
  "topicAliasMaximumOutbound",
  "sessionExpiryIntervalMax",
  "keepAliveMax",
  "clientIdentifierBytesMax",
  "publishRateMax",
  "publishBytesRateMax",
  "publishBurstMs",
] as const;

const publishRatePolicy = (otherwise: string) =>
  choice(
    ["pause", "disconnect"],
    `A client that publishes faster is not read for a while, or disconnected (0x96). Default: ${otherwise}.`,
  ).optional();

function shapeOf<K extends keyof typeof numbers>(names: readonly K[], withDefault: boolean) {
  const entries = names.map((name) => {
    const [minimum, maximum, description] = numbers[name];
    const more = withDefault ? ` Default: ${BROKER_LIMITS_DEFAULT[name]}.` : " Default: the broker's.";
    return [name, count(minimum, maximum, description + more).optional()] as const;
  });
  return Object.fromEntries(entries) as { [P in K]: z.ZodOptional<z.ZodInt> };
}

export const limitsSchema = z.strictObject({
  ...shapeOf(Object.keys(numbers) as (keyof typeof numbers)[], true),
  publishRatePolicy: publishRatePolicy("pause"),
  queueFullPolicy: choice(["drop-new", "drop-oldest"], "What a full queue does. Default: drop-new.").optional(),
});

export const listenerLimitsSchema = z.strictObject({
  ...shapeOf(ofListeners, false),
  publishRatePolicy: publishRatePolicy("the broker's"),
});
