/**
 * The state of the broker as retained messages under `$SYS/broker/`, by the names that mosquitto gave them, so that what
 * watches mosquitto watches this broker. Drops are told by reason as well.
 */
import type { Broker } from "@tidings/broker";
import { PacketType } from "@tidings/packet";
import { LOAD_WINDOWS_MINUTES, LoadAverage } from "./load-average.js";

export interface SysTopicsOptions {
  /** Of the program, for `$SYS/broker/version`. */
  version: string;
  /** Milliseconds between two rounds; only what has changed is published. Default 10,000. */
  intervalMs?: number;
}

export interface SysTopics {
  /** Publishes what has changed, now. */
  publish(): void;
  /** No more rounds. What was published stays until the broker ends: the store does not keep it. */
  stop(): void;
}

const RECEIVED = [
  "CONNECT",
  "PUBLISH",
  "PUBACK",
  "PUBREC",
  "PUBREL",
  "PUBCOMP",
  "SUBSCRIBE",
  "UNSUBSCRIBE",
  "PINGREQ",
  "DISCONNECT",
  "AUTH",
] as const;
const SENT = [
  "CONNACK",
  "PUBLISH",
  "PUBACK",
  "PUBREC",
  "PUBREL",
  "PUBCOMP",
  "SUBACK",
  "UNSUBACK",
  "PINGRESP",
  "DISCONNECT",
  "AUTH",
] as const;

/** Publishes a first round at once, then one each interval, without keeping the process alive. */
export function publishSysTopics(broker: Broker, { version, intervalMs = 10_000 }: SysTopicsOptions): SysTopics {
  const startedMs = performance.now();
  const published = new Map<string, string>();
  const loads = loadsOf(broker);
  let lastRoundMs = startedMs;
  let heapMax = 0;

  const put = (name: string, value: string | number): void => {
    const text = String(value);
    if (published.get(name) === text) return;
    published.set(name, text);
    broker.publish({ topicName: `$SYS/broker/${name}`, payload: text, retain: true });
  };
  const publish = (): void => {
    const nowMs = performance.now();
    const heap = process.memoryUsage().heapUsed;
    heapMax = Math.max(heapMax, heap);
    put("version", version);
    put("uptime", `${Math.floor((nowMs - startedMs) / 1000)} seconds`);
    put("heap/current", heap);
    put("heap/maximum", heapMax);
    for (const [name, value] of countsOf(broker)) put(name, value);
    for (const [name, load] of loads) {
      load.advance(nowMs - lastRoundMs);
      for (const [index, minutes] of LOAD_WINDOWS_MINUTES.entries()) {
        put(`load/${name}/${minutes}min`, load.rates[index].toFixed(2));
      }
    }
    lastRoundMs = nowMs;
  };
  publish();
  const timer = setInterval(publish, intervalMs);
  timer.unref();
  return { publish, stop: () => clearInterval(timer) };
}

function* countsOf(broker: Broker): Iterable<[name: string, value: number]> {
  const { counters } = broker;
  const { received, sent } = counters;
  const { clientCount, sessionCount } = broker;
  const offline = Math.max(0, sessionCount - clientCount);
  const { queuedMessages, queuedBytes, inFlightMessages, unsentBytes } = broker.depths();
  yield ["bytes/received", received.bytes()];
  yield ["bytes/sent", sent.bytes()];
  yield ["clients/connected", clientCount];
  yield ["clients/active", clientCount];
  yield ["clients/disconnected", offline];
  yield ["clients/inactive", offline];
  yield ["clients/expired", counters.sessionsExpired];
  yield ["clients/maximum", counters.clientsConnectedMax];
  yield ["clients/total", clientCount + offline];
  yield ["connections/socket/count", broker.connectionCount];
  yield ["messages/received", received.packets()];
  yield ["messages/sent", sent.packets()];
  yield ["messages/stored", queuedMessages + inFlightMessages];
  for (const type of RECEIVED) yield [`mqtt/${type.toLowerCase()}/received`, received.packets(PacketType[type])];
  for (const type of SENT) yield [`mqtt/${type.toLowerCase()}/sent`, sent.packets(PacketType[type])];
  yield ["packet/out/bytes", unsentBytes];
  yield ["publish/bytes/received", received.bytes(PacketType.PUBLISH)];
  yield ["publish/bytes/sent", sent.bytes(PacketType.PUBLISH)];
  yield ["publish/messages/received", received.packets(PacketType.PUBLISH)];
  yield ["publish/messages/sent", sent.packets(PacketType.PUBLISH)];
  yield ["publish/messages/dropped", droppedBy(broker)];
  for (const [reason, count] of Object.entries(broker.droppedMessages)) {
    yield [`publish/messages/dropped/${reason}`, count];
  }
  yield ["publish/messages/inflight", inFlightMessages];
  yield ["retained messages/count", broker.retainedMessageCount];
  yield ["store/messages/count", queuedMessages + inFlightMessages];
  yield ["store/messages/bytes", queuedBytes];
  yield ["subscriptions/count", broker.subscriptionCount];
  yield ["shared_subscriptions/count", broker.sharedSubscriptionCount];
}

function loadsOf(broker: Broker): [name: string, load: LoadAverage][] {
  const { counters } = broker;
  const { received, sent } = counters;
  const counted: [name: string, read: () => number][] = [
    ["connections", () => counters.clientsConnected],
    ["sockets", () => counters.connectionsOpened],
    ["bytes/received", () => received.bytes()],
    ["bytes/sent", () => sent.bytes()],
    ["messages/received", () => received.packets()],
    ["messages/sent", () => sent.packets()],
    ["publish/received", () => received.packets(PacketType.PUBLISH)],
    ["publish/sent", () => sent.packets(PacketType.PUBLISH)],
    ["publish/dropped", () => droppedBy(broker)],
  ];
  return counted.map(([name, read]) => [name, new LoadAverage(read)]);
}

function droppedBy({ droppedMessages }: Broker): number {
  return Object.values(droppedMessages).reduce((total, count) => total + count, 0);
}
