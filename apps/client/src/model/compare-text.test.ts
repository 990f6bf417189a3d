import { expect, test } from "vitest";
import { compareText } from "./compare-text.js";

const marked = (before: string, after: string): string[] | undefined =>
  compareText(before, after)?.map(
    ({ kind, text }) => `${{ same: " ", added: "+", removed: "-", gap: "…" }[kind]}${text}`,
  );

test("lines that came, went and stayed", () => {
  expect(marked("a\nb\nc", "a\nB\nc\nd")).toEqual([" a", "-b", "+B", " c", "+d"]);
});

test("the last line is alike with and without its end", () => {
  expect(marked("a\nb", "a\nb\n")).toEqual(["…2 unchanged lines"]);
});

test("from and to nothing", () => {
  expect(marked("", "a")).toEqual(["+a"]);
  expect(marked("a", "")).toEqual(["-a"]);
  expect(marked("", "")).toEqual([]);
});

test("what is far from a change is folded", () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  const changed = lines.with(10, "other");
  expect(marked(lines.join("\n"), changed.join("\n"))).toEqual([
    "…7 unchanged lines",
    " line 7",
    " line 8",
    " line 9",
    "-line 10",
    "+other",
    " line 11",
    " line 12",
    " line 13",
    "…6 unchanged lines",
  ]);
});

test("very long texts are not compared", () => {
  expect(marked("x".repeat(100_000), "y".repeat(100_000))).toBeUndefined();
});
