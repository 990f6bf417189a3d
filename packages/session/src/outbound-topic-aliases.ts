/**
 * Topic aliases of the sending side (MQTT 5.0 section 3.3.2.3.4): which alias a topic has on one connection, the least
 * recently used one given to a new topic when all are taken. A topic gets an alias the second time it is sent while
 * aliases are scarce, so that topics seen once do not push out busy ones.
 */
export class OutboundTopicAliases {
  private readonly aliases = new Map<string, number>();
  private candidate = "";

  /** `maximum` is the Topic Alias Maximum that the peer announced, above 0 [MQTT-3.1.2-26] [MQTT-3.2.2-17]. */
  constructor(readonly maximum: number) {}

  /** The alias that the peer already knows for this topic, or 0. Marks it as used. */
  find(topicName: string): number {
    const alias = this.aliases.get(topicName);
    if (alias === undefined) return 0;
    if (this.aliases.size === this.maximum) {
      // Order of insertion is the order of use; it only matters once something has to go.
      this.aliases.delete(topicName);
      this.aliases.set(topicName, alias);
    }
    return alias;
  }

  /**
   * An alias to announce with the full topic, or 0 to send without one. Not taken until `assign`: a PUBLISH that is
   * dropped for its size must not count as having set an alias.
   */
  propose(topicName: string): number {
    if (this.aliases.size < this.maximum) return this.aliases.size + 1;
    if (this.candidate !== topicName) {
      this.candidate = topicName;
      return 0;
    }
    for (const alias of this.aliases.values()) return alias;
    return 0;
  }

  /** The PUBLISH that announces `alias` for `topicName` was sent. */
  assign(topicName: string, alias: number): void {
    if (this.aliases.size === this.maximum) {
      for (const oldest of this.aliases.keys()) {
        this.aliases.delete(oldest);
        break;
      }
    }
    this.aliases.set(topicName, alias);
  }
}
