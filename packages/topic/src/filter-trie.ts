/**
 * Many Topic Filters, matched against one Topic Name at a time: what a server asks on every PUBLISH (MQTT 5.0 and 3.1.1
 * section 4.7). A tree with one node per level. Knows nothing of shared subscriptions: store the inner filter of
 * `parseSharedFilter` with a value that stands for the group.
 */
import { DOLLAR_SIGN, NUMBER_SIGN, PLUS_SIGN } from "./character-code.js";
import { FilterNode, isEmptyNode } from "./filter-node.js";
import { isPlainTopicFilter } from "./is-plain-topic-filter.js";
import { levelEnd } from "./level-end.js";
import { addChild, childrenOf, findChild, removeChild } from "./level-node.js";
import { isSharedFilterForm } from "./parse-shared-filter.js";
import { topicLevelCount } from "./topic-level-count.js";
import { MAXIMUM_LEVELS_DEFAULT, type TrieOptions } from "./trie-options.js";
import { appendSlot, slotSize, slotWith, slotWithout } from "./value-slot.js";

/**
 * A set of (filter, value) pairs. Values are compared with `===` and may be anything; adding a pair twice is adding it once.
 *
 * `match` visits at most one node for each stored path that agrees with the name so far: one per level for filters without
 * `+`, and in no case more than there are nodes. It allocates nothing but what it appends. No input throws, and none can
 * overflow the call stack.
 */
export class FilterTrie<T> {
  private readonly maximumLevels: number;
  private root = new FilterNode<T>("");
  private pairs = 0;
  /** Branches that `match` has still to visit: a `+` node, and where in the name its level ends. */
  private readonly pendingNodes: FilterNode<T>[] = [];
  private readonly pendingEnds: number[] = [];

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
    if (topicLevelCount(filter) > this.maximumLevels) return false;
    if (isSharedFilterForm(filter) || !isPlainTopicFilter(filter)) return false;
    let node = this.root;
    for (let start = 0; start <= filter.length; ) {
      const end = levelEnd(filter, start);
      const code = filter.charCodeAt(start);
      if (code === NUMBER_SIGN) {
        const before = slotSize(node.hashValues);
        node.hashValues = slotWith(node.hashValues, value);
        this.pairs += slotSize(node.hashValues) - before;
        return true;
      }
      if (code === PLUS_SIGN) {
        node.plus ??= new FilterNode<T>("+");
        node = node.plus;
      } else {
        let child = findChild(node, filter, start, end);
        if (child === undefined) {
          child = new FilterNode<T>(filter.slice(start, end));
          addChild(node, child);
        }
        node = child;
      }
      start = end + 1;
    }
    const before = slotSize(node.values);
    node.values = slotWith(node.values, value);
    this.pairs += slotSize(node.values) - before;
    return true;
  }

  /** True if the pair was stored and is not any more. Leaves no empty nodes behind. */
  remove(filter: string, value: T): boolean {
    const path = this.pathOf(filter);
    if (path === undefined) return false;
    const node = path[path.length - 1];
    const slot = filter.endsWith("#") ? "hashValues" : "values";
    const before = slotSize(node[slot]);
    node[slot] = slotWithout(node[slot], value);
    const removed = before - slotSize(node[slot]);
    this.pairs -= removed;
    for (let depth = path.length - 1; depth > 0 && isEmptyNode(path[depth]); depth -= 1) {
      const parent = path[depth - 1];
      if (parent.plus === path[depth]) parent.plus = undefined;
      else removeChild(parent, path[depth]);
    }
    return removed > 0;
  }

  /** The values stored under exactly this filter, as an array of the caller's own. */
  valuesOf(filter: string): readonly T[] {
    const values: T[] = [];
    const path = this.pathOf(filter);
    if (path !== undefined) {
      const node = path[path.length - 1];
      appendSlot(filter.endsWith("#") ? node.hashValues : node.values, values);
    }
    return values;
  }

  /**
   * Appends the values of all filters that match `name` to `into`, in no particular order, and gives `into` back. A value
   * stored under two matching filters is appended twice. `name` is taken to be a well-formed Topic Name and may have any
   * number of levels; an empty one matches nothing.
   */
  match(name: string, into: T[]): T[] {
    const length = name.length;
    if (length === 0) return into;
    const { pendingNodes, pendingEnds } = this;
    let pending = 0;
    let node = this.root;
    let start = 0;
    let wildcards = name.charCodeAt(0) !== DOLLAR_SIGN; // [MQTT-4.7.2-1]
    for (;;) {
      if (wildcards) appendSlot(node.hashValues, into);
      let next: FilterNode<T> | undefined;
      let end = start;
      if (start > length) {
        appendSlot(node.values, into);
      } else {
        end = levelEnd(name, start);
        if (wildcards && node.plus !== undefined) {
          pendingNodes[pending] = node.plus;
          pendingEnds[pending] = end;
          pending += 1;
        }
        next = findChild(node, name, start, end);
      }
      wildcards = true;
      if (next === undefined) {
        if (pending === 0) return into;
        pending -= 1;
        next = pendingNodes[pending];
        end = pendingEnds[pending];
      }
      node = next;
      start = end + 1;
    }
  }

  clear(): void {
    this.root = new FilterNode<T>("");
    this.pendingNodes.length = 0;
    this.pairs = 0;
  }

  /** All pairs, in no particular order. Changing the trie meanwhile is not supported. */
  *entries(): IterableIterator<[filter: string, value: T]> {
    const pending: { node: FilterNode<T>; prefix: string }[] = [{ node: this.root, prefix: "" }];
    for (let visit = pending.pop(); visit !== undefined; visit = pending.pop()) {
      const { node, prefix } = visit;
      const filter = prefix.slice(0, -1);
      for (const value of appendSlot(node.values, [])) yield [filter, value];
      for (const value of appendSlot(node.hashValues, [])) yield [`${prefix}#`, value];
      if (node.plus !== undefined) pending.push({ node: node.plus, prefix: `${prefix}+/` });
      for (const child of childrenOf(node)) pending.push({ node: child, prefix: `${prefix}${child.level}/` });
    }
  }

  /** The nodes from the root to the one that holds the values of `filter`. Undefined if there is none. */
  private pathOf(filter: string): FilterNode<T>[] | undefined {
    let node: FilterNode<T> | undefined = this.root;
    const path = [node];
    for (let start = 0; start <= filter.length; ) {
      const end = levelEnd(filter, start);
      const code = filter.charCodeAt(start);
      if (code === NUMBER_SIGN) return end === filter.length && end - start === 1 ? path : undefined;
      node = code === PLUS_SIGN && end - start === 1 ? node.plus : findChild(node, filter, start, end);
      if (node === undefined) return undefined;
      path.push(node);
      start = end + 1;
    }
    return path;
  }
}
