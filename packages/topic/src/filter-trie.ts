/**
 * Many Topic Filters, matched against one Topic Name at a time: what a server asks on every PUBLISH (MQTT 5.0 and 3.1.1
 * section 4.7). Knows nothing of shared subscriptions: store the inner filter of `parseSharedFilter` with a value that
 * stands for the group.
 */
import { DOLLAR_SIGN } from "./character-code.js";
import { hasWildcards } from "./has-wildcards.js";
import { isPlainTopicFilter } from "./is-plain-topic-filter.js";
import type { LevelNode } from "./level-node.js";
import { findEntry } from "./level-table.js";
import { LevelText } from "./level-text.js";
import { LevelTree } from "./level-tree.js";
import { NameLevels } from "./name-levels.js";
import { isSharedFilterForm } from "./parse-shared-filter.js";
import { topicLevelCount } from "./topic-level-count.js";
import { MAXIMUM_LEVELS_DEFAULT, type TrieOptions } from "./trie-options.js";
import { appendSlot, slotSize, slotWith, slotWithout, type Value, type ValueSlot } from "./value-slot.js";

/** The filter `#` has no level above its `#`, so it stands by itself among the first levels. */
const ONLY_HASH = /* @__PURE__ */ new LevelText("#");

type Node<T extends Value> = LevelNode<ValueSlot<T>>;

/**
 * A set of (filter, value) pairs. Values are anything but `undefined`, compared with `===`; adding a pair twice is adding
 * it once.
 *
 * Filters without wildcards cost `match` one look-up however many there are. Of the others it visits those whose levels
 * agree with the name so far: one node per level as long as no `+` leads elsewhere as well, and never more than there are.
 * No input throws, and none can overflow the call stack.
 */
export class FilterTrie<T extends Value> {
  private readonly maximumLevels: number;
  private exact = new Map<string, ValueSlot<T>>();
  private wildcards = new LevelTree<ValueSlot<T>>();
  private pairs = 0;
  private readonly levels = new NameLevels();
  /** The branches at a `+` that `match` has still to follow, and at which level of the name. Empty between calls. */
  private readonly pendingNodes: Node<T>[] = [];
  private readonly pendingDepths: number[] = [];

  constructor(options: TrieOptions = {}) {
    this.maximumLevels = options.maximumLevels ?? MAXIMUM_LEVELS_DEFAULT;
  }

  /** The number of (filter, value) pairs. */
  get size(): number {
    return this.pairs;
  }

  /**
   * True if the pair is now stored, also when it was before. False, and no change, if `filter` is malformed, has more
   * levels than `maximumLevels`, or begins with `$share/`.
   */
  add(filter: string, value: T): boolean {
    if (value === undefined || topicLevelCount(filter) > this.maximumLevels) return false;
    if (isSharedFilterForm(filter) || !isPlainTopicFilter(filter)) return false;
    const home = this.homeOf(filter);
    const slot = home.get(filter);
    const before = slotSize(slot);
    const joined = slotWith(slot, value);
    this.pairs += slotSize(joined) - before;
    if (joined !== slot) home.set(filter, joined);
    return true;
  }

  /** True if the pair was stored and is not any more. */
  remove(filter: string, value: T): boolean {
    const home = this.homeOf(filter);
    const slot = home.get(filter);
    if (slot === undefined) return false;
    const before = slotSize(slot);
    const left = slotWithout(slot, value);
    const removed = before - slotSize(left);
    this.pairs -= removed;
    if (left === undefined) home.delete(filter);
    else if (left !== slot) home.set(filter, left);
    return removed > 0;
  }

  /** The values stored under exactly this filter, in an array of the caller's own. */
  valuesOf(filter: string): readonly T[] {
    const values: T[] = [];
    appendSlot(this.homeOf(filter).get(filter), values);
    return values;
  }

  /**
   * Appends the values of all filters that match `name` to `into`, in no particular order, and gives `into` back. A value
   * stored under two matching filters is appended twice. `name` is taken to be a well-formed Topic Name, and may have any
   * number of levels; an empty one matches nothing.
   */
  match(name: string, into: T[]): T[] {
    if (name.length === 0) return into;
    if (this.exact.size > 0) appendSlot(this.exact.get(name), into);
    const { levels, pendingNodes, pendingDepths } = this;
    let node: Node<T> | undefined = this.wildcards.root;
    if (node.isEmpty()) return into;
    levels.begin(name);
    let depth = 0;
    let wildcards = name.charCodeAt(0) !== DOLLAR_SIGN; // [MQTT-4.7.2-1], lifted below the first level
    if (wildcards) appendSlot(findEntry(node.ends, ONLY_HASH), into);
    while (node !== undefined) {
      const level = levels.at(depth);
      const last = levels.isLast(depth);
      const plus = wildcards ? node.plus : undefined;
      let child: Node<T> | undefined;
      appendSlot(findEntry(node.hashEnds, level), into);
      if (last) appendSlot(findEntry(node.ends, level), into);
      else child = findEntry(node.children, level);
      if (plus !== undefined) {
        appendSlot(plus.hashEnds, into);
        if (last) {
          appendSlot(plus.ends, into);
        } else if (child === undefined) {
          child = plus.children;
        } else if (plus.children !== undefined) {
          pendingNodes.push(plus.children);
          pendingDepths.push(depth + 1);
        }
      }
      wildcards = true;
      depth += 1;
      if (child === undefined && pendingNodes.length > 0) {
        child = pendingNodes.pop();
        depth = pendingDepths.pop() as number;
      }
      node = child;
    }
    levels.end();
    return into;
  }

  clear(): void {
    this.exact = new Map();
    this.wildcards = new LevelTree();
    this.pairs = 0;
  }

  /** All pairs, in no particular order. The trie must not change meanwhile. */
  *entries(): Generator<[filter: string, value: T]> {
    for (const home of [this.exact, this.wildcards]) {
      for (const [filter, slot] of home.entries()) {
        const values: T[] = [];
        appendSlot(slot, values);
        for (const value of values) yield [filter, value];
      }
    }
  }

  private homeOf(filter: string): Map<string, ValueSlot<T>> | LevelTree<ValueSlot<T>> {
    return hasWildcards(filter) ? this.wildcards : this.exact;
  }
}
