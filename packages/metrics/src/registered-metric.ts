/** A metric as prom-client's registry holds it: read when Prometheus asks. */
import { LATENCY_BOUNDS_MS, type LatencyHistogram } from "@tidings/broker";
import type { Registry } from "prom-client";
import type { Metric } from "./describe-metrics.js";

interface Value {
  readonly value: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly metricName: string;
}

export class RegisteredMetric {
  readonly name: string;

  constructor(
    prefix: string,
    private readonly metric: Metric,
  ) {
    this.name = prefix + metric.name;
  }

  async get(): Promise<unknown> {
    const { kind, help } = this.metric;
    return { name: this.name, help, type: kind, aggregator: "sum", values: this.values() };
  }

  /** What is read has no other start than the broker's. */
  reset(): void {}

  registerIn(registry: Registry): void {
    // The registry asks no more of a metric than this class has.
    registry.registerMetric(this as unknown as Parameters<Registry["registerMetric"]>[0]);
  }

  private values(): Value[] {
    const { metric, name } = this;
    if (metric.kind === "histogram") return ofHistogram(name, metric.histogram);
    const read = metric.read();
    const samples = typeof read === "number" ? [{ value: read }] : read;
    return samples.map(({ value, labels = {} }) => ({ value, labels, metricName: name }));
  }
}

/** Buckets hold what is below their bound, those before them included. */
function ofHistogram(name: string, { counts, sumMs }: LatencyHistogram): Value[] {
  let total = 0;
  const buckets = [...counts].map((count, index) => {
    total += count;
    const bound = LATENCY_BOUNDS_MS[index];
    const le = bound === undefined ? "+Inf" : String(bound / 1000);
    return { value: total, labels: { le }, metricName: `${name}_bucket` };
  });
  return [
    ...buckets,
    { value: sumMs / 1000, labels: {}, metricName: `${name}_sum` },
    { value: total, labels: {}, metricName: `${name}_count` },
  ];
}
