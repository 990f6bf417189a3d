import type { QoS } from "@tidings/packet";
import type { Subscription } from "./subscription.js";

/** One line of `Broker.subscriptions`. */
export interface SubscriptionEntry {
  /** Undefined for a subscription of the host process. */
  readonly clientIdentifier: string | undefined;
  readonly topicFilter: string;
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: 0 | 1 | 2;
  readonly subscriptionIdentifier: number | undefined;
}

export function subscriptionEntry(clientIdentifier: string | undefined, subscription: Subscription): SubscriptionEntry {
  const { topicFilter, qos, noLocal, retainAsPublished, retainHandling, subscriptionIdentifiers } = subscription;
  const subscriptionIdentifier = subscriptionIdentifiers?.[0];
  return { clientIdentifier, topicFilter, qos, noLocal, retainAsPublished, retainHandling, subscriptionIdentifier };
}
