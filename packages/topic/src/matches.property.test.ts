import * as fc from "fast-check";
import { expect, test } from "vitest";
import { matches } from "./matches.js";
import { matchesOracle } from "./testing/matches-oracle.js";
import { topicArbitraries } from "./testing/topic-arbitraries.js";

const { relatedFilterAndName, topicFilter, topicName } = topicArbitraries(fc);
test.each([3, 40])("matches is the rule, for up to %j levels", (levelsMax) => {
  const pair = fc.oneof(
    fc.tuple(topicFilter({ levelsMax }), topicName({ levelsMax })),
    relatedFilterAndName({ levelsMax }),
    fc
      .tuple(relatedFilterAndName({ levelsMax }), topicName({ levelsMax: 2 }))
      .map(([[filter, name], more]) => [filter, name + more]),
  );
  fc.assert(
    fc.property(pair, ([filter, name]) => {
      expect(matches(filter, name)).toBe(matchesOracle(filter, name));
    }),
    { numRuns: 1_000 },
  );
});
