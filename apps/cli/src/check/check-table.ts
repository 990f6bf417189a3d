/** The results of `check` for people and for programs. */
import Table from "cli-table3";
import type { Colors } from "../output/colors.js";
import type { CheckResult, Outcome } from "./check.js";

const SIGNS: Record<Outcome, string> = { yes: "✓", no: "–", departs: "✗", unclear: "?", info: "·" };

const MEANINGS: Record<Outcome, string> = {
  yes: "works",
  no: "not offered",
  departs: "departs from the standard",
  unclear: "cannot be said",
  info: "for information",
};

export function checkTable(results: readonly CheckResult[], colors: Colors, columns: number): string {
  const paint: Record<Outcome, (text: string) => string> = {
    yes: colors.green,
    no: colors.dim,
    departs: colors.red,
    unclear: colors.yellow,
    info: colors.dim,
  };
  const width = Math.max(30, Math.min(columns, 120) - 62);
  const table = new Table({
    head: ["", "what", "rule (5.0)", "what was seen"],
    colWidths: [3, 38, 17, width],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  });
  let group = "";
  for (const { group: name, ...result } of results) {
    if (name !== group) table.push([{ colSpan: 4, content: colors.bold(name) }]);
    group = name;
    const { outcome } = result;
    table.push([paint[outcome](SIGNS[outcome]), result.name, colors.dim(result.rule), paint[outcome](result.detail)]);
  }
  return `${table.toString()}\n${checkSummary(results)}\n`;
}

/** One line: how many of each. */
function checkSummary(results: readonly CheckResult[]): string {
  const outcomes = Object.keys(SIGNS) as Outcome[];
  return outcomes
    .map((outcome) => ({ outcome, count: results.filter((result) => result.outcome === outcome).length }))
    .filter(({ count }) => count > 0)
    .map(({ outcome, count }) => `${SIGNS[outcome]} ${count} ${MEANINGS[outcome]}`)
    .join(", ");
}
