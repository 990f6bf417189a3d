/** One filter within another, and against the rule of matching as oracle. */
import { matches } from "@tidings/topic";
import fc from "fast-check";
import { expect, test } from "vitest";
import { coversFilter } from "./covers-filter.js";

test.each([
  ["#", "a/b", true],
  ["#", "#", true],
  ["#", "+/a", true],
  ["#", "$SYS/#", false],
  ["+/a", "$SYS/a", false],
  ["$SYS/#", "$SYS/#", true],
  ["a/#", "a", true],
  ["a/#", "a/#", true],
  ["a/#", "a/+/c", true],
  ["a/#", "ab", false],
  ["a/#", "#", false],
  ["a/+", "a/b", true],
  ["a/+", "a/+", true],
  ["a/+", "a/#", false],
  ["a/+", "a", false],
  ["a/b", "a/+", false],
  ["a/b", "a/b", true],
  ["a/b", "a/b/c", false],
])("%s covers %s: %s", (pattern, filter, covers) => {
  expect(coversFilter(pattern, filter)).toBe(covers);
});

test("whatever the filter matches, the pattern matches as well", () => {
  const level = fc.constantFrom("a", "b", "", "+", "$x");
  const levels = fc.array(level, { minLength: 1, maxLength: 4 });
  const filter = fc.tuple(levels, fc.boolean()).map(([all, open]) => (open ? [...all, "#"] : all).join("/"));
  const name = fc
    .array(fc.constantFrom("a", "b", "", "$x", "c"), { minLength: 1, maxLength: 6 })
    .map((all) => all.join("/"));
  fc.assert(
    fc.property(filter, filter, name, (pattern, wanted, topicName) => {
      fc.pre(pattern !== "" && wanted !== "" && topicName !== "");
      if (coversFilter(pattern, wanted) && matches(wanted, topicName)) expect(matches(pattern, topicName)).toBe(true);
    }),
    { numRuns: 5000, seed: 6 },
  );
});
