/**
 * OpenTelemetry over OTLP and HTTP: the broker's metrics at intervals, and traces of those messages whose publishers ask
 * for it with the User Property `traceparent` (W3C Trace Context, as its draft for MQTT has it).
 */

import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace-base";
import type { Broker, BrokerHooks } from "@tidings/broker";
import { BrokerMetricProducer } from "./broker-metric-producer.js";
import { traceMessages } from "./trace-messages.js";

/** A collector that does not answer for this long is given up, with all attempts. */
const REQUEST_TIMEOUT_MS = 2000;

export interface OpenTelemetryOptions {
  /** Of the collector, such as "http://localhost:4318"; `/v1/metrics` and `/v1/traces` are added. */
  url: string;
  /** With every request, for a token. Default: none. */
  headers?: Readonly<Record<string, string>>;
  /** Of this broker among others, as `service.name`. Default "tidings-broker". */
  serviceName?: string;
  /** Milliseconds between two reports of the metrics; 0: none. Default 60,000. */
  metricsIntervalMs?: number;
  /** Follows messages that carry `traceparent`, as far as their publishers sample them. Default false. */
  traces?: boolean;
  /** Of the spans that wait for the collector; beyond, spans are dropped. Default 2048. */
  waitingSpansMax?: number;
  /** Spans of deliveries for one message; a message to more receivers says how many were left out. Default 16. */
  deliverySpansMax?: number;
}

export interface OpenTelemetry {
  /** For the broker's `hooks`, behind those that decide. Empty without traces, so that nothing is asked of them. */
  readonly hooks: readonly BrokerHooks[];
  /** Begins to report. Call once, when the broker is there. */
  start(broker: Broker): void;
  /** Hands on what waits, then ends. Settles also when the collector cannot be reached. */
  stop(): Promise<void>;
}

export function openTelemetry(options: OpenTelemetryOptions): OpenTelemetry {
  const { serviceName = "tidings-broker", metricsIntervalMs = 60_000, waitingSpansMax = 2048 } = options;
  const resource = resourceFromAttributes({ "service.name": serviceName });
  const collector = (path: string) => ({
    url: `${options.url.replace(/\/$/, "")}/v1/${path}`,
    headers: { ...options.headers },
    timeoutMillis: REQUEST_TIMEOUT_MS,
  });
  const ends: (() => Promise<void>)[] = [];
  const hooks: BrokerHooks[] = [];

  if (options.traces === true) {
    const provider = new BasicTracerProvider({
      resource,
      // Whoever publishes decides; a message that nobody traces begins no trace here.
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0) }),
      spanProcessors: [
        new BatchSpanProcessor(new OTLPTraceExporter(collector("traces")), { maxQueueSize: waitingSpansMax }),
      ],
    });
    hooks.push(traceMessages(provider.getTracer("@tidings/metrics"), options.deliverySpansMax ?? 16));
    ends.push(() => provider.shutdown());
  }
  return {
    hooks,
    start(broker) {
      if (metricsIntervalMs === 0) return;
      const producer = new BrokerMetricProducer(broker, resource);
      const reader = new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter(collector("metrics")),
        exportIntervalMillis: metricsIntervalMs,
        exportTimeoutMillis: Math.min(metricsIntervalMs, REQUEST_TIMEOUT_MS),
      });
      reader.setMetricProducer(producer);
      ends.push(() => reader.shutdown());
    },
    async stop() {
      await Promise.resolve(); // spans of this turn end first
      await Promise.allSettled(ends.splice(0).map((end) => end()));
    },
  };
}
