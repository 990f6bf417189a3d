/**
 * The results as Markdown: a row for each scenario and metric, a column for each peer, the ratio to mosquitto beside it.
 */
import { METRICS } from "./scenarios/scenario.js";

export interface Figure {
  scenario: string;
  metric: string;
  peer: string;
  /** Median of the rounds. */
  value: number;
  /** Share of a core that the broker and the load used; medians. */
  brokerCpu: number;
  loadCpu: number;
  rounds: number;
  /** Of any round; not empty: the figure is void. */
  errors: string[];
}

const REFERENCE_PEER = "mosquitto";

export function table(figures: readonly Figure[]): string {
  const rows = new Map<string, Figure[]>();
  for (const figure of figures) {
    const key = `${figure.scenario} | ${figure.metric}`;
    rows.set(key, [...(rows.get(key) ?? []), figure]);
  }
  const peers = [...new Set(figures.map((figure) => figure.peer))];
  const lines = [...rows].map(([key, row]) => `| ${key} | ${peers.map((peer) => cell(row, peer)).join(" | ")} |`);
  return [`| scenario | metric | ${peers.join(" | ")} |`, `|---|---${"|---".repeat(peers.length)}|`, ...lines].join(
    "\n",
  );
}

function cell(row: readonly Figure[], peer: string): string {
  const figure = row.find((candidate) => candidate.peer === peer);
  if (figure === undefined) return "–";
  if (figure.errors.length > 0) return `void: ${figure.errors[0]}`;
  const { unit } = METRICS[figure.metric];
  const reference = row.find((candidate) => candidate.peer === REFERENCE_PEER);
  const ratio =
    reference === undefined || reference.errors.length > 0 ? "" : ` (${times(figure.value / reference.value)})`;
  return `${readable(figure.value)} ${unit}${ratio}`;
}

function times(ratio: number): string {
  return `×${ratio >= 10 ? ratio.toFixed(0) : ratio >= 1 ? ratio.toFixed(1) : ratio.toFixed(2)}`;
}

function readable(value: number): string {
  if (value >= 10_000) return `${Math.round(value / 1000)}k`;
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
