/**
 * `pnpm bench:durable [--only TEXT] [--seconds N] [--rounds N]`: what durability costs. Rows that say so go over sockets,
 * between the built app in a process of its own and a load in another one; the others stay in one process.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Command } from "commander";
import type { Peer } from "../peers/peer.js";
import { runScenario } from "../run-scenario.js";
import type { Scenario, TrafficParameters } from "../scenarios/scenario.js";
import { median } from "../table.js";
import { IN_MEMORY, MOSQUITTO_PERSISTENT, ON_DISK } from "./durable-peers.js";
import { type Measurement, measureBroker, measureLog, measureOffline, measureStore } from "./in-process.js";

const options = new Command("bench:durable")
  .option("--only <text>", "only rows whose name contains this text")
  .option("--rounds <n>", "rounds, whose median counts", "3")
  .option("--seconds <n>", "seconds of measuring in a run", "3")
  .parse()
  .opts<{ only?: string; rounds: string; seconds: string }>();
const seconds = Number(options.seconds);
const rounds = Number(options.rounds);

const execute = promisify(execFile);
const rows: { what: string; by: string; figure: string }[] = [];
const wants = (what: string): boolean => options.only === undefined || what.includes(options.only);
const perSecond = (value: number): string =>
  `${value >= 10_000 ? `${Math.round(value / 1000)}k` : Math.round(value)}/s`;

/** Side by side: each of them once in every round. */
async function compare(
  what: string,
  sides: Record<string, () => Promise<number>>,
  show = perSecond,
): Promise<number[]> {
  if (!wants(what)) return [];
  const values = Object.values(sides).map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, measure] of Object.values(sides).entries()) values[index].push(await measure());
  }
  const medians = values.map(median);
  for (const [index, by] of Object.keys(sides).entries()) rows.push({ what, by, figure: show(medians[index]) });
  return medians;
}

async function withDirectory<T>(task: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "tidings-bench-"));
  try {
    return await task(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const here = (measure: Measurement, inFlight: number) => () =>
  withDirectory((directory) => measure(directory, inFlight, seconds));

function traffic(name: string, parameters: Partial<TrafficParameters>): Scenario {
  const fanIn = { publishers: 1, subscribers: 1, topicName: "bench/in/%", topicFilter: "bench/in/+", qos: 1 as const };
  const plain = { protocolVersion: 4 as const, payloadBytes: 256, window: 1, ...fanIn, ...parameters };
  return { name, program: "traffic", parameters: plain };
}

/** Over sockets: deliveries in a second, or in a second of the broker's own CPU time. */
const overSockets =
  (scenario: Scenario, peer: Peer, metric = "deliveries") =>
  async (): Promise<number> => {
    const result = await runScenario(scenario, peer, { warmUpMs: 1000, measureMs: seconds * 1000 });
    if (result.errors.length > 0) throw new Error(`${peer.name}: ${result.errors[0]}`);
    return result.metrics[metric];
  };

/** Runs a program of this folder, which prints JSON. */
async function program(name: string, words: readonly string[], nodeWords: readonly string[] = []) {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const node = ["--conditions=@tidings/source", "--import", "tsx", ...nodeWords];
  const { stdout } = await execute(process.execPath, [...node, file, ...words], { maxBuffer: 2 ** 20 });
  return (stdout === "" ? {} : JSON.parse(stdout)) as Record<string, number>;
}

for (const inFlight of [1, 256, 1024]) {
  await compare(`durable QoS 1, ${inFlight} in flight`, {
    "append log, by hand": here(measureLog, inFlight),
    "the store alone": here(measureStore, inFlight),
    "broker core and store": here(measureBroker, inFlight),
  });
  // As many publishers as the window can be divided among.
  const publishers = inFlight === 1 ? 1 : 16;
  const scenario = traffic("", { publishers, window: inFlight / publishers, persistent: true });
  await compare(`durable QoS 1 fan-in over sockets, ${inFlight} in flight`, {
    "append log, by hand, no sockets": here(measureLog, inFlight),
    [ON_DISK.name]: overSockets(scenario, ON_DISK),
    [IN_MEMORY.name]: overSockets(scenario, IN_MEMORY),
    [MOSQUITTO_PERSISTENT.name]: overSockets(scenario, MOSQUITTO_PERSISTENT),
  });
}

await compare("1 message to 1,000 offline sessions, deliveries", { "the store alone": here(measureOffline, 256) });

const fanOut = traffic("", {
  subscribers: 10,
  topicName: "bench/out",
  topicFilter: "bench/out",
  qos: 0,
  window: 100,
  payloadBytes: 64,
});
for (const metric of ["deliveries", "deliveries per broker CPU second"]) {
  await compare(`QoS 0 fan-out 1→10 over sockets, ${metric}`, {
    [IN_MEMORY.name]: overSockets(fanOut, IN_MEMORY, metric),
    [ON_DISK.name]: overSockets(fanOut, ON_DISK, metric),
  });
}

const start = "start with 1,000,000 retained messages and 100,000 sessions";
if (wants(start)) {
  await withDirectory(async (directory) => {
    await program("./fill-store.ts", [directory, "1000000", "100000"]);
    const runs: Record<string, number>[] = [];
    for (let round = 0; round < rounds; round++) runs.push(await program("./start-broker.ts", [directory]));
    const middle = (name: string): number => median(runs.map((run) => run[name]));
    rows.push({ what: start, by: "read and check", figure: `${middle("openSeconds").toFixed(1)} s` });
    rows.push({ what: start, by: "recover", figure: `${middle("recoverSeconds").toFixed(1)} s` });
    rows.push({ what: start, by: "heap", figure: `${Math.round(middle("heapMiB"))} MiB` });
  });
}

const million = "1,000,000 messages queued for one session";
if (wants(million)) {
  await withDirectory(async (directory) => {
    const run = await program("./queue-million.ts", [directory, "1000000"], ["--expose-gc"]);
    const heap = ["emptyMiB", "queuedMiB", "restartedMiB", "peakMiB"].map((name) => `${Math.round(run[name])} MiB`);
    rows.push({
      what: million,
      by: "heap: before, queued, after a restart, most while drained",
      figure: heap.join(", "),
    });
    rows.push({ what: million, by: "queued, each durable", figure: perSecond(1_000_000 / run["queueSeconds"]) });
    rows.push({ what: million, by: "restart", figure: `${run["restartSeconds"].toFixed(1)} s` });
    rows.push({ what: million, by: "drained, each acknowledged", figure: perSecond(1_000_000 / run["drainSeconds"]) });
    rows.push({ what: million, by: "longest turn while drained", figure: `${run["longestTurnMs"].toFixed(0)} ms` });
  });
}

console.log("| row | by | |\n|---|---|---|");
for (const { what, by, figure } of rows) console.log(`| ${what} | ${by} | ${figure} |`);
