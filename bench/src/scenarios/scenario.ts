/**
 * What is measured, as data: the load's program and its parameters, and the metrics that come out.
 */
import type { ProtocolVersion } from "@tidings/packet";

/** Messages between publishers and subscribers in a closed loop. In a topic `%` stands for the client's number. */
export interface TrafficParameters {
  publishers: number;
  subscribers: number;
  topicName: string;
  topicFilter: string;
  qos: 0 | 1 | 2;
  protocolVersion: ProtocolVersion;
  payloadBytes: number;
  /** Messages that a publisher may have outstanding. */
  window: number;
  /** Two User Properties and a Topic Alias on every PUBLISH. */
  withProperties?: boolean;
  /** Sessions of subscribers outlive their connections, so that a broker with a disk stores what they get. */
  persistent?: boolean;
  /** Subscribers, beside the others, that stop reading after SUBACK. */
  frozen?: number;
  tls?: boolean;
}

/** Messages at a fixed rate, spread over pairs of clients; each carries the time when it was due. */
export interface LatencyParameters {
  pairs: number;
  messagesPerSecond: number;
  payloadBytes: number;
}

/** Many filters of the form `dev/+/x/ID/#`, spread over clients, then messages to random IDs. */
export interface FiltersParameters {
  filters: number;
  clients: number;
  payloadBytes: number;
  window: number;
}

/** Many retained messages, then one client that asks for all of them. */
export interface RetainedParameters {
  messages: number;
  payloadBytes: number;
}

/** Many connections that say nothing. */
export interface IdleParameters {
  connections: number;
  tls: boolean;
}

/** Connections that come and go: CONNECT, CONNACK, DISCONNECT. */
export interface StormParameters {
  concurrency: number;
}

export type Load =
  | { program: "traffic"; parameters: TrafficParameters }
  | { program: "latency"; parameters: LatencyParameters }
  | { program: "filters"; parameters: FiltersParameters }
  | { program: "retained"; parameters: RetainedParameters }
  | { program: "idle"; parameters: IdleParameters }
  | { program: "storm"; parameters: StormParameters };

/** What a broker on the open Internet is started with, each for itself. Only Tidings is. */
export interface Guards {
  /** Access control with so many rules; the last one is the one that allows. */
  accessRules?: number;
  tls?: boolean;
  /** Served for Prometheus, and read every second. */
  metrics?: boolean;
  /** Rates for each client that it never reaches. */
  rates?: boolean;
}

export type Scenario = { name: string; guards?: Guards } & Load;

/** How a metric is read. */
export interface MetricMeaning {
  unit: string;
  better: "more" | "less";
}

export const METRICS: Record<string, MetricMeaning> = {
  "deliveries per broker CPU second": { unit: "/s", better: "more" },
  deliveries: { unit: "/s", better: "more" },
  p50: { unit: "ms", better: "less" },
  p99: { unit: "ms", better: "less" },
  "p99.9": { unit: "ms", better: "less" },
  subscriptions: { unit: "/s", better: "more" },
  "memory per filter": { unit: "B", better: "less" },
  "retained set": { unit: "/s", better: "more" },
  "time to receive all": { unit: "ms", better: "less" },
  connects: { unit: "/s", better: "more" },
  "connects per broker CPU second": { unit: "/s", better: "more" },
  "memory per connection": { unit: "B", better: "less" },
};

/** What a load program prints. */
export interface LoadResult {
  /** By names of `METRICS`. */
  metrics: Record<string, number>;
  seconds: number;
  /** CPU seconds while measuring. */
  brokerCpu: number;
  loadCpu: number;
  /** Empty, or the run is void. */
  errors: string[];
}

/** What a load program is given. */
export interface LoadTask<P> {
  parameters: P;
  port: number;
  brokerPid: number;
  warmUpMs: number;
  measureMs: number;
}
