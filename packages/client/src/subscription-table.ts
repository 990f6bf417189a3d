/** Which subscriptions of this client a message belongs to. */
import { FilterTrie, parseSharedFilter } from "@tidings/topic";
import type { Message } from "./core/message.js";
import type { Subscription } from "./subscription.js";

/** Topics whose subscriptions are remembered. */
const CACHED_TOPICS_MAX = 1_024;

export class SubscriptionTable {
  private readonly trie = new FilterTrie<Subscription>();
  private readonly cache = new Map<string, Subscription[]>();
  private lastTopic: string | undefined;
  private lastFound: Subscription[] = [];
  private identified = 0;

  add(subscription: Subscription): void {
    for (const filter of subscription.filters) this.trie.add(innerFilter(filter), subscription);
    if (subscription.subscriptionIdentifier !== undefined) this.identified += 1;
    this.forget();
  }

  remove(subscription: Subscription): void {
    for (const filter of subscription.filters) this.trie.remove(innerFilter(filter), subscription);
    if (subscription.subscriptionIdentifier !== undefined) this.identified -= 1;
    this.forget();
  }

  removeFilter(filter: string, subscription: Subscription): void {
    this.trie.remove(innerFilter(filter), subscription);
    this.forget();
  }

  /** In no particular order; each once. A message with Subscription Identifiers of ours belongs to these alone. */
  find(message: Message): readonly Subscription[] {
    const { topic } = message;
    if (topic !== this.lastTopic) {
      this.lastFound = this.lookUp(topic);
      this.lastTopic = topic;
    }
    if (this.identified === 0) return this.lastFound;
    const identifiers = message.properties.subscriptionIdentifiers;
    if (identifiers === undefined) return this.lastFound;
    const meant = this.lastFound.filter(
      ({ subscriptionIdentifier }) =>
        subscriptionIdentifier !== undefined && identifiers.includes(subscriptionIdentifier),
    );
    return meant.length > 0 ? meant : this.lastFound;
  }

  private lookUp(topic: string): Subscription[] {
    let found = this.cache.get(topic);
    if (found === undefined) {
      found = [...new Set(this.trie.match(topic, []))];
      if (this.cache.size >= CACHED_TOPICS_MAX) this.cache.clear();
      this.cache.set(topic, found);
    }
    return found;
  }

  private forget(): void {
    this.cache.clear();
    this.lastTopic = undefined;
  }
}

function innerFilter(filter: string): string {
  return parseSharedFilter(filter)?.topicFilter ?? filter;
}
