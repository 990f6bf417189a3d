/**
 * Tidings' client beside MQTT.js, on this machine, in one run: `pnpm bench:client [--rounds n] [--only text]`. The peers take turns; each
 * measurement has a process of its own, against a server that is never the limit. Prints medians as a table.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Command } from "commander";
import { median } from "../table.js";
import { PEERS } from "./peer-client.js";
import { CLIENT_SCENARIOS } from "./scenarios.js";

const run = promisify(execFile);
const place = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const NODE_OPTIONS = ["--import", "tsx", "--expose-gc"];

const { rounds, only } = new Command()
  .option("--rounds <n>", "measurements of each, of which the median counts", "5")
  .option("--only <text>", "only what has this text in its name", "")
  .parse()
  .opts<{ rounds: string; only: string }>();

const farEnd = spawn(process.execPath, [...NODE_OPTIONS, place("far-end.ts")], {
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  const [port] = await once(farEnd.stdout, "data");
  const url = `mqtt://127.0.0.1:${String(port).trim()}`;
  const peers = Object.keys(PEERS);
  console.log(`| | ${peers.join(" | ")} | ratio |`);
  console.log("|---|--:|--:|--:|");
  for (const scenario of CLIENT_SCENARIOS.filter((name) => name.includes(only))) {
    const values = new Map<string, number[]>(peers.map((peer) => [peer, []]));
    for (let round = 0; round < Number(rounds); round += 1) {
      for (const peer of peers) {
        const { stdout } = await run(process.execPath, [...NODE_OPTIONS, place("measure.ts"), peer, scenario, url]);
        values.get(peer)?.push(Number(stdout));
      }
    }
    const [ours, theirs] = peers.map((peer) => median(values.get(peer) ?? []));
    const unit = scenario.startsWith("memory") ? "bytes" : "msg/s";
    const cells = [ours, theirs].map((value) => `${Math.round(value).toLocaleString("en")} ${unit}`);
    console.log(`| ${scenario} | ${cells.join(" | ")} | ×${(ours / theirs).toFixed(2)} |`);
  }
} finally {
  farEnd.kill();
}
