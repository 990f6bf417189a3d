/**
 * Topic aliases of the sending side (MQTT 5.0 section 3.3.2.3.4): which alias a topic has on one connection, the least
 * recently used one given to a new topic when all are taken. While aliases are scarce a topic gets one the second time
 * it is sent, so that topics seen once do not push out busy ones.
 */
/**
 * Which topics have an alias towards the peer (section 3.3.2.3.4). One per connection [MQTT-3.3.2-7]. For each PUBLISH:
 * `find`, and where that knows nothing `propose`, then `assign` once the PUBLISH is sent.
 */
export class OutboundTopicAliases {
  /** From the least to the most recently used, once all aliases are taken. */
  readonly #aliases = new Map<string, number>();
  /** Topics without an alias that were sent lately, oldest first; as many as there are aliases. */
  #seenOnce: Set<string> | undefined;

  /** `maximum` is the Topic Alias Maximum that the peer announced, above 0 [MQTT-3.1.2-26] [MQTT-3.2.2-17]. */
  constructor(readonly maximum: number) {}

  /** The alias that the peer already knows for this topic, or 0. Marks it as used. */
  find(topicName: string): number {
    const alias = this.#aliases.get(topicName);
    if (alias === undefined) return 0;
    if (this.#aliases.size === this.maximum) {
      // Order of insertion is the order of use; it only matters once something has to go.
      this.#aliases.delete(topicName);
      this.#aliases.set(topicName, alias);
    }
    return alias;
  }

  /**
   * An alias to announce with the full topic, or 0 to send without one. For a topic that `find` does not know. Not taken
   * until `assign`: a PUBLISH that is dropped for its size must not count as having set an alias.
   */
  propose(topicName: string): number {
    if (this.#aliases.size < this.maximum) return this.#aliases.size + 1;
    this.#seenOnce ??= new Set();
    if (!this.#seenOnce.has(topicName)) {
      if (this.#seenOnce.size === this.maximum) this.#seenOnce.delete(first(this.#seenOnce) as string);
      this.#seenOnce.add(topicName);
      return 0;
    }
    return first(this.#aliases.values()) as number;
  }

  /** The PUBLISH that announces `alias` for `topicName` was sent. `alias` is what `propose` has just answered. */
  assign(topicName: string, alias: number): void {
    if (this.#aliases.size === this.maximum) this.#aliases.delete(first(this.#aliases.keys()) as string);
    this.#seenOnce?.delete(topicName);
    this.#aliases.set(topicName, alias);
  }
}

function first<T>(values: Iterable<T>): T | undefined {
  for (const value of values) return value;
  return undefined;
}
