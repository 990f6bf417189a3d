/**
 * Who takes part in a simulation, and under which limits: all of it follows from the seed. Limits are small, so that they
 * are met.
 */
import type { BrokerOptions } from "@tidings/broker";
import type { QoS } from "@tidings/packet";
import type { KeyValueStoreOptions } from "@tidings/store-lmdb";
import type { Random } from "./random.js";
import type { ClientSettings } from "./simulated-client.js";
import type { NetworkSettings } from "./virtual-network.js";

export interface Scenario {
  readonly network: NetworkSettings;
  readonly broker: BrokerOptions;
  readonly store: KeyValueStoreOptions;
  readonly clients: readonly ClientSettings[];
  /** Names of those who publish, and the QoS of what each retains. */
  readonly publishers: ReadonlyMap<string, QoS>;
}

/** Room that the store keeps free. */
export const RESERVED_BYTES = 10_000;
export const FILTERS = ["t/#", "t/+/0", "t/p0/#", "t/p1/+", "+/p0/1", "r/#", "w/#", "#"] as const;
/** Topics of each kind and publisher. */
export const TOPICS = 2;

const QOS: readonly QoS[] = [0, 1, 2];
const SESSION_EXPIRY_NEVER = 0xffff_ffff;

export function scenarioFrom(random: Random): Scenario {
  const publishers = new Map<string, QoS>();
  const clients: ClientSettings[] = [];
  for (let i = 0, count = random.between(1, 3); i < count; i++) {
    publishers.set(`p${i}`, random.pick(QOS));
    const subscriptions = random.chance(0.3) ? [{ filter: random.pick(FILTERS), qos: random.pick(QOS) }] : [];
    clients.push(client(random, `p${i}`, subscriptions, undefined));
  }
  for (let i = 0, count = random.between(1, 3); i < count; i++) {
    const filters = Array.from({ length: random.between(1, 2) }, () => random.pick(FILTERS));
    const subscriptions = [...new Set(filters)].map((filter) => ({ filter, qos: random.pick(QOS) }));
    clients.push(client(random, `s${i}`, subscriptions, undefined));
  }
  for (let i = 0, count = random.pick([0, 0, 2, 3]), qos = random.pick([1, 2] as const); i < count; i++) {
    clients.push(client(random, `g${i}`, [{ filter: "$share/g/t/#", qos }], "g"));
  }
  return {
    network: {
      latencyMsMax: random.pick([0, 3, 20, 100]),
      capacityBytes: random.pick([300, 2_000, 65_536]),
      fragments: random.pick([0, 0.1, 0.5]),
    },
    broker: limits(random, clients.length),
    store: {
      reservedBytes: RESERVED_BYTES,
      retryIntervalMs: 200,
      pendingRetainedMax: random.pick([1, 3, 1024]),
      deadBytesMax: random.pick([0, 1_000, 1_000_000]),
    },
    clients,
    publishers,
  };
}

function client(
  random: Random,
  name: string,
  subscriptions: ClientSettings["subscriptions"],
  group: string | undefined,
): ClientSettings {
  const isLasting = group !== undefined || random.chance(0.75);
  const sessionExpiryInterval = isLasting ? random.pick([5, 60, 3600, SESSION_EXPIRY_NEVER]) : 0;
  const will = {
    delayInterval: random.pick([0, 0, 1, 3, 10]),
    qos: random.pick(QOS),
    retain: random.chance(0.2),
  };
  // A CONNACK of 3.1 does not say whether there was a session.
  const version = random.pick(isLasting ? ([4, 5, 5] as const) : ([3, 4, 5, 5] as const));
  return {
    name,
    version,
    isLasting,
    sessionExpiryInterval,
    receiveMaximum: random.pick([1, 2, 10, 1000]),
    keepAlive: random.pick([2, 5, 20]),
    queuedMessagesMax: random.pick([5, 50, 1000]),
    handlingMsMax: random.pick([0, 0, 20, 500]),
    maximumPacketSize: version === 5 ? random.pick([undefined, undefined, 200]) : undefined,
    noLocal: version === 5 && group === undefined && random.chance(0.4),
    retainAsPublished: version === 5 && random.chance(0.3),
    numbersSubscriptions: version === 5 && random.chance(0.4),
    subscriptions,
    group,
    will: random.chance(0.5) ? will : undefined,
  };
}

function limits(random: Random, clientCount: number): BrokerOptions {
  return {
    maximumPacketSize: 8_192,
    connectTimeoutMs: 5_000,
    receiveMaximum: random.pick([1, 2, 5, 100]),
    topicAliasMaximum: random.pick([0, 1, 10]),
    topicAliasMaximumOutbound: random.pick([0, 1, 10]),
    inFlightMessagesMax: random.pick([1, 3, 100]),
    sessionExpiryIntervalMax: random.pick([30, SESSION_EXPIRY_NEVER]),
    queuedMessagesMax: random.pick([2, 10, 1000, 1000]),
    queuedBytesMax: random.pick([2_000, 1_000_000, 1_000_000]),
    queuedMessagesInMemoryMax: random.pick([1, 3, 1000]),
    queuedBytesInMemoryMax: random.pick([200, 1_000_000]),
    queueFullPolicy: random.pick(["drop-new", "drop-oldest"] as const),
    outboundHighWaterBytes: random.pick([500, 3_000, 1_000_000]),
    stalledTimeoutMs: random.pick([3_000, 60_000]),
    connectionsMax: clientCount + random.pick([3, 100]),
    retainedMessagesMax: random.pick([1, 3, 1000]),
    retainedBytesMax: random.pick([3_000, 1_000_000]),
    replayMessagesMax: random.pick([2, 1000]),
    storeBacklogBytesMax: random.pick([1_000, 1_000_000]),
    cachedRoutesMax: random.pick([1, 8192]),
    sharedSubscriptionStrategy: random.pick(["round-robin", "random", "sticky", "least-in-flight"] as const),
  };
}
