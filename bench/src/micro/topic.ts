/**
 * `FilterTrie` beside qlobber 8 (what aedes matches with): matches per second, and memory per filter, for 100,000 filters
 * of three kinds. Both sit in one process and take turns, round by round; the figures are medians, the ratio is the median
 * of the rounds' ratios. Memory is measured in a fresh process for each.
 */
import { execFileSync } from "node:child_process";
import { argv, execArgv, execPath, memoryUsage } from "node:process";
import { fileURLToPath } from "node:url";
import { FilterTrie, matches } from "@tidings/topic";
import { Qlobber } from "qlobber";

const FILTERS = 100_000;
const NAMES = 100_000;
const ROUNDS = 15;
const ROUND_MS = 150;

interface Matcher {
  add(filter: string, value: number): void;
  match(name: string): number[];
}

/**
 * qlobber without its caches: `cache_adds` costs memory and is for adding; `cache_splits` costs 270 B a filter more and
 * gained nothing measurable even when it held every name.
 */
const CANDIDATES: Record<"tidings" | "qlobber", () => Matcher> = {
  tidings: () => {
    const trie = new FilterTrie<number>();
    return { add: (filter, value) => trie.add(filter, value), match: (name) => trie.match(name, []) };
  },
  qlobber: () => {
    const options = { separator: "/", wildcard_one: "+", wildcard_some: "#", match_empty_levels: true };
    const qlobber = new Qlobber<number>(options);
    return { add: (filter, value) => qlobber.add(filter, value), match: (name) => qlobber.match(name) };
  },
};
type Candidate = keyof typeof CANDIDATES;

interface Scenario {
  filter(index: number): string;
  name(index: number): string;
}

/** A device's eight hexadecimal digits, the same in every run and in no order. */
const device = (index: number) => ((index * 2_654_435_761) >>> 0).toString(16).padStart(8, "0");

const SCENARIOS: Record<string, Scenario> = {
  "dev/+/x/ID/#": {
    filter: (index) => `dev/+/x/${device(index)}/#`,
    name: (index) => `dev/gateway${index % 50}/x/${device(index)}/temperature`,
  },
  "exact a/b/ID/c": {
    filter: (index) => `plant/sensors/${device(index)}/temperature`,
    name: (index) => `plant/sensors/${device(index)}/temperature`,
  },
  mixed: {
    filter: (index) => {
      const place = `site/${index % 40}/line/${index % 13}`;
      if (index % 10 < 4) return `${place}/device/${device(index)}/temperature`;
      if (index % 10 < 6) return `site/${index % 40}/+/${index % 13}/device/${device(index)}/#`;
      if (index % 10 < 8) return `dev/${device(index)}/+/status`;
      if (index % 10 < 9) return `+/${device(index)}/alarm/+`;
      return `${place}/device/+/${device(index)}`;
    },
    name: (index) => {
      const place = `site/${index % 40}/line/${index % 13}`;
      if (index % 10 < 6) return `${place}/device/${device(index)}/temperature`;
      if (index % 10 < 8) return `dev/${device(index)}/gateway${index % 50}/status`;
      if (index % 10 < 9) return `dev/${device(index)}/alarm/fire`;
      return `${place}/device/any/${device(index)}`;
    },
  },
};

/** Every case beside qlobber. */
export function compareTopics(): void {
  for (const [title, scenario] of Object.entries(SCENARIOS)) {
    const rates = measureRates(scenario, ["tidings", "qlobber"]);
    const bytes = { tidings: measureBytes(title, "tidings"), qlobber: measureBytes(title, "qlobber") };
    const ratio = median(rates.tidings.map((rate, round) => rate / rates.qlobber[round]));
    console.log(`${title}, ${FILTERS} filters`);
    console.log(`  FilterTrie  ${millions(median(rates.tidings))}  ${bytes.tidings.toFixed(0)} B a filter`);
    console.log(`  qlobber     ${millions(median(rates.qlobber))}  ${bytes.qlobber.toFixed(0)} B a filter`);
    console.log(`  speed x ${ratio.toFixed(2)}   memory x ${(bytes.tidings / bytes.qlobber).toFixed(2)}`);
  }
}

/** Our half of each case alone, for a profiler; by name. */
export function topicCases(): Map<string, () => void> {
  return new Map(
    Object.entries(SCENARIOS).map(([title, scenario]) => [
      `match ${title}`,
      () => void measureRates(scenario, ["tidings"]),
    ]),
  );
}

/** Matches per second, one figure a round. */
function measureRates(scenario: Scenario, candidates: Candidate[]): Record<Candidate, number[]> {
  const names = Array.from({ length: NAMES }, (_, turn) => flat(scenario.name(((turn * 48_271) >>> 0) % FILTERS)));
  const matchers = candidates.map((candidate) => ({ candidate, matcher: fill(scenario, CANDIDATES[candidate]()) }));
  const found = matchers.map(({ matcher }) => names.map((name) => matcher.match(name).sort().join()).join(";"));
  if (new Set(found).size !== 1) throw new Error("the candidates do not find the same");
  if (
    names
      .slice(0, 100)
      .some((name) => matchers[0].matcher.match(name).some((each) => !matches(scenario.filter(each), name)))
  )
    throw new Error("a filter was found that does not match");

  const rates: Record<Candidate, number[]> = { tidings: [], qlobber: [] };
  for (let round = -3; round < ROUNDS; round += 1) {
    for (const { candidate, matcher } of matchers) {
      const rate = measureRound(matcher, names);
      if (round >= 0) rates[candidate].push(rate); // the first three warm up
    }
    matchers.reverse();
  }
  return rates;
}

function measureRound(matcher: Matcher, names: string[]): number {
  let found = 0;
  let matched = 0;
  const started = performance.now();
  let elapsed = 0;
  for (let next = 0; elapsed < ROUND_MS; elapsed = performance.now() - started) {
    for (const until = next + 5_000; next < until; next += 1) found += matcher.match(names[next % NAMES]).length;
    matched = next;
  }
  if (found === 0) throw new Error("nothing was found");
  return (matched / elapsed) * 1000;
}

/** Bytes per filter in a fresh process, on the heap and beside it. */
function measureBytes(title: string, candidate: Candidate): number {
  const child = [...execArgv, "--expose-gc", fileURLToPath(import.meta.url), "--bytes", title, candidate];
  return Number(execFileSync(execPath, child, { encoding: "utf8" }));
}

function reportBytes(title: string, candidate: Candidate): void {
  const scenario = SCENARIOS[title];
  fill(scenario, CANDIDATES[candidate](), 1_000).match(scenario.name(1)); // code and its feedback are not the filters' bytes
  const before = usedBytes();
  const matcher = fill(scenario, CANDIDATES[candidate]());
  const used = usedBytes() - before;
  if (matcher.match(scenario.name(1)).length === 0) throw new Error("nothing was found"); // and so it is still alive
  console.log(used / FILTERS);
}

function usedBytes(): number {
  for (let turn = 0; turn < 4; turn += 1) globalThis.gc?.();
  const { heapUsed, external } = memoryUsage();
  return heapUsed + external;
}

function fill(scenario: Scenario, matcher: Matcher, count = FILTERS): Matcher {
  for (let index = 0; index < count; index += 1) matcher.add(flat(scenario.filter(index)), index);
  return matcher;
}

/** A string as a decoder makes it: in one piece, not a rope of the parts it was written as. */
function flat(text: string): string {
  return Buffer.from(text).toString("latin1");
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

function millions(perSecond: number): string {
  return `${(perSecond / 1e6).toFixed(2)} M matches/s`;
}

// The fresh process in which `measureBytes` measures.
if (argv[1] === fileURLToPath(import.meta.url) && argv[2] === "--bytes") reportBytes(argv[3], argv[4] as Candidate);
