/** What is broken on purpose is found, and soon. */
import { expect, test } from "vitest";
import {
  acknowledgesEarly,
  flushesLater,
  losesRows,
  promisesNothing,
  releasesWithoutPubrec,
  renumbersWhatItSendsAgain,
} from "./sabotage.js";
import { type Sabotage, simulate } from "./simulation.js";

const SEEDS_MAX = 30;
const LOST = /never got|nobody of|did not outlive|is gone|acknowledged last/;
const DOUBLED = /twice|times at QoS 2/;

const SABOTAGES: readonly [string, () => Sabotage, RegExp][] = [
  ["a store that promises nothing", promisesNothing, LOST],
  ["a disk that flushes later", flushesLater, LOST],
  ["a disk that loses a row", losesRows, /missing|without|not where it was written|never got/],
  ["a broker that acknowledges before the store has it", acknowledgesEarly, LOST],
  ["a client that sends again under another identifier", renumbersWhatItSendsAgain, DOUBLED],
  ["a client that sends PUBREL without PUBREC", releasesWithoutPubrec, /broke the protocol|never got|nobody of/],
];

test.each(SABOTAGES)("%s is found", async (_name, sabotage, symptom) => {
  const seen: string[] = [];
  for (let seed = 1; seed <= SEEDS_MAX; seed++) {
    const { violations } = await simulate({ seed, sabotage: sabotage() });
    seen.push(...violations);
    if (violations.some((violation) => symptom.test(violation))) return;
  }
  expect.fail(`${SEEDS_MAX} seeds did not show it, but ${seen.slice(0, 10).join("\n") || "nothing at all"}`);
});
