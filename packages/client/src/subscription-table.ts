/** Which subscriptions of this client a message belongs to. */
import { matches, parseSharedFilter } from "@tidings/topic";
import type { Message } from "./core/message.js";
import type { Subscription } from "./subscription.js";

/** Topics whose subscriptions are remembered. */
const CACHED_TOPICS_MAX = 1_024;
const NOBODY: readonly Subscription[] = [];

export class SubscriptionTable {
  /** By filter, without the `$share/…/` of shared ones. */
  #exact: Map<string, Subscription[]> | undefined;
  #withWildcards: Map<string, Subscription[]> | undefined;
  #cache: Map<string, readonly Subscription[]> | undefined;
  #lastTopic: string | undefined;
  #lastFound: readonly Subscription[] = NOBODY;
  #identified = 0;

  add(subscription: Subscription): void {
    for (const filter of subscription.filters) {
      const inner = innerFilter(filter);
      const map = hasWildcards(inner) ? (this.#withWildcards ??= new Map()) : (this.#exact ??= new Map());
      const list = map.get(inner);
      if (list === undefined) map.set(inner, [subscription]);
      else list.push(subscription);
    }
    if (subscription.subscriptionIdentifier !== undefined) this.#identified += 1;
    this.#forget();
  }

  remove(subscription: Subscription): void {
    for (const filter of subscription.filters) this.removeFilter(filter, subscription);
    if (subscription.subscriptionIdentifier !== undefined) this.#identified -= 1;
  }

  removeFilter(filter: string, subscription: Subscription): void {
    const inner = innerFilter(filter);
    const map = hasWildcards(inner) ? this.#withWildcards : this.#exact;
    const rest = map?.get(inner)?.filter((other) => other !== subscription) ?? NOBODY;
    if (rest.length > 0) map?.set(inner, [...rest]);
    else map?.delete(inner);
    this.#forget();
  }

  /** In no particular order; each once. A message with Subscription Identifiers of ours belongs to these alone. */
  find(message: Message): readonly Subscription[] {
    const { topic } = message;
    if (topic !== this.#lastTopic) {
      this.#lastFound = this.#lookUp(topic);
      this.#lastTopic = topic;
    }
    if (this.#identified === 0) return this.#lastFound;
    const identifiers = message.properties.subscriptionIdentifiers;
    if (identifiers === undefined) return this.#lastFound;
    const meant = this.#lastFound.filter(
      ({ subscriptionIdentifier }) =>
        subscriptionIdentifier !== undefined && identifiers.includes(subscriptionIdentifier),
    );
    return meant.length > 0 ? meant : this.#lastFound;
  }

  #lookUp(topic: string): readonly Subscription[] {
    if (this.#withWildcards === undefined) return this.#exact?.get(topic) ?? NOBODY;
    let found = this.#cache?.get(topic);
    if (found === undefined) {
      const all = new Set(this.#exact?.get(topic));
      for (const [filter, list] of this.#withWildcards) {
        if (matches(filter, topic)) for (const subscription of list) all.add(subscription);
      }
      found = [...all];
      this.#cache ??= new Map();
      if (this.#cache.size >= CACHED_TOPICS_MAX) this.#cache.clear();
      this.#cache.set(topic, found);
    }
    return found;
  }

  #forget(): void {
    this.#cache = undefined;
    this.#lastTopic = undefined;
  }
}

function innerFilter(filter: string): string {
  return parseSharedFilter(filter)?.topicFilter ?? filter;
}

function hasWildcards(filter: string): boolean {
  return filter.includes("+") || filter.includes("#");
}
