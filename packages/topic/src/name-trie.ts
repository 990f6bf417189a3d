/**
 * Many Topic Names with one value each, searched with one Topic Filter at a time: what a server asks for the retained
 * messages of a new subscription (MQTT 5.0 and 3.1.1 section 4.7). A tree with one node per level.
 */
import { DOLLAR_SIGN, NUMBER_SIGN, PLUS_SIGN } from "./character-code.js";
import { isPlainTopicFilter } from "./is-plain-topic-filter.js";
import { isTopicName } from "./is-topic-name.js";
import { levelEnd } from "./level-end.js";
import { addChild, childrenOf, findChild, removeChild } from "./level-node.js";
import { NameNode } from "./name-node.js";
import { isSharedFilterForm } from "./parse-shared-filter.js";
import { topicLevelCount } from "./topic-level-count.js";
import { MAXIMUM_LEVELS_DEFAULT, type TrieOptions } from "./trie-options.js";
import { EMPTY } from "./value-slot.js";

/**
 * A map from Topic Name to value. `collect` visits the nodes that the filter leads to: one per level for a filter without
 * wildcards, all children at a `+`, the whole branch below a `#`. No input throws, and none can overflow the call stack.
 */
export class NameTrie<T> {
  private readonly maximumLevels: number;
  private root = new NameNode<T>("");
  private names = 0;

  constructor(options: TrieOptions = {}) {
    this.maximumLevels = options.maximumLevels ?? MAXIMUM_LEVELS_DEFAULT;
  }

  /** The number of names. */
  get size(): number {
    return this.names;
  }

  /** Stores `value`, in place of the one before. False, and no change, if `name` is malformed or has too many levels. */
  set(name: string, value: T): boolean {
    if (topicLevelCount(name) > this.maximumLevels || !isTopicName(name)) return false;
    let node = this.root;
    for (let start = 0; start <= name.length; ) {
      const end = levelEnd(name, start);
      let child = findChild(node, name, start, end);
      if (child === undefined) {
        child = new NameNode<T>(name.slice(start, end));
        addChild(node, child);
      }
      node = child;
      start = end + 1;
    }
    if (node.value === EMPTY) this.names += 1;
    node.value = value;
    return true;
  }

  /** The value of exactly this name. */
  get(name: string): T | undefined {
    let node: NameNode<T> | undefined = this.root;
    for (let start = 0; start <= name.length; ) {
      const end = levelEnd(name, start);
      node = findChild(node, name, start, end);
      if (node === undefined) return undefined;
      start = end + 1;
    }
    return node.value === EMPTY ? undefined : node.value;
  }

  /** True if there was such a name. Leaves no empty nodes behind. */
  delete(name: string): boolean {
    let node: NameNode<T> | undefined = this.root;
    const path = [node];
    for (let start = 0; start <= name.length; ) {
      const end = levelEnd(name, start);
      node = findChild(node, name, start, end);
      if (node === undefined) return false;
      path.push(node);
      start = end + 1;
    }
    if (node.value === EMPTY) return false;
    node.value = EMPTY;
    this.names -= 1;
    for (let depth = path.length - 1; depth > 0; depth -= 1) {
      if (path[depth].value !== EMPTY || path[depth].children !== undefined) break;
      removeChild(path[depth - 1], path[depth]);
    }
    return true;
  }

  /**
   * Appends the values of all names that `filter` matches to `into`, in no particular order, and gives `into` back. A
   * malformed filter, and one that begins with `$share/`, finds nothing.
   */
  collect(filter: string, into: T[]): T[] {
    if (isSharedFilterForm(filter) || !isPlainTopicFilter(filter)) return into;
    const pendingNodes: NameNode<T>[] = [this.root];
    const pendingStarts: number[] = [0];
    while (pendingNodes.length > 0) {
      const node = pendingNodes.pop() as NameNode<T>;
      const start = pendingStarts.pop() as number;
      const ended = start > filter.length;
      const code = ended ? NUMBER_SIGN : filter.charCodeAt(start);
      if (code === NUMBER_SIGN && node.value !== EMPTY) into.push(node.value);
      if (ended) continue;
      const end = levelEnd(filter, start);
      if (code !== NUMBER_SIGN && code !== PLUS_SIGN) {
        const child = findChild(node, filter, start, end);
        if (child === undefined) continue;
        pendingNodes.push(child);
        pendingStarts.push(end + 1);
        continue;
      }
      for (const child of childrenOf(node)) {
        if (start === 0 && node === this.root && child.level.charCodeAt(0) === DOLLAR_SIGN) continue; // [MQTT-4.7.2-1]
        pendingNodes.push(child);
        pendingStarts.push(code === NUMBER_SIGN ? start : end + 1);
      }
    }
    return into;
  }

  clear(): void {
    this.root = new NameNode<T>("");
    this.names = 0;
  }

  /** All names with their values, in no particular order. Changing the trie meanwhile is not supported. */
  *entries(): IterableIterator<[name: string, value: T]> {
    const pending: { node: NameNode<T>; prefix: string }[] = [{ node: this.root, prefix: "" }];
    for (let visit = pending.pop(); visit !== undefined; visit = pending.pop()) {
      const { node, prefix } = visit;
      if (node.value !== EMPTY) yield [prefix.slice(0, -1), node.value];
      for (const child of childrenOf(node)) pending.push({ node: child, prefix: `${prefix}${child.level}/` });
    }
  }
}
