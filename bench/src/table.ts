/**
 * The results as Markdown: a row a scenario, a column a peer, the ratio to mosquitto beside each figure.
 */
export interface Figure {
  scenario: string;
  peer: string;
  /** Deliveries per second of wall clock; median of the rounds. */
  rate: number;
  /** Deliveries per second of broker CPU; median of the rounds. */
  ratePerCpu: number;
  /** Share of a core that the broker and the load used. */
  brokerCpu: number;
  loadCpu: number;
  /** Rounds that counted. */
  rounds: number;
  errors: string[];
}

export const REFERENCE_PEER = "mosquitto";

export function table(figures: readonly Figure[]): string {
  const scenarios = [...new Set(figures.map((figure) => figure.scenario))];
  const peers = [...new Set(figures.map((figure) => figure.peer))];
  const rows = scenarios.map((scenario) => {
    const cells = peers.map((peer) => cell(figures, scenario, peer));
    return `| ${scenario} | ${cells.join(" | ")} |`;
  });
  return [`| scenario | ${peers.join(" | ")} |`, `|---${"|---".repeat(peers.length)}|`, ...rows].join("\n");
}

function cell(figures: readonly Figure[], scenario: string, peer: string): string {
  const figure = find(figures, scenario, peer);
  if (figure === undefined) return "–";
  if (figure.errors.length > 0) return `void: ${figure.errors[0]}`;
  const reference = find(figures, scenario, REFERENCE_PEER);
  const ratio =
    reference === undefined || reference.errors.length > 0
      ? ""
      : ` (${times(figure.ratePerCpu / reference.ratePerCpu)})`;
  return `${thousands(figure.rate)}/s${ratio}`;
}

function find(figures: readonly Figure[], scenario: string, peer: string): Figure | undefined {
  return figures.find((figure) => figure.scenario === scenario && figure.peer === peer);
}

function times(ratio: number): string {
  return `×${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(1)}`;
}

function thousands(rate: number): string {
  return rate >= 10_000 ? `${Math.round(rate / 1000)}k` : `${Math.round(rate)}`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
