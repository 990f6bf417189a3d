/**
 * The load: a process of its own that runs one program against one broker and prints what it measured as a line of JSON.
 * Started by `run-scenario.ts` with its task as argument.
 */
import type { Load, LoadTask } from "../scenarios/scenario.js";
import { runFilters } from "./filters.js";
import { runIdle } from "./idle.js";
import { runLatency } from "./latency.js";
import { runRetained } from "./retained.js";
import { runStorm } from "./storm.js";
import { runTraffic } from "./traffic.js";

const PROGRAMS = {
  traffic: runTraffic,
  latency: runLatency,
  filters: runFilters,
  retained: runRetained,
  idle: runIdle,
  storm: runStorm,
};

const { program, ...task } = JSON.parse(process.argv[2]) as { program: Load["program"] } & LoadTask<never>;
const result = await PROGRAMS[program](task);
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
