import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isTopicFilter, isTopicName, topicLevelCount } from "../index.js";
import { DOLLAR_EXAMPLES, LITERAL_EXAMPLES, MATCHING_EXAMPLES, matchesOracle, topicArbitraries } from "./index.js";

const { relatedFilterAndName, topicFilter, topicName } = topicArbitraries(fc);

test.each([...MATCHING_EXAMPLES, ...LITERAL_EXAMPLES, ...DOLLAR_EXAMPLES])(
  "the oracle knows %j against %j: %j",
  (filter, name, expected) => {
    expect(matchesOracle(filter, name)).toBe(expected);
  },
);

test("the arbitraries give well-formed names and filters, no deeper than asked for", () => {
  fc.assert(
    fc.property(
      topicName({ levelsMax: 9 }),
      topicFilter({ levelsMax: 9 }),
      relatedFilterAndName(),
      (name, filter, pair) => {
        expect(isTopicName(name) && isTopicName(pair[1])).toBe(true);
        expect(isTopicFilter(filter) && isTopicFilter(pair[0])).toBe(true);
        expect(Math.max(topicLevelCount(name), topicLevelCount(filter))).toBeLessThanOrEqual(9);
      },
    ),
    { numRuns: 1_000 },
  );
});

test("related filters match their names, unless the name begins with $", () => {
  fc.assert(
    fc.property(relatedFilterAndName(), ([filter, name]) => {
      expect(matchesOracle(filter, name)).toBe(!(name.startsWith("$") && /^[+#]/.test(filter)));
    }),
    { numRuns: 1_000 },
  );
});
