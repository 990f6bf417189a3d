import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FilterTrie } from "./filter-trie.js";
import { matchesOracle } from "./testing/matches-oracle.js";
import { topicArbitraries } from "./testing/topic-arbitraries.js";

const { topicFilter, topicName } = topicArbitraries(fc);
const value = fc.integer({ min: 0, max: 3 });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("add" as const), filter: topicFilter(), value }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove" as const), pick: fc.nat(), value }) },
);

test("match gives what the rule gives, after any additions and removals", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60, size: "max" }),
      fc.array(topicName(), { minLength: 5 }),
      (steps, names) => {
        const trie = new FilterTrie<number>();
        const model = new Map<string, Set<number>>();
        for (const next of steps) {
          const filters = [...model.keys()];
          const filter = next.kind === "add" ? next.filter : filters[next.pick % filters.length];
          if (filter === undefined) continue;
          const values = model.get(filter) ?? new Set();
          if (next.kind === "add") {
            expect(trie.add(filter, next.value)).toBe(true);
            model.set(filter, values.add(next.value));
          } else {
            expect(trie.remove(filter, next.value)).toBe(values.delete(next.value));
            if (values.size === 0) model.delete(filter);
          }
          expect([...trie.valuesOf(filter)].sort()).toEqual([...values].sort());
        }
        const pairs = [...model].flatMap(([filter, values]) =>
          [...values].map((each): [string, number] => [filter, each]),
        );
        expect(trie.size).toBe(pairs.length);
        expect([...trie.entries()].sort()).toEqual(pairs.sort());
        for (const name of names) {
          const expected = pairs.filter(([filter]) => matchesOracle(filter, name)).map(([, each]) => each);
          expect(trie.match(name, []).sort()).toEqual(expected.sort());
        }
        for (const [filter, each] of pairs) expect(trie.remove(filter, each)).toBe(true);
        expect(trie.size).toBe(0);
        expect([trie["exact"].size, trie["wildcards"].root.isEmpty()]).toEqual([0, true]); // nothing is left behind
      },
    ),
    { numRuns: 200 },
  );
});
