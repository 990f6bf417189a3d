/** A metric that is read when somebody asks for it, and costs nothing until then. */
import type { MetricObjectWithValues, MetricValueWithName, Registry } from "prom-client";

/** One line of a metric: a value and what it is about. */
export interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Where a histogram needs other names than its own. */
  readonly suffix?: string;
}

export type MetricKind = "counter" | "gauge" | "histogram";

/** What a `Registry` of prom-client asks of a metric. */
export class ReadingMetric {
  constructor(
    readonly name: string,
    readonly help: string,
    private readonly kind: MetricKind,
    private readonly read: () => number | readonly Sample[],
  ) {}

  async get(): Promise<MetricObjectWithValues<MetricValueWithName<string>>> {
    const read = this.read();
    const samples: readonly Sample[] = typeof read === "number" ? [{ value: read }] : read;
    const values = samples.map(({ value, labels = {}, suffix = "" }) => ({
      value,
      labels,
      metricName: this.name + suffix,
    }));
    return {
      name: this.name,
      help: this.help,
      type: this.kind,
      aggregator: "sum",
      values,
    } as unknown as MetricObjectWithValues<MetricValueWithName<string>>;
  }

  /** What is read has no other start than the broker's. */
  reset(): void {}

  registerIn(registry: Registry): void {
    registry.registerMetric(this as unknown as Parameters<Registry["registerMetric"]>[0]);
  }
}
