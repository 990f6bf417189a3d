/**
 * The subscriptions of a session, in memory and in its store (MQTT 5.0 sections 3.8.4 and 3.10.4).
 */
import type { QoS, SubscriptionRequest } from "@tidings/packet";
import { parseSharedFilter } from "@tidings/topic";
import type { Session } from "./session.js";
import { Subscription } from "./subscription.js";

/** Makes or replaces a subscription. Undefined: the filter has too many levels. */
export function subscribeSession(
  session: Session,
  request: SubscriptionRequest,
  grantedQoS: QoS,
  subscriptionIdentifier: number,
): Subscription | undefined {
  const { topicFilter } = request;
  const { table } = session.broker;
  let subscription = session.subscriptions.get(topicFilter);
  if (subscription !== undefined) {
    subscription.replace(request, grantedQoS, subscriptionIdentifier);
    table.changed();
  } else {
    const shared = parseSharedFilter(topicFilter);
    const group = shared === undefined ? undefined : table.groupFor(shared.shareName, shared.topicFilter);
    subscription = new Subscription(session, topicFilter, group, request, grantedQoS, subscriptionIdentifier);
    if (!table.add(subscription)) return undefined;
    session.addSubscription(subscription);
  }
  const { noLocal, retainAsPublished, retainHandling } = subscription;
  session.store?.putSubscription(session.clientIdentifier, {
    topicFilter,
    qos: grantedQoS,
    noLocal,
    retainAsPublished,
    retainHandling,
    subscriptionIdentifier,
  });
  return subscription;
}

/** False: there was no such subscription. */
export function unsubscribeSession(session: Session, topicFilter: string): boolean {
  const subscription = session.subscriptions.get(topicFilter);
  if (subscription === undefined) return false;
  session.removeSubscription(subscription);
  session.broker.table.remove(subscription);
  session.store?.removeSubscription(session.clientIdentifier, topicFilter);
  return true;
}
