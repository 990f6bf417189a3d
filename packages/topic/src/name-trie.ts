/**
 * Many Topic Names with one value each, searched with one Topic Filter at a time: what a server asks for the retained
 * messages of a new subscription (MQTT 5.0 and 3.1.1 section 4.7).
 */
import { hasWildcards } from "./has-wildcards.js";
import { isPlainTopicFilter } from "./is-plain-topic-filter.js";
import { isTopicName } from "./is-topic-name.js";
import { levelEnd } from "./level-end.js";
import type { LevelNode } from "./level-node.js";
import { findEntry, type LevelTable, visitEntries } from "./level-table.js";
import { LevelText } from "./level-text.js";
import { LevelTree } from "./level-tree.js";
import { isSharedFilterForm } from "./parse-shared-filter.js";
import { topicLevelCount } from "./topic-level-count.js";
import { MAXIMUM_LEVELS_DEFAULT, type TrieOptions } from "./trie-options.js";
import type { Value } from "./value-slot.js";

/**
 * A map from Topic Name to value; a value is anything but `undefined`. `collect` visits what the filter leads to: one node
 * per level for a filter without wildcards, all below at a `+`, the whole branch at a `#`. No input throws, and none can
 * overflow the call stack.
 */
export class NameTrie<T extends Value> {
  private readonly maximumLevels: number;
  private tree = new LevelTree<T>();
  private names = 0;

  constructor(options: TrieOptions = {}) {
    this.maximumLevels = options.maximumLevels ?? MAXIMUM_LEVELS_DEFAULT;
  }

  /** The number of names. */
  get size(): number {
    return this.names;
  }

  /**
   * Stores `value`, in place of the one before. False, and no change, if `name` is malformed or has more levels than
   * `maximumLevels`.
   */
  set(name: string, value: T): boolean {
    if (value === undefined || topicLevelCount(name) > this.maximumLevels || !isTopicName(name)) return false;
    if (this.tree.set(name, value) === undefined) this.names += 1;
    return true;
  }

  /** The value of exactly this name. */
  get(name: string): T | undefined {
    return this.tree.get(name);
  }

  /** True if there was such a name. */
  delete(name: string): boolean {
    if (this.tree.get(name) === undefined) return false;
    this.tree.delete(name);
    this.names -= 1;
    return true;
  }

  /**
   * Appends the values of all names that `filter` matches to `into`, in no particular order, and gives `into` back. A
   * malformed filter, and one that begins with `$share/`, finds nothing.
   */
  collect(filter: string, into: T[]): T[] {
    if (isSharedFilterForm(filter)) return into;
    if (!hasWildcards(filter)) {
      const value = this.tree.get(filter);
      if (value !== undefined) into.push(value);
    } else if (isPlainTopicFilter(filter)) {
      collectMatches(this.tree.root, filter === "#" ? "+/#" : filter, into); // the same names, and one case less
    }
    return into;
  }

  clear(): void {
    this.tree = new LevelTree();
    this.names = 0;
  }

  /** All names with their values, in no particular order. The trie must not change meanwhile. */
  entries(): Generator<[name: string, value: T]> {
    return this.tree.entries();
  }
}

/** `filter` has a wildcard, and a `#` has a level before it. Goes level by level, with all nodes that one leads to. */
function collectMatches<T extends Value>(root: LevelNode<T>, filter: string, into: T[]): void {
  let nodes = [root];
  for (let start = 0; nodes.length > 0; ) {
    const end = levelEnd(filter, start);
    const level = filter.slice(start, end);
    const last = end === filter.length;
    const allBelow = end + 2 === filter.length && filter.endsWith("#");
    const mayBeDollar = start > 0; // [MQTT-4.7.2-1]
    const below: LevelNode<T>[] = [];
    for (const node of nodes) {
      if (last || allBelow) appendMatching(node.ends, level, mayBeDollar, into);
      if (!last) appendMatching(node.children, level, mayBeDollar, below);
    }
    if (allBelow) {
      collectAll(below, into);
      return;
    }
    nodes = below;
    start = end + 1;
  }
}

/** Appends the entries that a level of a filter, not a `#`, leads to. */
function appendMatching<E>(table: LevelTable<E>, level: string, mayBeDollar: boolean, into: E[]): void {
  if (level === "+") {
    visitEntries(table, (entry, text) => {
      if (mayBeDollar || !text.startsWith("$")) into.push(entry);
    });
  } else {
    const entry = findEntry(table, new LevelText(level));
    if (entry !== undefined) into.push(entry);
  }
}

/** Appends every value from these nodes downwards. Uses `pending` up. */
function collectAll<T extends Value>(pending: LevelNode<T>[], into: T[]): void {
  const takeValue = (value: T): unknown => into.push(value);
  const takeChild = (child: LevelNode<T>): unknown => pending.push(child);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    visitEntries(node.ends, takeValue);
    visitEntries(node.children, takeChild);
  }
}
