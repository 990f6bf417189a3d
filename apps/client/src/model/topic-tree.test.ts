import { describe, expect, test } from "vitest";
import { recordOf } from "./testing/record-of.js";
import { TopicTree } from "./topic-tree.js";
import { TreeExpansion, treeRows } from "./tree-rows.js";

const LIMITS = { nodesMax: 1_000, bytesMax: 1_000_000 };

function treeOf(...topics: string[]): TopicTree {
  const tree = new TopicTree(LIMITS);
  for (const topic of topics) tree.add(recordOf(topic, topic));
  return tree;
}

describe("the topic tree", () => {
  test("keeps the last two values and counts of each topic, and sums of those below", () => {
    const tree = treeOf("a/b", "a/c", "a/b", "a");
    const [a, b] = [tree.find("a")!, tree.find("a/b")!];
    expect([a.messages, a.messagesBelow, a.topicsBelow]).toEqual([1, 4, 3]);
    expect([b.messages, b.messagesBelow]).toEqual([2, 2]);
    expect(b.last).not.toBe(b.previous);
    expect(tree.find("a/c")?.previous).toBeUndefined();
    expect(tree.find("x")).toBeUndefined();
    expect(tree.root.topicsBelow).toBe(3);
  });

  test("tells empty levels apart", () => {
    const tree = treeOf("/a", "a", "a/", "//");
    expect(tree.root.topicsBelow).toBe(4);
    expect(tree.find("/a")?.topic).toBe("/a");
    expect(tree.find("a/")?.topic).toBe("a/");
    expect(tree.find("//")?.messages).toBe(1);
  });

  test("is bounded by nodes; what has no place is counted", () => {
    const tree = new TopicTree({ nodesMax: 10, bytesMax: 1_000_000 });
    for (let index = 0; index < 100; index += 1) tree.add(recordOf(`t/${index}`, "x"));
    expect([tree.nodes, tree.ignored]).toEqual([10, 91]);
    expect(tree.add(recordOf("t/0", "again"))).toBe(true);
    expect(tree.add(recordOf(Array(50).fill("l").join("/"), "deep"))).toBe(false);
  });

  test("is bounded by bytes; beyond them only the beginning of a value is kept", () => {
    const tree = new TopicTree({ nodesMax: 1_000, bytesMax: 50_000 });
    for (let index = 0; index < 30; index += 1) tree.add(recordOf(`t/${index}`, new Uint8Array(10_000)));
    for (let round = 0; round < 3; round += 1) {
      for (let index = 0; index < 30; index += 1) tree.add(recordOf(`t/${index}`, new Uint8Array(10_000)));
    }
    const kept = [...tree.root.children.get("t")!.children.values()];
    const held = kept.reduce(
      (sum, { last, previous }) => sum + last!.payload.length + (previous?.payload.length ?? 0),
      0,
    );
    expect(held).toBeLessThanOrEqual(50_000 + kept.length * 256);
    expect(kept.some(({ last }) => last!.payload.length === 128 && last!.payloadBytes === 10_000)).toBe(true);
  });

  test("a rate rises with messages and falls by itself", () => {
    const tree = new TopicTree(LIMITS);
    for (let atMs = 0; atMs < 30_000; atMs += 100) tree.add(recordOf("a/b", "x", { atMs }));
    const { rate } = tree.find("a")!;
    expect(rate.perSecond(30_000)).toBeGreaterThan(9);
    expect(rate.perSecond(30_000)).toBeLessThan(11);
    expect(rate.perSecond(34_000)).toBeLessThan(5);
    expect(rate.perSecond(200_000)).toBe(0);
  });
});

describe("its rows", () => {
  const shown = (tree: TopicTree, expansion = new TreeExpansion(), search = ""): string[] =>
    treeRows(tree.root, expansion, search).map(({ node }) => node.topic);

  test("are sorted, numbers by value, with the top open", () => {
    expect(shown(treeOf("r/room10", "r/room2", "b", "r/room2/x"))).toEqual(["b", "r", "r/room2", "r/room10"]);
  });

  test("follow what is opened and closed", () => {
    const tree = treeOf("a/b/c", "d/e");
    const expansion = new TreeExpansion();
    expansion.set(tree.find("a")!, false);
    expect(shown(tree, expansion)).toEqual(["a", "d", "d/e"]);
    expansion.setAll(tree.root, true);
    expect(shown(tree, expansion)).toEqual(["a", "a/b", "a/b/c", "d", "d/e"]);
    expansion.setAll(tree.root, false);
    expect(shown(tree, expansion)).toEqual(["a", "d"]);
  });

  test("of a search are the matches with what is above and below them, all open", () => {
    const tree = treeOf("a/Lamp/on/x", "a/door", "b/lamp", "c");
    expect(shown(tree, new TreeExpansion(), "lamp")).toEqual([
      "a",
      "a/Lamp",
      "a/Lamp/on",
      "a/Lamp/on/x",
      "b",
      "b/lamp",
    ]);
  });

  test("know their place among their siblings", () => {
    const [row] = treeRows(treeOf("a", "b").root, new TreeExpansion(), "").slice(1);
    expect(row).toMatchObject({ position: 2, siblings: 2, hasChildren: false });
  });
});
