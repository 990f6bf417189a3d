/**
 * The scenarios of `pnpm bench`.
 */
import type { Guards, Scenario, TrafficParameters } from "./scenario.js";

const PAIRS = { publishers: 50, subscribers: 50, topicName: "bench/pair/%", topicFilter: "bench/pair/%" };

export const SCENARIOS: readonly Scenario[] = [
  fanOut(10, 0),
  fanOut(10, 1),
  fanOut(10, 2),
  fanOut(10, 0, { payloadBytes: 1024 }),
  fanOut(100, 0),
  fanIn(0),
  fanIn(1),
  traffic("50 pairs QoS 0", { ...PAIRS, qos: 0, window: 40 }),
  traffic("50 pairs QoS 1", { ...PAIRS, qos: 1, window: 40 }),
  traffic("50 pairs QoS 2", { ...PAIRS, qos: 2, window: 20 }),
  traffic("50 pairs QoS 0, 5.0", { ...PAIRS, qos: 0, window: 40, protocolVersion: 5, withProperties: true }),
  traffic("50 pairs QoS 1, 5.0", { ...PAIRS, qos: 1, window: 20, protocolVersion: 5, withProperties: true }),
  pingPong(0),
  pingPong(1),
  {
    name: "latency at 5000 msg/s",
    program: "latency",
    parameters: { pairs: 10, messagesPerSecond: 5000, payloadBytes: 64 },
  },
  {
    name: "latency at 100 msg/s",
    program: "latency",
    parameters: { pairs: 10, messagesPerSecond: 100, payloadBytes: 64 },
  },
  {
    name: "100,000 filters",
    program: "filters",
    parameters: { filters: 100_000, clients: 20, payloadBytes: 64, window: 500 },
  },
  { name: "20,000 retained", program: "retained", parameters: { messages: 20_000, payloadBytes: 64 } },
  { name: "10,000 idle connections", program: "idle", parameters: { connections: 10_000, tls: false } },
  {
    name: "10,000 idle connections, TLS",
    program: "idle",
    parameters: { connections: 10_000, tls: true },
  },
  { name: "connect storm", program: "storm", parameters: { concurrency: 100 } },
  fanOut(100, 0, { window: 50 }, "healthy"),
  fanOut(100, 0, { window: 50, frozen: 1 }, "beside a frozen one"),
  guarded("nothing", {}),
  guarded("100 access rules", { accessRules: 100 }),
  guarded("metrics", { metrics: true }),
  guarded("rate limits", { rates: true }),
  guarded("100 access rules, metrics and rate limits", { accessRules: 100, metrics: true, rates: true }),
  guarded("TLS", { tls: true }),
  guarded("all of it", { accessRules: 100, metrics: true, rates: true, tls: true }),
];

function guarded(name: string, guards: Guards): Scenario {
  return {
    ...traffic(`guarded: 50 pairs QoS 0 with ${name}`, { ...PAIRS, qos: 0, window: 40, tls: guards.tls }),
    guards,
  };
}

function traffic(name: string, parameters: Partial<TrafficParameters> & typeof PAIRS): Scenario {
  return {
    name,
    program: "traffic",
    parameters: { qos: 0, protocolVersion: 4, payloadBytes: 64, window: 100, ...parameters },
  };
}

function fanOut(subscribers: number, qos: 0 | 1 | 2, more: Partial<TrafficParameters> = {}, remark = ""): Scenario {
  const size = more.payloadBytes === undefined ? "" : `, ${more.payloadBytes} B`;
  return traffic(`fan-out 1→${subscribers} QoS ${qos}${size}${remark === "" ? "" : `, ${remark}`}`, {
    publishers: 1,
    subscribers,
    topicName: "bench/fan-out",
    topicFilter: "bench/fan-out",
    qos,
    window: subscribers > 10 ? 100 : 400,
    ...more,
  });
}

function fanIn(qos: 0 | 1): Scenario {
  return traffic(`fan-in 50→1 QoS ${qos}`, {
    publishers: 50,
    subscribers: 1,
    topicName: "bench/in/%",
    topicFilter: "bench/in/+",
    qos,
    window: 20,
  });
}

function pingPong(qos: 0 | 1): Scenario {
  return traffic(`200 ping-pong pairs QoS ${qos}`, {
    publishers: 200,
    subscribers: 200,
    topicName: "bench/ping/%",
    topicFilter: "bench/ping/%",
    qos,
    window: 1,
  });
}
