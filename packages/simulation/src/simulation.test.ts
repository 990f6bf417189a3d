/** Seeds that must find nothing: 50 in every check, 2,000 with TIDINGS_DEEP=1. */
import { expect, test } from "vitest";
import { describeFailure, type SimulationResult, simulate } from "./simulation.js";

const SEEDS = process.env.TIDINGS_DEEP === "1" ? 2000 : 50;
const SEEDS_AT_ONCE = 10;

/** How often what has happened, by seed. */
const counts = new Map<number, SimulationResult["counts"]>();

async function findsNothing(seed: number): Promise<void> {
  if (counts.has(seed)) return;
  const result = await simulate({ seed });
  if (result.violations.length > 0) expect.fail(describeFailure(result));
  counts.set(seed, result.counts);
}

test.each(Array.from({ length: SEEDS / SEEDS_AT_ONCE }, (_, index) => 1 + index * SEEDS_AT_ONCE))(
  "nothing that was acknowledged is lost, doubled or leaked: ten seeds from %i",
  async (first) => {
    for (let seed = first; seed < first + SEEDS_AT_ONCE; seed++) await findsNothing(seed);
  },
);

test("a seed gives the same events again, and another one gives others", async () => {
  const hashes: string[] = [];
  for (const seed of [7, 7, 8]) hashes.push((await simulate({ seed, steps: 60 })).hash);
  expect(hashes[0]).toBe(hashes[1]);
  expect(hashes[2]).not.toBe(hashes[0]);
});

test("what can happen does: limits are met, and much is owed", async () => {
  const sums: Record<string, number> = {};
  for (let seed = 1; seed <= 50; seed++) {
    await findsNothing(seed);
    for (const [name, count] of Object.entries(counts.get(seed) ?? {})) sums[name] = (sums[name] ?? 0) + count;
  }
  expect(HAPPENINGS.filter((name) => (sums[name] ?? 0) === 0)).toEqual([]);
  expect(sums["owed at QoS 1"]).toBeGreaterThan(1000);
  expect(sums["owed at QoS 2"]).toBeGreaterThan(1000);
});

const HAPPENINGS = [
  "crash",
  "stop",
  "cut",
  "fillDisk",
  "jumpClock",
  "refused by a full disk",
  "session ended",
  "will published",
  "owed to a shared subscription",
  "retained checked",
  "connection ended with 0",
  "connection ended with 128",
  "connection ended with 139",
  "connection ended with 141",
  "connection ended with 142",
  "dropped: queue-full",
  "dropped: expired",
  "dropped: refused",
  "dropped: retained-limit",
  "dropped: session-ended",
  "dropped: slow-consumer",
  "dropped: too-large",
  "taken over",
  "retained as published",
  "came with an identifier",
];
