import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LevelTree } from "./level-tree.js";
import { topicArbitraries } from "./testing/topic-arbitraries.js";

const { topicFilter, topicName } = topicArbitraries(fc);
const path = fc.oneof(topicFilter({ levelsMax: 4 }), topicName({ levelsMax: 4 }), topicFilter({ levelsMax: 60 }));

test("is a map from path to entry, and keeps no nodes when the last path is gone", () => {
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 80, size: "max" }), fc.infiniteStream(fc.nat()), (paths, order) => {
      const tree = new LevelTree<number>();
      for (const [index, each] of paths.entries()) tree.set(each, index);
      for (const [index, each] of paths.entries()) expect(tree.get(each)).toBe(index);
      expect([...tree.entries()].sort()).toEqual(paths.map((each, index): [string, number] => [each, index]).sort());

      const left = [...paths];
      while (left.length > 0) {
        const [gone] = left.splice((order.next().value as number) % left.length, 1);
        tree.delete(gone);
        expect(tree.get(gone)).toBeUndefined();
        tree.delete(gone); // again: no effect
        for (const each of left) expect(tree.get(each)).toBe(paths.indexOf(each));
      }
      expect(tree.root.isEmpty()).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test("leaves alone what is above and below a deleted path", () => {
  const tree = new LevelTree<string>();
  const paths = ["a", "a/b", "a/b/#", "a/b/c", "a/+", "a/+/c", "a/#", "#", "+", "+/#"];
  for (const each of paths) {
    for (const other of paths) tree.set(other, other);
    tree.delete(each);
    expect([...tree.entries()].map(([, entry]) => entry).sort()).toEqual(
      paths.filter((other) => other !== each).sort(),
    );
  }
});
