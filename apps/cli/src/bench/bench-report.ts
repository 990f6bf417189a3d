/** What a run measured, and how it is told: JSON for programs, lines for people. */
import type { Histogram } from "hdr-histogram-js";
import type { BenchRequest } from "./bench-request.js";

/** Milliseconds. */
export interface LatencyReport {
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface BenchReport {
  readonly kind: BenchRequest["kind"];
  readonly url: string;
  readonly connections: number;
  readonly failedConnections: number;
  readonly seconds: number;
  readonly published: number;
  readonly publishedPerSecond: number;
  readonly received: number;
  readonly receivedPerSecond: number;
  /** Publishes that the server refused, or that were under way when their connection ended. */
  readonly failed: number;
  /** Messages that should have come and did not. Undefined where nobody can know. */
  readonly lost?: number;
  readonly payloadBytes: number;
  readonly qos: number;
  /** Of CONNECT to CONNACK. */
  readonly connectMs?: LatencyReport;
  /** Of what the run is about: acknowledgement, delivery or round trip. */
  readonly latencyMs?: LatencyReport;
  readonly latencyOf?: string;
}

/** `histogram` holds microseconds. */
export function latencyReport(histogram: Histogram): LatencyReport | undefined {
  if (histogram.totalCount === 0) return undefined;
  const ms = (microseconds: number): number => Math.round(microseconds) / 1000;
  const at = (percentile: number): number => ms(histogram.getValueAtPercentile(percentile));
  return {
    min: ms(histogram.minNonZeroValue),
    mean: ms(histogram.mean),
    ...{ p50: at(50), p90: at(90), p99: at(99), p999: at(99.9) },
    max: ms(histogram.maxValue),
  };
}

export function benchText(report: BenchReport): string {
  const number = (value: number): string => Math.round(value).toLocaleString("en-US");
  const lines = [
    `connections  ${number(report.connections)}${report.failedConnections > 0 ? `, ${number(report.failedConnections)} failed` : ""}`,
    `time         ${report.seconds.toFixed(2)} s`,
  ];
  if (report.published > 0) {
    lines.push(`published    ${number(report.published)}, ${number(report.publishedPerSecond)} per second`);
  }
  if (report.received > 0) {
    lines.push(`received     ${number(report.received)}, ${number(report.receivedPerSecond)} per second`);
  }
  if (report.failed > 0) lines.push(`failed       ${number(report.failed)}`);
  if (report.lost) lines.push(`lost         ${number(report.lost)}`);
  if (report.connectMs !== undefined) lines.push(`connect      ${percentiles(report.connectMs)}`);
  if (report.latencyMs !== undefined)
    lines.push(`${(report.latencyOf ?? "").padEnd(12)} ${percentiles(report.latencyMs)}`);
  return lines.map((line) => `${line}\n`).join("");
}

function percentiles({ min, p50, p90, p99, p999, max }: LatencyReport): string {
  const text = Object.entries({ min, p50, p90, p99, "p99.9": p999, max }).map(
    ([name, ms]) => `${name} ${ms.toFixed(2)}`,
  );
  return `${text.join("  ")}  ms`;
}

/** 1 when something got lost or failed, so that scripts notice. */
export function benchExitCode({ failed, failedConnections, lost = 0 }: BenchReport): number {
  return failed + failedConnections + lost > 0 ? 1 : 0;
}
