import { describe, expect, test } from "vitest";
import { NameTrie } from "./name-trie.js";
import { DOLLAR_EXAMPLES, LITERAL_EXAMPLES, MATCHING_EXAMPLES } from "./testing/matching-examples.js";
import { MAXIMUM_LEVELS_DEFAULT } from "./trie-options.js";

function trieOf(...names: string[]): NameTrie<string> {
  const trie = new NameTrie<string>();
  for (const name of names) expect(trie.set(name, name)).toBe(true);
  return trie;
}

describe("NameTrie.collect", () => {
  test.each(MATCHING_EXAMPLES)("%j against %j is %j", (filter, name, expected) => {
    expect(trieOf(name).collect(filter, [])).toEqual(expected ? [name] : []);
  });

  test.each(LITERAL_EXAMPLES)(
    "[MQTT-4.7.3-4] [3.1.1 MQTT-4.7.3-4] takes characters as they are: %j against %j is %j",
    (filter, name, expected) => {
      expect(trieOf(name).collect(filter, [])).toEqual(expected ? [name] : []);
    },
  );

  test.each(DOLLAR_EXAMPLES)(
    "[MQTT-4.7.2-1] [3.1.1 MQTT-4.7.2-1] keeps a wildcard in the first level from $ names: %j against %j is %j",
    (filter, name, expected) => {
      expect(trieOf(name).collect(filter, [])).toEqual(expected ? [name] : []);
    },
  );

  test("finds every name that matches, once, and appends to what is there", () => {
    const trie = trieOf("a", "a/b", "a/b/c", "a//c", "/a", "b/b/c", "$a/b/c", "a/$b/c");
    const into = ["before"];
    expect(trie.collect("a/+/c", into)).toBe(into);
    expect(into.sort()).toEqual(["a/$b/c", "a//c", "a/b/c", "before"]);
    expect(trie.collect("#", []).sort()).toEqual(["/a", "a", "a/$b/c", "a//c", "a/b", "a/b/c", "b/b/c"]);
    expect(trie.collect("a/#", []).sort()).toEqual(["a", "a/$b/c", "a//c", "a/b", "a/b/c"]);
    expect(trie.collect("a/b", [])).toEqual(["a/b"]);
  });

  test.each(["", "a#", "a/#/b", "$share/g/a", "$share/g/b", "$share/g/#", "\0", "a+"])(
    "finds nothing with %j",
    (filter) => {
      expect(trieOf("a", "a/b", "$share/g/b", "/").collect(filter, [])).toEqual([]);
    },
  );

  test("finds nothing in an empty trie", () => {
    expect(new NameTrie().collect("#", [])).toEqual([]);
  });
});

describe("NameTrie as a map", () => {
  test("holds the last value of a name", () => {
    const trie = new NameTrie<number>();
    expect([trie.set("a/b", 1), trie.set("a/b", 2), trie.set("a", 3)]).toEqual([true, true, true]);
    expect([trie.get("a/b"), trie.get("a"), trie.get("a/b/c"), trie.get("b"), trie.get("")]).toEqual([
      2,
      3,
      undefined,
      undefined,
      undefined,
    ]);
    expect(trie.size).toBe(2);
    expect([...trie.entries()].sort()).toEqual([
      ["a", 3],
      ["a/b", 2],
    ]);
    expect([trie.delete("a"), trie.delete("a"), trie.delete("a/b/c"), trie.delete("")]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect([trie.size, trie.get("a/b")]).toEqual([1, 2]);
  });

  test("takes any value but undefined", () => {
    const trie = new NameTrie<NonNullable<unknown> | null>();
    const values = [null, 0, "", false, [], [1]];
    for (const [index, value] of values.entries()) expect(trie.set(`a/${index}`, value)).toBe(true);
    expect(trie.set("a/1", undefined as never)).toBe(false);
    for (const [index, value] of values.entries()) expect(trie.get(`a/${index}`)).toBe(value);
    expect(trie.collect("a/+", [])).toHaveLength(values.length);
  });

  test("clear empties it", () => {
    const trie = trieOf("a", "a/b");
    trie.clear();
    expect([trie.size, trie.get("a"), trie.collect("#", []), [...trie.entries()]]).toEqual([0, undefined, [], []]);
  });
});

describe("NameTrie.set", () => {
  test.each(["#", "a/+", "a+b"])("[MQTT-4.7.0-1] [3.1.1 MQTT-4.7.1-1] refuses %j, which has a wildcard", (name) => {
    expectRefused(name);
  });

  test.each(["", "\0", "a/\ud800", "a".repeat(65_536)])("refuses what is not a Topic Name", (name) => {
    expectRefused(name);
  });

  test("refuses a name with more levels than the limit", () => {
    const deepest = Array.from({ length: MAXIMUM_LEVELS_DEFAULT }, () => "a").join("/");
    const trie = new NameTrie<number>();
    expect([trie.set(deepest, 1), trie.set(`${deepest}/`, 1), trie.size]).toEqual([true, false, 1]);
    const flat = new NameTrie<number>({ maximumLevels: 1 });
    expect([flat.set("a", 1), flat.set("a/b", 1), flat.set("/", 1)]).toEqual([true, false, false]);
  });

  function expectRefused(name: string): void {
    const trie = new NameTrie<number>();
    expect(trie.set(name, 1)).toBe(false);
    expect([trie.size, [...trie.entries()]]).toEqual([0, []]);
  }
});
