/** The visible rows of the topic tree, top to bottom: what is expanded, or what a search leaves. */
import type { TopicNode } from "./topic-tree.js";

export interface TreeRow {
  readonly node: TopicNode;
  readonly isExpanded: boolean;
  readonly hasChildren: boolean;
  /** From 1, among its siblings. */
  readonly position: number;
  readonly siblings: number;
}

/** Levels that are open until somebody closes them. */
const OPEN_DEPTH = 1;

export class TreeExpansion {
  readonly #chosen = new WeakMap<TopicNode, boolean>();
  /** Changes with every choice. */
  version = 0;

  isExpanded(node: TopicNode): boolean {
    return this.#chosen.get(node) ?? node.depth <= OPEN_DEPTH;
  }

  set(node: TopicNode, isExpanded: boolean): void {
    this.#chosen.set(node, isExpanded);
    this.version += 1;
  }

  /** The node and everything below it. */
  setAll(node: TopicNode, isExpanded: boolean): void {
    for (const pending = [node]; pending.length > 0; ) {
      const next = pending.pop()!;
      if (next.depth > 0) this.#chosen.set(next, isExpanded);
      pending.push(...next.children.values());
    }
    this.version += 1;
  }
}

export function treeRows(root: TopicNode, expansion: TreeExpansion, search: string): TreeRow[] {
  const wanted = search.trim().toLowerCase();
  const kept = wanted === "" ? undefined : nodesMatching(root, wanted);
  const rows: TreeRow[] = [];
  const pending: TreeRow[] = [];
  const queue = (parent: TopicNode): void => {
    const children = kept === undefined ? parent.sortedChildren() : parent.sortedChildren().filter((c) => kept.has(c));
    for (let index = children.length - 1; index >= 0; index -= 1) {
      const node = children[index];
      const isExpanded = kept !== undefined || expansion.isExpanded(node);
      const hasChildren = node.children.size > 0;
      pending.push({ node, isExpanded, hasChildren, position: index + 1, siblings: children.length });
    }
  };
  queue(root);
  while (pending.length > 0) {
    const row = pending.pop()!;
    rows.push(row);
    if (row.isExpanded && row.hasChildren) queue(row.node);
  }
  return rows;
}

/** Nodes whose topic contains the text, and all above and below them. */
function nodesMatching(root: TopicNode, wanted: string): Set<TopicNode> {
  const kept = new Set<TopicNode>();
  for (const pending = [root]; pending.length > 0; ) {
    const node = pending.pop()!;
    pending.push(...node.children.values());
    // A child's topic begins with its parent's, so what is below a match matches as well.
    if (!node.topic.toLowerCase().includes(wanted)) continue;
    for (let at: TopicNode | undefined = node; at !== undefined && !kept.has(at); at = at.parent) kept.add(at);
  }
  return kept;
}
