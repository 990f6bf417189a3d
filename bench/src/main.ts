/**
 * `pnpm bench`: every scenario against every installed peer, fresh processes, peers interleaved within each round, and
 * medians of the rounds. A run in which a message was lost, doubled, reordered or refused is void.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { PEERS, tidingsAt } from "./peers/peers.js";
import { runScenario } from "./run-scenario.js";
import type { LoadResult } from "./scenarios/scenario.js";
import { SCENARIOS } from "./scenarios/scenarios.js";
import { type Figure, median, table } from "./table.js";

const options = new Command("bench")
  .option("--only <text>", "only scenarios whose name contains this text")
  .option("--peer <names>", "only these peers, separated by commas")
  .option("--rounds <n>", "rounds", "3")
  .option("--seconds <n>", "seconds of measuring in a run", "5")
  .option("--against <checkout>", "measure this other, built checkout of Tidings too, as the peer `before`")
  .parse()
  .opts<{ only?: string; peer?: string; rounds: string; seconds: string; against?: string }>();

const wanted = options.peer?.split(",");
const candidates = PEERS.filter(({ name }) => wanted === undefined || wanted.includes(name));
if (options.against !== undefined) candidates.splice(1, 0, tidingsAt(resolve(options.against), "before"));
const peers = candidates.filter((peer) => {
  const installed = peer.version() !== undefined;
  if (!installed) console.error(`${peer.name} is not installed and is left out`);
  return installed;
});
const scenarios = SCENARIOS.filter(({ name }) => options.only === undefined || name.includes(options.only));
const times = { warmUpMs: 1500, measureMs: Number(options.seconds) * 1000 };
const rounds = Number(options.rounds);
const runs: { scenario: string; peer: string; result: LoadResult }[] = [];

for (let round = 1; round <= rounds; round++) {
  for (const scenario of scenarios) {
    for (const peer of peers) {
      if (!peer.speaks(scenario)) continue;
      const result = await runScenario(scenario, peer, times);
      runs.push({ scenario: scenario.name, peer: peer.name, result });
      const metrics = Object.entries(result.metrics).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
      const share = (cpu: number): string => `${Math.round((100 * cpu) / result.seconds)} %`;
      const verdict = result.errors.length === 0 ? "" : `  VOID: ${result.errors[0]}`;
      const load = `broker ${share(result.brokerCpu)}, load ${share(result.loadCpu)}`;
      console.error(`${round}/${rounds}  ${scenario.name}  ${peer.name}: ${metrics.join(", ")}; ${load}${verdict}`);
    }
  }
}

const figures: Figure[] = scenarios.flatMap((scenario) =>
  peers.flatMap((peer) => {
    const results = runs
      .filter((run) => run.scenario === scenario.name && run.peer === peer.name)
      .map((run) => run.result);
    const errors = results.flatMap((result) => result.errors);
    const names = [...new Set(results.flatMap((result) => Object.keys(result.metrics)))];
    return names.map((metric) => ({
      scenario: scenario.name,
      metric,
      peer: peer.name,
      value: median(results.map((result) => result.metrics[metric])),
      brokerCpu: median(results.map((result) => result.brokerCpu / result.seconds)),
      loadCpu: median(results.map((result) => result.loadCpu / result.seconds)),
      rounds: results.length,
      errors,
    }));
  }),
);

const versions = [...peers.map((peer) => `${peer.name} ${peer.version()}`), `Node ${process.versions.node}`].join(", ");
const markdown = `${versions}; ${rounds} rounds\n\n${table(figures)}\n`;
const folder = fileURLToPath(new URL("../results/", import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}bench.json`, `${JSON.stringify({ versions, rounds, figures }, undefined, 2)}\n`);
writeFileSync(`${folder}bench.md`, markdown);
console.log(markdown);
if (runs.some((run) => run.result.errors.length > 0)) process.exitCode = 1;
