/** What a broker counts, in the form that Prometheus reads. */
import type { Broker } from "@tidings/broker";
import { collectDefaultMetrics, Registry } from "prom-client";
import { describeMetrics } from "./describe-metrics.js";
import { RegisteredMetric } from "./registered-metric.js";

export interface BrokerMetricsOptions {
  /** Where the metrics are added, for a process that has others. Default: a registry of its own. */
  registry?: Registry;
  /** In front of every name. Default "tidings_". */
  prefix?: string;
  /** Adds those of the process as well: CPU, heap, event loop delay, garbage collection. Default true. */
  process?: boolean;
}

export interface BrokerMetrics {
  readonly registry: Registry;
  /** Of `text`, for the Content-Type header. */
  readonly contentType: string;
  /** Everything, in Prometheus's text format. Looks once at every session. */
  text(): Promise<string>;
}

/** Nothing is done until somebody reads: the broker counts anyway. */
export function createBrokerMetrics(broker: Broker, options: BrokerMetricsOptions = {}): BrokerMetrics {
  const { registry = new Registry(), prefix = "tidings_" } = options;
  for (const metric of describeMetrics(broker)) new RegisteredMetric(prefix, metric).registerIn(registry);
  if (options.process ?? true) collectDefaultMetrics({ register: registry });
  return { registry, contentType: registry.contentType, text: () => registry.metrics() };
}
