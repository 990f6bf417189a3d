/** Names and filters that are made to hurt: very deep, very wide, named after object keys. */
import { describe, expect, test } from "vitest";
import { FilterTrie, isTopicFilter, isTopicName, matches, NameTrie, topicLevelCount } from "./index.js";

const SEPARATORS = "/".repeat(65_535);
const DEEP = "a/".repeat(100_000);

describe("a topic of 65,536 empty levels, and one of 100,001", () => {
  test("is a name and a filter, and too long for one", () => {
    expect([isTopicName(SEPARATORS), isTopicFilter(SEPARATORS)]).toEqual([true, true]);
    expect([isTopicName(DEEP), isTopicFilter(DEEP), isTopicFilter(`${DEEP}#`)]).toEqual([false, false, false]);
    expect([topicLevelCount(SEPARATORS), topicLevelCount(DEEP)]).toEqual([65_536, 100_001]);
  });

  test("matches by the rule", () => {
    for (const name of [SEPARATORS, DEEP]) {
      expect(matches("#", name)).toBe(true);
      expect(matches(name, name)).toBe(true);
      expect(matches("+/".repeat(topicLevelCount(name) - 1).concat("+"), name)).toBe(true);
      expect(matches(`${name}/+`, name)).toBe(false);
      expect(matches(name, "a")).toBe(false);
    }
  });

  test("is refused by the tries, and harmless as a question", () => {
    const filters = new FilterTrie<string>();
    const names = new NameTrie<string>();
    for (const filter of ["#", "/#", "a/#", "+/+", "+/+/#"]) filters.add(filter, filter);
    names.set("a/a", "a/a");
    for (const topic of [SEPARATORS, DEEP]) {
      expect([filters.add(topic, ""), filters.add(`${topic}#`, ""), filters.remove(topic, "")]).toEqual([
        false,
        false,
        false,
      ]);
      expect([names.set(topic, ""), names.delete(topic), names.get(topic)]).toEqual([false, false, undefined]);
      expect(filters.valuesOf(topic)).toEqual([]);
      expect(names.collect(topic, [])).toEqual([]);
      expect(names.collect(`${topic}#`, [])).toEqual([]);
    }
    expect(filters.match(SEPARATORS, []).sort()).toEqual(["#", "+/+/#", "/#"]);
    expect(filters.match(DEEP, []).sort()).toEqual(["#", "+/+/#", "a/#"]);
  });

  test("does not overflow the call stack when the limit lets it in", () => {
    const plus = "+/".repeat(30_000).concat("+");
    const name = "/".repeat(30_000);
    const filters = new FilterTrie<number>({ maximumLevels: 65_536 });
    expect([filters.add(SEPARATORS, 1), filters.add(plus, 2), filters.add(`${plus}/#`, 3)]).toEqual([true, true, true]);
    expect(filters.match(SEPARATORS, []).sort()).toEqual([1, 3]);
    expect(filters.match(name, []).sort()).toEqual([2, 3]);
    expect([...filters.entries()]).toHaveLength(3);
    expect([filters.remove(SEPARATORS, 1), filters.remove(plus, 2), filters.remove(`${plus}/#`, 3)]).toEqual([
      true,
      true,
      true,
    ]);

    const names = new NameTrie<number>({ maximumLevels: 65_536 });
    expect(names.set(SEPARATORS, 1)).toBe(true);
    expect([names.collect("#", []), names.collect("+/#", []), names.collect(SEPARATORS, [])]).toEqual([[1], [1], [1]]);
    expect([...names.entries()]).toHaveLength(1);
    expect([names.delete(SEPARATORS), names.size]).toEqual([true, 0]);
  });
});

test("a hundred thousand values of one filter, and names below one level, do not overflow the call stack", () => {
  const filters = new FilterTrie<number>();
  const names = new NameTrie<number>();
  for (let index = 0; index < 100_000; index += 1) {
    filters.add("a/+", index);
    names.set(`a/${index}`, index);
  }
  expect(filters.match("a/b", [])).toHaveLength(100_000);
  expect(filters.valuesOf("a/+")).toHaveLength(100_000);
  expect(names.collect("a/+", [])).toHaveLength(100_000);
  expect(names.collect("#", [])).toHaveLength(100_000);
});

test("a match visits only branches that exist, though the name allows 2 to the power of 60 ways", () => {
  const trie = new FilterTrie<number>();
  for (let level = 0; level < 60; level += 1) {
    const levels = Array.from({ length: 60 }, () => "a");
    levels[level] = "+";
    trie.add(levels.join("/"), level);
  }
  expect(trie.match(Array.from({ length: 60 }, () => "a").join("/"), [])).toHaveLength(60);
  expect(trie.match(`${"a/".repeat(59)}b`, [])).toEqual([59]);
});

test.each(["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "length", "size", "children", "ends"])(
  "the level %s is a text like any other",
  (level) => {
    const filters = new FilterTrie<string>();
    const names = new NameTrie<string>();
    expect(filters.match(level, [])).toEqual([]);
    expect(filters.match(`a/${level}`, [])).toEqual([]);
    expect(names.get(level)).toBeUndefined();
    for (const topic of [level, `a/${level}`, `${level}/${level}/a`]) {
      expect([filters.add(topic, topic), filters.add(`${topic}/#`, topic), names.set(topic, topic)]).toEqual([
        true,
        true,
        true,
      ]);
    }
    expect(filters.match(level, [])).toEqual([level, level]);
    expect(filters.match(`a/${level}`, [])).toEqual([`a/${level}`, `a/${level}`]);
    expect(names.collect(`+/${level}`, [])).toEqual([`a/${level}`]);
    expect(names.get(`${level}/${level}`)).toBeUndefined();
    expect(({} as Record<string, unknown>)["a"]).toBeUndefined();
  },
);
