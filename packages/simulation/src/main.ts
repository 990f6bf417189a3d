/** Runs one seed, or several in a row, and prints what happened: `pnpm simulate --seed 7 --steps 200`. */
import { parseArgs } from "node:util";
import { describeFailure, STEPS_DEFAULT, simulate } from "./simulation.js";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    steps: { type: "string", default: String(STEPS_DEFAULT) },
    runs: { type: "string", default: "1" },
    quiet: { type: "boolean", default: false },
  },
});
const first = Number(values.seed);
const runs = Number(values.runs);
const print = values.quiet || runs > 1 ? undefined : (line: string) => void process.stdout.write(`${line}\n`);
const found: number[] = [];
for (let seed = first; seed < first + runs; seed++) {
  const result = await simulate({ seed, steps: Number(values.steps), print });
  if (result.violations.length === 0) {
    if (runs === 1) process.stdout.write(`Seed ${seed}: ${result.events} events, ${result.hash}. All is well.\n`);
    continue;
  }
  found.push(seed);
  process.stdout.write(`${describeFailure(result)}\n\n`);
}
if (runs > 1)
  process.stdout.write(`${runs} seeds from ${first}: ${found.length} found something. ${found.join(" ")}\n`);
process.exitCode = found.length > 0 ? 1 : 0;
