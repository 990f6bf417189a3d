/** What there is to tell of a broker, whoever wants to hear it. */
import type { Broker, BrokerDepths, LatencyHistogram } from "@tidings/broker";
import { PacketType, type QoS } from "@tidings/packet";
import { reasonName } from "./reason-name.js";

/** A value and what it is about. */
interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

export type Metric = ValueMetric | HistogramMetric;

export interface ValueMetric {
  /** A counter only grows. */
  readonly kind: "counter" | "gauge";
  /** Without a prefix; a counter's ends in "_total". */
  readonly name: string;
  readonly help: string;
  readonly read: () => number | readonly Sample[];
}

export interface HistogramMetric {
  readonly kind: "histogram";
  /** Ends in "_seconds". */
  readonly name: string;
  readonly help: string;
  readonly histogram: LatencyHistogram;
}

/** Why a CONNECT is refused when the reason is who the client is. */
const AUTHENTICATION_CODES = [0x86, 0x87, 0x8a, 0x8c];

/** All of them, each to be read whenever somebody asks; nothing is done until then. */
export function describeMetrics(broker: Broker): readonly Metric[] {
  const { counters } = broker;
  const metrics: Metric[] = [];
  const add = (kind: ValueMetric["kind"], name: string, help: string, read: ValueMetric["read"]): void =>
    void metrics.push({ kind, name, help, read });
  const depth = onceATurn(() => broker.depths());

  add("gauge", "connections", "Network Connections, those before CONNECT included", () => broker.connectionCount);
  add("gauge", "clients", "Connected clients", () => broker.clientCount);
  add("counter", "connections_opened_total", "Network Connections taken", () => counters.connectionsOpened);
  add(
    "counter",
    "connections_turned_away_total",
    "Network Connections closed at once because there were as many as there may be, or too many of one address before CONNACK",
    () => counters.connectionsTurnedAway,
  );
  add("counter", "client_connects_total", "Accepted CONNECT packets", () => counters.clientsConnected);
  add("counter", "client_refusals_total", "Refused CONNECT packets", () => byReason(counters.clientsRefused));
  add("counter", "client_disconnects_total", "Ends of client connections", () =>
    byReason(counters.clientsDisconnected),
  );
  add("counter", "authentications_total", "Clients let in, and clients refused for who they are", () => [
    { value: counters.clientsConnected, labels: { result: "accepted" } },
    { value: refusedAuthentications(counters.clientsRefused), labels: { result: "refused" } },
  ]);

  for (const [direction, traffic, verb] of [
    ["received", counters.received, "Received"],
    ["sent", counters.sent, "Sent"],
  ] as const) {
    add("counter", `packets_${direction}_total`, `${verb} packets`, () =>
      Object.entries(PacketType).map(([type, code]) => ({ value: traffic.packets(code), labels: { type } })),
    );
    add("counter", `bytes_${direction}_total`, `${verb} bytes of packets`, () => traffic.bytes());
    add("counter", `messages_${direction}_total`, `${verb} PUBLISH packets`, () =>
      byQoS((qos) => traffic.publishes(qos)),
    );
    add("counter", `message_bytes_${direction}_total`, `${verb} bytes of PUBLISH packets`, () =>
      byQoS((qos) => traffic.publishBytes(qos)),
    );
  }
  add("counter", "messages_dropped_total", "Messages that a receiver did not get, or the broker did not take", () =>
    Object.entries(broker.droppedMessages).map(([reason, value]) => ({ value, labels: { reason } })),
  );
  add(
    "counter",
    "retained_replays_refused_total",
    "Subscriptions whose retained messages were not sent because too many were waiting",
    () => broker.replaysRefused,
  );

  add(
    "gauge",
    "paused_publishers",
    "Clients not read just now because they publish too fast",
    () => broker.pausedPublisherCount,
  );
  add(
    "counter",
    "publish_pauses_total",
    "Times a client was not read for a while because it published too fast",
    () => counters.publishPauses,
  );

  add("gauge", "sessions", "Sessions, connected or not", () => broker.sessionCount);
  add("counter", "sessions_expired_total", "Sessions that ended by their expiry", () => counters.sessionsExpired);
  add("gauge", "subscriptions", "Subscriptions", () => broker.subscriptionCount);
  add("gauge", "shared_subscriptions", "Shared subscriptions", () => broker.sharedSubscriptionCount);
  add("gauge", "retained_messages", "Retained messages", () => broker.retainedMessageCount);
  add("gauge", "retained_bytes", "Bytes of retained messages", () => broker.retainedBytes);
  add("gauge", "queued_messages", "Messages waiting in sessions", () => depth().queuedMessages);
  add("gauge", "queued_bytes", "Bytes waiting in sessions", () => depth().queuedBytes);
  add("gauge", "in_flight_messages", "Messages sent and not acknowledged", () => depth().inFlightMessages);
  add("gauge", "message_bytes", "Bytes of messages in memory, as they count against a limit", () =>
    broker.messageBytes(depth()),
  );
  add("gauge", "short_of_memory", "1 while messages and sessions are refused for want of memory, else 0", () =>
    broker.isShortOfMemory ? 1 : 0,
  );
  add("gauge", "unsent_bytes", "Bytes written and not taken by the network", () => depth().unsentBytes);
  add("gauge", "store_backlog_bytes", "Bytes told to the store and not durable", () => broker.store.backlogBytes);
  add("gauge", "store_has_room", "1 while the store can keep more, else 0", () => (broker.store.hasRoom ? 1 : 0));

  metrics.push(
    {
      kind: "histogram",
      name: "publish_acknowledgement_seconds",
      help: "From a PUBLISH at QoS 1 or 2 to its PUBACK or PUBREC",
      histogram: counters.acknowledgement,
    },
    {
      kind: "histogram",
      name: "delivery_seconds",
      help: "From a message's coming to its acknowledgement by a connected receiver; a sample",
      histogram: counters.delivery,
    },
  );
  return metrics;
}

/** A scrape reads all metrics in one turn; what they share is made once. */
function onceATurn(make: () => BrokerDepths): () => BrokerDepths {
  let made: BrokerDepths | undefined;
  return () => {
    if (made === undefined) {
      made = make();
      queueMicrotask(() => {
        made = undefined;
      });
    }
    return made;
  };
}

function byReason(counts: ReadonlyMap<number, number>): Sample[] {
  return [...counts].map(([code, value]) => ({ value, labels: { reason: reasonName(code) } }));
}

function byQoS(read: (qos: QoS) => number): Sample[] {
  return ([0, 1, 2] as const).map((qos) => ({ value: read(qos), labels: { qos: String(qos) } }));
}

function refusedAuthentications(refused: ReadonlyMap<number, number>): number {
  return AUTHENTICATION_CODES.reduce((total, code) => total + (refused.get(code) ?? 0), 0);
}
