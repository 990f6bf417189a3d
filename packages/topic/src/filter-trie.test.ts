import { describe, expect, test } from "vitest";
import { FilterTrie } from "./filter-trie.js";
import { DOLLAR_EXAMPLES, LITERAL_EXAMPLES, MATCHING_EXAMPLES } from "./testing/matching-examples.js";
import { MAXIMUM_LEVELS_DEFAULT } from "./trie-options.js";

function trieOf(...filters: string[]): FilterTrie<string> {
  const trie = new FilterTrie<string>();
  for (const filter of filters) expect(trie.add(filter, filter)).toBe(true);
  return trie;
}

describe("FilterTrie.match", () => {
  test.each(MATCHING_EXAMPLES)("%j against %j is %j", (filter, name, expected) => {
    expect(trieOf(filter).match(name, [])).toEqual(expected ? [filter] : []);
  });

  test.each(LITERAL_EXAMPLES)(
    "[MQTT-4.7.3-4] [3.1.1 MQTT-4.7.3-4] takes characters as they are: %j against %j is %j",
    (filter, name, expected) => {
      expect(trieOf(filter).match(name, [])).toEqual(expected ? [filter] : []);
    },
  );

  test.each(DOLLAR_EXAMPLES)(
    "[MQTT-4.7.2-1] [3.1.1 MQTT-4.7.2-1] keeps a wildcard in the first level from $ names: %j against %j is %j",
    (filter, name, expected) => {
      expect(trieOf(filter).match(name, [])).toEqual(expected ? [filter] : []);
    },
  );

  test("finds every filter that matches, once", () => {
    const trie = trieOf(
      "#",
      "+/#",
      "a/#",
      "a/b/#",
      "a/+",
      "+/b",
      "+/+",
      "a/b",
      "b/b",
      "a",
      "a/b/c",
      "+",
      "+/+/#",
      "/#",
    );
    expect(trie.match("a/b", []).sort()).toEqual(
      ["#", "+/#", "a/#", "a/b/#", "a/+", "+/b", "+/+", "a/b", "+/+/#"].sort(),
    );
  });

  test("appends to what is there, and a value under two filters twice", () => {
    const trie = new FilterTrie<string>();
    trie.add("a/+", "x");
    trie.add("a/#", "x");
    const into = ["before"];
    expect(trie.match("a/b", into)).toBe(into);
    expect(into).toEqual(["before", "x", "x"]);
  });

  test("finds nothing for the empty name, and nothing in an empty trie", () => {
    expect(trieOf("#", "+", "/").match("", [])).toEqual([]);
    expect(new FilterTrie().match("a", [])).toEqual([]);
  });

  test("holds no state from one name to the next", () => {
    const trie = trieOf("+/b/#", "a/+/c", "a/b/d", "+/+/+/x");
    for (let round = 0; round < 3; round += 1) {
      expect(trie.match("a/b/c", []).sort()).toEqual(["+/b/#", "a/+/c"]);
      expect(trie.match(`a/${"b".repeat(5_000)}/c`, [])).toEqual(["a/+/c"]);
      expect(trie.match("a", [])).toEqual([]);
    }
  });
});

describe("FilterTrie as a set of pairs", () => {
  test("knows a pair once, and values by identity", () => {
    const trie = new FilterTrie<object>();
    const [one, two] = [{}, {}];
    for (const filter of ["a/b", "a/+"]) {
      expect([trie.add(filter, one), trie.add(filter, one), trie.add(filter, two)]).toEqual([true, true, true]);
      expect(trie.valuesOf(filter)).toEqual([one, two]);
      expect(trie.remove(filter, {})).toBe(false);
      expect([trie.remove(filter, one), trie.remove(filter, one)]).toEqual([true, false]);
      expect(trie.valuesOf(filter)[0]).toBe(two);
    }
    expect(trie.size).toBe(2);
  });

  test("answers false for filters and values that it does not hold", () => {
    const trie = trieOf("a/b/c", "a/+/#");
    for (const filter of ["a", "a/b", "a/#", "a/+", "a/b/c/d", "a/b/#", "", "b", "+", "#", "a/+/#/"]) {
      expect(trie.remove(filter, filter)).toBe(false);
      expect(trie.remove(filter, "a/b/c")).toBe(false);
      expect(trie.valuesOf(filter)).toEqual([]);
    }
    expect(trie.size).toBe(2);
  });

  test("keeps thousands of values of one filter, and lets them go in any order", () => {
    for (const filter of ["exact", "wild/+"]) {
      const trie = new FilterTrie<number>();
      const values = Array.from({ length: 5_000 }, (_, index) => index);
      for (const value of values) trie.add(filter, value);
      for (const value of values) trie.add(filter, value);
      expect(trie.size).toBe(5_000);
      expect(trie.match(filter, []).sort((a, b) => a - b)).toEqual(values);
      for (const value of values.filter((each) => each % 3 !== 0)) expect(trie.remove(filter, value)).toBe(true);
      expect(trie.remove(filter, 1)).toBe(false);
      const left = values.filter((each) => each % 3 === 0);
      expect([...trie.valuesOf(filter)].sort((a, b) => a - b)).toEqual(left);
      for (const value of left) expect(trie.remove(filter, value)).toBe(true);
      expect(trie.match(filter, [])).toEqual([]);
      expect([...trie.entries()]).toEqual([]);
    }
  });

  test("takes any value but undefined", () => {
    const trie = new FilterTrie<NonNullable<unknown> | null>();
    for (const value of [null, 0, "", false, Number.NaN, [], [1]]) expect(trie.add("a/+", value)).toBe(true);
    expect(trie.add("a/+", undefined as never)).toBe(false);
    expect(trie.match("a/b", [])).toEqual([null, 0, "", false, Number.NaN, [], [1]]);
  });

  test("gives valuesOf away: changing the array changes nothing", () => {
    const trie = trieOf("a");
    (trie.valuesOf("a") as string[]).push("b");
    expect(trie.valuesOf("a")).toEqual(["a"]);
  });

  test("clear empties it", () => {
    const trie = trieOf("a", "+", "a/#");
    trie.clear();
    expect([trie.size, trie.match("a", []), [...trie.entries()]]).toEqual([0, [], []]);
    expect(trie.add("a", "again")).toBe(true);
    expect(trie.match("a", [])).toEqual(["again"]);
  });
});

describe("FilterTrie.add", () => {
  test.each(["a/#/b", "a#", "#/", "##"])("[MQTT-4.7.1-1] [3.1.1 MQTT-4.7.1-2] refuses %j", (filter) => {
    expectRefused(filter);
  });

  test.each(["a+", "+a/b", "a/++"])("[MQTT-4.7.1-2] [3.1.1 MQTT-4.7.1-3] refuses %j", (filter) => {
    expectRefused(filter);
  });

  test.each(["", "\0", "a/\ud800", "$share/g/a", "$share/g", "$share/"])("refuses %j", (filter) => {
    expectRefused(filter);
  });

  test("refuses a filter with more levels than the limit", () => {
    const deepest = Array.from({ length: MAXIMUM_LEVELS_DEFAULT }, () => "a").join("/");
    const trie = new FilterTrie<number>();
    expect(trie.add(deepest, 1)).toBe(true);
    expect(trie.add(`${deepest}/a`, 1)).toBe(false);
    expect(trie.add(`${deepest}/#`, 1)).toBe(false);
    expect(trie.add(`/${deepest}`, 1)).toBe(false);
    expect(trie.size).toBe(1);

    const flat = new FilterTrie<number>({ maximumLevels: 1 });
    expect([flat.add("a", 1), flat.add("+", 1), flat.add("#", 1)]).toEqual([true, true, true]);
    expect([flat.add("a/b", 1), flat.add("/", 1), flat.add("+/#", 1)]).toEqual([false, false, false]);
  });

  function expectRefused(filter: string): void {
    const trie = new FilterTrie<number>();
    expect(trie.add(filter, 1)).toBe(false);
    expect([trie.size, [...trie.entries()]]).toEqual([0, []]);
  }
});
