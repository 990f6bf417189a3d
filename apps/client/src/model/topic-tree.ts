/**
 * Topics seen so far as a tree with the last two values, counts and rates; bounded by topics and by bytes. What no longer
 * fits is counted and otherwise ignored, so that the tree that is on the screen stays as it is.
 */
import { DecayingRate } from "./decaying-rate.js";
import type { MessageRecord } from "./message-record.js";

export interface TopicTreeLimits {
  /** Levels of topics: each is a node. */
  readonly nodesMax: number;
  /** For names and values together. */
  readonly bytesMax: number;
}

/** Beyond the limit of bytes only this much of a value is kept. */
const PREVIEW_BYTES = 128;
const NODE_BYTES = 300;

export class TopicNode {
  readonly children = new Map<string, TopicNode>();
  readonly rate = new DecayingRate();
  /** Messages on this very topic. */
  messages = 0;
  /** Messages on this topic and on those below. */
  messagesBelow = 0;
  /** Topics at or below this level that had a message. */
  topicsBelow = 0;
  last: MessageRecord | undefined;
  previous: MessageRecord | undefined;
  #sorted: TopicNode[] | undefined;

  constructor(
    /** Empty for the root. */
    readonly topic: string,
    readonly level: string,
    /** 0 for the root. */
    readonly depth: number,
    readonly parent: TopicNode | undefined,
  ) {}

  sortedChildren(): readonly TopicNode[] {
    return (this.#sorted ??= [...this.children.values()].sort((a, b) => compare(a.level, b.level)));
  }

  add(level: string): TopicNode {
    const topic = this.depth === 0 ? level : `${this.topic}/${level}`;
    const child = new TopicNode(topic, level, this.depth + 1, this);
    this.children.set(level, child);
    this.#sorted = undefined;
    return child;
  }
}

export class TopicTree {
  root = new TopicNode("", "", 0, undefined);
  nodes = 0;
  bytes = 0;
  /** Messages on topics for which there was no place. */
  ignored = 0;
  /** Changes with the set of nodes. */
  structureVersion = 0;

  constructor(readonly limits: TopicTreeLimits) {}

  /** False: there was no place for the topic. */
  add(record: MessageRecord): boolean {
    const node = this.#place(record.topic);
    if (node === undefined) {
      this.ignored += 1;
      return false;
    }
    this.#remember(node, record);
    const isNewTopic = node.messages === 0;
    node.messages += 1;
    for (let at: TopicNode | undefined = node; at !== undefined; at = at.parent) {
      at.messagesBelow += 1;
      at.rate.add(record.atMs);
      if (isNewTopic) at.topicsBelow += 1;
    }
    return true;
  }

  find(topic: string): TopicNode | undefined {
    let node: TopicNode | undefined = this.root;
    for (const level of topic.split("/")) node = node?.children.get(level);
    return node;
  }

  clear(): void {
    this.root = new TopicNode("", "", 0, undefined);
    this.nodes = 0;
    this.bytes = 0;
    this.ignored = 0;
    this.structureVersion += 1;
  }

  #place(topic: string): TopicNode | undefined {
    const levels = topic.split("/");
    let node = this.root;
    let known = 0;
    for (; known < levels.length; known += 1) {
      const child = node.children.get(levels[known]);
      if (child === undefined) break;
      node = child;
    }
    if (known === levels.length) return node;
    const missing = levels.length - known;
    // Every node holds its whole topic and its level.
    const cost = missing * (NODE_BYTES + 4 * topic.length);
    if (this.nodes + missing > this.limits.nodesMax || this.bytes + cost > this.limits.bytesMax) return undefined;
    for (; known < levels.length; known += 1) node = node.add(levels[known]);
    this.nodes += missing;
    this.bytes += cost;
    this.structureVersion += 1;
    return node;
  }

  #remember(node: TopicNode, record: MessageRecord): void {
    this.bytes -= node.previous?.payload.length ?? 0;
    node.previous = node.last;
    const fits = this.bytes + record.payload.length <= this.limits.bytesMax;
    node.last =
      fits || record.payload.length <= PREVIEW_BYTES
        ? record
        : { ...record, payload: record.payload.slice(0, PREVIEW_BYTES) };
    this.bytes += node.last.payload.length;
  }
}

/** Numbers in names by their value, so that `room2` comes before `room10`. */
const { compare } = new Intl.Collator("en", { numeric: true });
