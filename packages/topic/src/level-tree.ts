/**
 * A map from Topic Name or Topic Filter to an entry, kept level by level so that the tries can search it with wildcards.
 * Nothing is validated here.
 *
 * The last level of a path has no node: its entry stands in a table of the node above. So has a last `#`: `a/#` is an
 * entry for `a` in `hashEnds` of the root. That saves a node for each path, and a visit to it for each match.
 */
import { levelEnd } from "./level-end.js";
import { LevelNode } from "./level-node.js";
import { LevelText } from "./level-text.js";

export class LevelTree<Entry> {
  readonly root = new LevelNode<Entry>();
  /** Where the last path was put: its levels but the last, and their node. Paths that come in order share them. */
  private lastPrefix = "";
  private lastNode = this.root;

  get(path: string): Entry | undefined {
    let node: LevelNode<Entry> | undefined = this.root;
    for (let start = 0; node !== undefined; ) {
      const end = levelEnd(path, start);
      const level = path.slice(start, end);
      const ends = endsAt(path, end);
      if (ends !== undefined) return node.find(ends, new LevelText(level));
      node = node.find("children", new LevelText(level));
      start = end + 1;
    }
    return undefined;
  }

  /** Stores `entry`, in place of the one before, which is answered. */
  set(path: string, entry: Entry): Entry | undefined {
    let node = this.root;
    let start = 0;
    const { lastPrefix } = this;
    // `a/#` is not below `a`.
    const isHashEnd = path.length === lastPrefix.length + 1 && path.endsWith("#");
    if (lastPrefix !== "" && !isHashEnd && path.startsWith(lastPrefix)) {
      node = this.lastNode;
      start = lastPrefix.length;
    }
    for (;;) {
      const end = levelEnd(path, start);
      const level = path.slice(start, end);
      const ends = endsAt(path, end);
      if (ends !== undefined) {
        if (start !== lastPrefix.length || node !== this.lastNode) {
          this.lastPrefix = path.slice(0, start);
          this.lastNode = node;
        }
        const earlier = node.find(ends, new LevelText(level));
        node.put(ends, level, entry);
        return earlier;
      }
      let child = node.find("children", new LevelText(level));
      if (child === undefined) {
        child = new LevelNode<Entry>();
        node.put("children", level, child);
      }
      node = child;
      start = end + 1;
    }
  }

  /** Removes the entry if there is one, and the nodes that nothing is left in. */
  delete(path: string): void {
    this.lastPrefix = "";
    this.lastNode = this.root;
    const nodes: LevelNode<Entry>[] = [];
    const levels: string[] = [];
    let node: LevelNode<Entry> | undefined = this.root;
    for (let start = 0; node !== undefined; ) {
      const end = levelEnd(path, start);
      const level = path.slice(start, end);
      const ends = endsAt(path, end);
      if (ends !== undefined) {
        node.drop(ends, level);
        break;
      }
      nodes.push(node);
      levels.push(level);
      node = node.find("children", new LevelText(level));
      start = end + 1;
    }
    while (node !== undefined && nodes.length > 0 && node.isEmpty()) {
      node = nodes.pop() as LevelNode<Entry>;
      node.drop("children", levels.pop() as string);
    }
  }

  /** In no particular order. The tree must not change meanwhile. */
  *entries(): Generator<[path: string, entry: Entry]> {
    const pending: [prefix: string, node: LevelNode<Entry>][] = [["", this.root]];
    for (let visit = pending.pop(); visit !== undefined; visit = pending.pop()) {
      const [prefix, node] = visit;
      for (const [level, entry] of node.all("ends")) yield [prefix + level, entry];
      for (const [level, entry] of node.all("hashEnds")) yield [`${prefix}${level}/#`, entry];
      for (const [level, child] of node.all("children")) pending.push([`${prefix}${level}/`, child]);
    }
  }
}

/** Where the entry of `path` stands if the level that ends at `end` is the last with a text of its own. */
function endsAt(path: string, end: number): "ends" | "hashEnds" | undefined {
  if (end === path.length) return "ends";
  return end + 2 === path.length && path.endsWith("#") ? "hashEnds" : undefined;
}
