import { describe, expect, test } from "vitest";
import { MessageRing } from "./message-ring.js";
import { fieldName, numericFields, readNumber } from "./numeric-fields.js";
import { PLOTS_MAX, Plots } from "./plots.js";
import { Series } from "./series.js";
import { recordOf } from "./testing/record-of.js";

describe("a series", () => {
  test("is bounded and keeps the newest points", () => {
    const series = new Series(100);
    for (let index = 0; index < 1_000; index += 1) series.add(index * 1_000, index);
    expect(series.length).toBeLessThanOrEqual(100);
    expect(series.values.at(-1)).toBe(999);
    expect(series.times).toHaveLength(series.length);
    expect(series.length + series.dropped).toBe(1_000);
  });

  test("merges what comes faster than the eye, the newest value stays", () => {
    const series = new Series();
    for (let index = 0; index < 1_000; index += 1) series.add(index, index);
    expect(series.length).toBe(240);
    expect(series.values.at(-1)).toBe(999);
    expect(series.dropped).toBe(760);
  });

  test("sums up", () => {
    const series = new Series();
    expect(series.summary()).toBeUndefined();
    for (const [index, value] of [4, 1, 7].entries()) series.add(index * 100, value);
    expect(series.summary()).toEqual({ last: 7, min: 1, max: 7, mean: 4 });
  });
});

describe("numbers in a value", () => {
  test("are found with their paths, also as text, truth values and in maps", () => {
    const value = {
      a: 1,
      b: { "c d": ["2.5", "x", null] },
      ok: true,
      m: new Map<unknown, unknown>([
        [7, 8n],
        [{}, 1],
      ]),
    };
    const found = numericFields(value).map(({ path, value }) => [fieldName(path), value]);
    expect(found).toEqual([
      ["a", 1],
      ["b.c d[0]", 2.5],
      ["ok", 1],
      ["m[7]", 8],
    ]);
    for (const { path, value: number } of numericFields(value)) expect(readNumber(value, path)).toBe(number);
  });

  test("a plain number has the empty path", () => {
    expect(numericFields(21.5)).toEqual([{ path: [], value: 21.5 }]);
    expect(readNumber(" 21.5\n", [])).toBe(21.5);
  });

  test("are bounded however many there are", () => {
    expect(numericFields(Array.from({ length: 10_000 }, (_, index) => index))).toHaveLength(64);
  });

  test("nothing is found where there is nothing, nor on prototypes", () => {
    expect(numericFields("text")).toEqual([]);
    expect(numericFields(new Uint8Array(5))).toEqual([]);
    expect(readNumber({}, ["constructor", "length"])).toBeUndefined();
    expect(readNumber(null, ["a"])).toBeUndefined();
    expect(readNumber(Number.NaN, [])).toBeUndefined();
  });
});

describe("plots", () => {
  test("take the numbers of their topic and skip the rest", () => {
    const plots = new Plots();
    plots.add("a", ["t"]);
    plots.record(recordOf("a", '{"t":1}', { atMs: 0 }));
    plots.record(recordOf("b", '{"t":2}', { atMs: 100 }));
    plots.record(recordOf("a", "nothing", { atMs: 200 }));
    plots.record(recordOf("a", '{"t":3}', { atMs: 300 }));
    expect(plots.all[0].series.values).toEqual([1, 3]);
    expect(plots.all[0].skipped).toBe(1);
  });

  test("begin with what the ring has", () => {
    const ring = new MessageRing({ messagesMax: 10, bytesMax: 100_000 });
    for (let index = 0; index < 3; index += 1)
      ring.push(recordOf("a", `${index}`, { sequence: index, atMs: index * 100 }));
    ring.push(recordOf("a", "9", { sequence: 3, atMs: 400, direction: "sent" }));
    const plots = new Plots();
    plots.add("a", []);
    plots.fill("a", [], ring);
    expect(plots.all[0].series.values).toEqual([0, 1, 2]);
  });

  test("are limited in number, and go one by one", () => {
    const plots = new Plots();
    for (let index = 0; index < PLOTS_MAX; index += 1) expect(plots.add("a", [index])).toBe(true);
    expect(plots.add("a", ["more"])).toBe(false);
    expect(plots.add("a", [0])).toBe(true);
    plots.remove("a", [0]);
    expect([plots.has("a", [0]), plots.has("a", [1]), plots.all.length]).toEqual([false, true, PLOTS_MAX - 1]);
  });
});
