import * as fc from "fast-check";
import { expect, test } from "vitest";
import { NameTrie } from "./name-trie.js";
import { matchesOracle } from "./testing/matches-oracle.js";
import { topicArbitraries } from "./testing/topic-arbitraries.js";

const { topicFilter, topicName } = topicArbitraries(fc);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("set" as const), name: topicName(), value: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), pick: fc.nat() }) },
);

test("collect gives what the rule gives, after any names were set and deleted", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60, size: "max" }),
      fc.array(topicFilter(), { minLength: 5 }),
      (steps, filters) => {
        const trie = new NameTrie<number>();
        const model = new Map<string, number>();
        for (const next of steps) {
          if (next.kind === "set") {
            expect(trie.set(next.name, next.value)).toBe(true);
            model.set(next.name, next.value);
          } else {
            const names = [...model.keys()];
            const name = names[next.pick % names.length] ?? "never/set";
            expect(trie.delete(name)).toBe(model.delete(name));
            expect(trie.get(name)).toBeUndefined();
          }
        }
        expect(trie.size).toBe(model.size);
        expect([...trie.entries()].sort()).toEqual([...model].sort());
        for (const [name, value] of model) expect(trie.get(name)).toBe(value);
        for (const filter of filters) {
          const expected = [...model].filter(([name]) => matchesOracle(filter, name)).map(([, value]) => value);
          expect(trie.collect(filter, []).sort()).toEqual(expected.sort());
        }
        for (const name of model.keys()) expect(trie.delete(name)).toBe(true);
        expect([trie.size, trie["tree"].root.isEmpty()]).toEqual([0, true]); // nothing is left behind
      },
    ),
    { numRuns: 200 },
  );
});
