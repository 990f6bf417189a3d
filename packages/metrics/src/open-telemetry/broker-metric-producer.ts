/** The broker's metrics in OpenTelemetry's data model. Names with dots, times in seconds, all since the start. */
import { type HrTime, ValueType } from "@opentelemetry/api";
import { hrTime } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from "@opentelemetry/sdk-metrics";
import { type Broker, LATENCY_BOUNDS_MS } from "@tidings/broker";
import { describeMetrics, type HistogramMetric, type Metric, type ValueMetric } from "../describe-metrics.js";

const BOUNDARIES_SECONDS = LATENCY_BOUNDS_MS.map((bound) => bound / 1000);

export class BrokerMetricProducer implements MetricProducer {
  private readonly metrics: readonly Metric[];
  private readonly startTime = hrTime();

  constructor(
    broker: Broker,
    private readonly resource: Resource,
  ) {
    this.metrics = describeMetrics(broker);
  }

  async collect(): Promise<CollectionResult> {
    const endTime = hrTime();
    const metrics = this.metrics.map((metric) =>
      metric.kind === "histogram" ? this.histogram(metric, endTime) : this.value(metric, endTime),
    );
    const scopeMetrics = [{ scope: { name: "@tidings/metrics" }, metrics }];
    return { resourceMetrics: { resource: this.resource, scopeMetrics }, errors: [] };
  }

  private value({ kind, name, help, read }: ValueMetric, endTime: HrTime): MetricData {
    const values = read();
    const samples = typeof values === "number" ? [{ value: values }] : values;
    const dataPoints = samples.map(({ value, labels = {} }) => ({
      value,
      attributes: { ...labels },
      startTime: this.startTime,
      endTime,
    }));
    const common = {
      descriptor: descriptor(name.replace(/_total$/, ""), help, ""),
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPoints,
    };
    if (kind === "gauge") return { ...common, dataPointType: DataPointType.GAUGE };
    return { ...common, dataPointType: DataPointType.SUM, isMonotonic: true };
  }

  private histogram({ name, help, histogram }: HistogramMetric, endTime: HrTime): MetricData {
    const counts = [...histogram.counts];
    const value = {
      buckets: { boundaries: BOUNDARIES_SECONDS, counts },
      count: counts.reduce((total, count) => total + count, 0),
      sum: histogram.sumMs / 1000,
    };
    return {
      descriptor: descriptor(name.replace(/_seconds$/, ""), help, "s"),
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: [{ value, attributes: {}, startTime: this.startTime, endTime }],
    };
  }
}

function descriptor(name: string, description: string, unit: string): MetricData["descriptor"] {
  return { name: `tidings.${name}`, description, unit, valueType: ValueType.DOUBLE };
}
