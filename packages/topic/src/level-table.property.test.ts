import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LevelIndex } from "./level-index.js";
import { entriesOf, findEntry, type LevelTable, withEntry, withoutEntry } from "./level-table.js";
import { LevelText } from "./level-text.js";

const ORDINARY = Array.from({ length: 1_000 }, (_, index) => `text${index}`);
const COLLIDING = collidingTexts(1_100, 11);

/** Texts whose hashes end in the same bits: with eleven they all belong in one place of an index with up to 2,048. */
function collidingTexts(count: number, bits: number): string[] {
  const texts: string[] = [];
  for (let number = 0; texts.length < count; number += 1) {
    const text = number.toString(36);
    if ((hashOf(text) & (2 ** bits - 1)) === 0) texts.push(text);
  }
  return texts;
}

function hashOf(text: string): number {
  return new LevelText(text).getHash();
}

/** Runs `steps` on a table and on a Map; each step says which text, and whether to add it. */
function expectSameAsMap(texts: readonly string[], steps: Iterable<[pick: number, adds: boolean]>): LevelTable<number> {
  let table: LevelTable<number>;
  const model = new Map<string, number>();
  let turn = 0;
  for (const [pick, adds] of steps) {
    const text = texts[pick % texts.length];
    turn += 1;
    table = adds ? withEntry(table, text, turn) : withoutEntry(table, text);
    if (adds) model.set(text, turn);
    else model.delete(text);
    if (turn % 300 === 0 || turn < 30) expect(new Map(entriesOf(table))).toEqual(model);
  }
  for (const text of texts) expect(findEntry(table, new LevelText(text))).toBe(model.get(text));
  expect(table === undefined).toBe(model.size === 0);
  return table;
}

describe.each([
  ["ordinary texts", ORDINARY],
  ["colliding texts", COLLIDING],
])("LevelTable with %s", (_, texts) => {
  test("is a map, while it grows and shrinks by chance", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(3, 10, 40, 1_000),
        fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 500, size: "max" }),
        (variety, steps) => {
          expectSameAsMap(texts.slice(0, variety), steps);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("is a map, while it grows to its full size and shrinks to none", () => {
    const all = texts.map((_text, index) => index);
    const grows = all.map((index): [number, boolean] => [index, true]);
    const shrinks = all.map((index): [number, boolean] => [index * 7, false]);
    expectSameAsMap(texts, grows);
    expectSameAsMap(texts, [...grows, ...shrinks.slice(0, 700), ...grows.slice(200, 600)]);
    expect(expectSameAsMap(texts, [...grows, ...shrinks])).toBeUndefined();
  });
});

test("many texts are in an index, and in a Map once somebody makes them collide", () => {
  let table: LevelTable<number>;
  for (const text of ORDINARY) table = withEntry(table, text, 1);
  expect(table).toBeInstanceOf(LevelIndex);
  let hostile: LevelTable<number>;
  for (const text of COLLIDING) hostile = withEntry(hostile, text, 1);
  expect(hostile).toBeInstanceOf(Map);
  expect(entriesOf(hostile)).toHaveLength(COLLIDING.length);
});

test("a refused text leaves the index as it was", () => {
  const index = new LevelIndex<number>();
  const refused = COLLIDING.findIndex((text, number) => !index.set(text, number));
  expect(refused).toBe(1_024);
  expect(index.size).toBe(1_024);
  for (const [number, text] of COLLIDING.entries()) {
    expect(index.get(new LevelText(text))).toBe(number < 1_024 ? number : undefined);
  }
});

test("texts of the same hash are told apart", () => {
  const textsByHash = new Map<number, string>();
  const index = new LevelIndex<string>();
  const twins: string[] = [];
  for (let number = 0; twins.length < 4; number += 1) {
    const text = `twin${number}`;
    const twin = textsByHash.get(hashOf(text));
    if (twin !== undefined) twins.push(twin, text);
    textsByHash.set(hashOf(text), text);
  }
  for (const twin of twins) index.set(twin, twin);
  expect(twins.map((twin) => index.get(new LevelText(twin)))).toEqual(twins);
  index.delete(twins[0]);
  expect(twins.map((twin) => index.get(new LevelText(twin)))).toEqual([undefined, ...twins.slice(1)]);
});

test("a table that was large and is not gives its memory back", () => {
  let table: LevelTable<string>;
  for (const text of [...ORDINARY, ...COLLIDING.slice(0, 50)]) table = withEntry(table, text, text);
  const large = table;
  for (const text of ORDINARY) table = withoutEntry(table, text);
  expect(table).toBeInstanceOf(LevelIndex);
  expect(table).not.toBe(large);
  expect(entriesOf(table).sort()).toEqual(
    COLLIDING.slice(0, 50)
      .map((text) => [text, text])
      .sort(),
  );
});
