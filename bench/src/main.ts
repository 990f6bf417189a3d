/**
 * `pnpm bench`: every scenario against every installed peer, fresh processes, peers interleaved within each round, and
 * medians of the rounds. A run in which a message was lost, doubled, reordered or refused is void.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import type { TrafficResult } from "./load/traffic.js";
import { PEERS } from "./peers/peers.js";
import { runTraffic } from "./run-traffic.js";
import { TRAFFIC_SCENARIOS } from "./scenarios/traffic-scenario.js";
import { type Figure, median, table } from "./table.js";

const options = new Command("bench")
  .option("--only <text>", "only scenarios whose name contains this text")
  .option("--peer <names>", "only these peers, separated by commas")
  .option("--rounds <n>", "rounds", "3")
  .option("--seconds <n>", "seconds of measuring in a run", "5")
  .parse()
  .opts<{ only?: string; peer?: string; rounds: string; seconds: string }>();

const wanted = options.peer?.split(",");
const peers = PEERS.filter(({ name }) => wanted === undefined || wanted.includes(name)).filter((peer) => {
  const installed = peer.version() !== undefined;
  if (!installed) console.error(`${peer.name} is not installed and is left out`);
  return installed;
});
const scenarios = TRAFFIC_SCENARIOS.filter(({ name }) => options.only === undefined || name.includes(options.only));
const times = { warmUpMs: 1500, measureMs: Number(options.seconds) * 1000 };
const results = new Map<string, TrafficResult[]>();

for (let round = 1; round <= Number(options.rounds); round++) {
  for (const scenario of scenarios) {
    for (const peer of peers) {
      const result = await runTraffic(scenario, peer, times);
      const key = `${scenario.name}\n${peer.name}`;
      results.set(key, [...(results.get(key) ?? []), result]);
      const rate = Math.round(result.deliveries / result.seconds);
      const share = (cpu: number): string => `${Math.round((100 * cpu) / result.seconds)} %`;
      const verdict = result.errors.length === 0 ? "" : `  VOID: ${result.errors[0]}`;
      console.error(
        `round ${round}  ${scenario.name}  ${peer.name}: ${rate}/s, broker ${share(result.brokerCpu)}, load ${share(result.loadCpu)}${verdict}`,
      );
    }
  }
}

const figures: Figure[] = [...results].map(([key, runs]) => {
  const [scenario, peer] = key.split("\n");
  const of = (value: (run: TrafficResult) => number): number => median(runs.map(value));
  return {
    scenario,
    peer,
    rate: of((run) => run.deliveries / run.seconds),
    ratePerCpu: of((run) => run.deliveries / run.brokerCpu),
    brokerCpu: of((run) => run.brokerCpu / run.seconds),
    loadCpu: of((run) => run.loadCpu / run.seconds),
    rounds: runs.length,
    errors: runs.flatMap((run) => run.errors),
  };
});

const versions = peers.map((peer) => `${peer.name} ${peer.version()}`).join(", ");
const markdown = `${versions}, Node ${process.versions.node}\n\n${table(figures)}\n`;
const folder = fileURLToPath(new URL("../results/", import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}bench.json`, `${JSON.stringify({ versions, figures }, undefined, 2)}\n`);
writeFileSync(`${folder}bench.md`, markdown);
console.log(markdown);
if (figures.some((figure) => figure.errors.length > 0)) process.exitCode = 1;
