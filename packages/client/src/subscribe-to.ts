/** Subscribing and unsubscribing for a client (MQTT 5.0 sections 3.8 to 3.11). */
import type { QoS, SubscriptionRequest } from "@tidings/packet";
import type { SubscribeOptions, UnsubscribeOptions } from "./call-options.js";
import type { ClientHub } from "./client-hub.js";
import { checkFilters } from "./core/check-subscribe.js";
import type { ClientError } from "./core/client-error.js";
import { SubscribeRequest, UnsubscribeRequest } from "./core/control-request.js";
import { refusalError } from "./core/refusal-error.js";
import { subscriptionRefused } from "./core/subscription-registry.js";
import { Deferred, harmless } from "./deferred.js";
import { SUBSCRIPTION_DEFAULTS, Subscription, type SubscriptionLimits } from "./subscription.js";
import { withSignal } from "./with-signal.js";

/** What is used of SUBACK and UNSUBACK. */
interface Answer {
  readonly reasonCodes: readonly number[];
  readonly properties?: { readonly reasonString?: string };
}

/** Resolves when all filters are granted; with one refused none is kept. */
export async function subscribeTo(
  hub: ClientHub,
  filters: readonly string[],
  options: SubscribeOptions,
): Promise<Subscription> {
  const { qos = 0, noLocal = false, retainAsPublished = false, retainHandling = 0, properties, signal } = options;
  const error = checkFilters(filters) ?? hub.refusal(signal);
  if (error !== undefined) throw error;
  const subscriptions: SubscriptionRequest[] = filters.map((topicFilter) => ({
    topicFilter,
    qos,
    noLocal,
    retainAsPublished,
    retainHandling,
  }));
  const { subscriptionIdentifier, userProperties } = properties ?? {};
  const subscription = new Subscription(filters, subscriptionIdentifier, options.handler, limitsOf(options), hub);
  const answer = new Deferred<Answer>();
  const request = new SubscribeRequest({ subscriptions, subscriptionIdentifier, userProperties }, answer);
  // Messages may come before SUBACK (section 3.8.4).
  hub.openSubscriptions.push(subscription);
  if (options.detached !== true) hub.table.add(subscription);
  try {
    hub.session.request(request);
    const { reasonCodes, properties } = await withSignal(answer, signal, () => hub.session.withdraw(request));
    const refused = reasonCodes.findIndex((reasonCode) => reasonCode >= 0x80);
    if (refused >= 0) {
      const granted = filters.filter((_, index) => reasonCodes[index] < 0x80);
      void sendUnsubscribe(hub, granted).catch(() => {});
      throw subscriptionRefused(filters[refused], reasonCodes[refused], properties);
    }
    subscription.grant(reasonCodes as QoS[]);
  } catch (cause) {
    hub.forget(subscription, cause as ClientError);
    throw cause;
  }
  if (options.detached !== true) hub.handOver(subscription);
  return subscription;
}

/** Ends filters, whoever subscribed to them. */
export async function unsubscribeFilters(
  hub: ClientHub,
  filters: readonly string[],
  options?: UnsubscribeOptions,
): Promise<void> {
  const error = checkFilters(filters) ?? hub.refusal(undefined);
  if (error !== undefined) throw error;
  await sendUnsubscribe(hub, filters, options);
  for (const subscription of [...hub.openSubscriptions]) {
    for (const filter of filters) {
      if (!subscription.filters.includes(filter)) continue;
      hub.table.removeFilter(filter, subscription);
      subscription.granted.delete(filter);
    }
    if (subscription.granted.size === 0) hub.forget(subscription);
  }
}

/** Ends one subscription. */
export function unsubscribeFrom(
  hub: ClientHub,
  subscription: Subscription,
  options?: UnsubscribeOptions,
): Promise<void> {
  if (!hub.openSubscriptions.includes(subscription)) return Promise.resolve();
  const filters = subscription.filters.filter((filter) => !isSharedWithOthers(hub, filter, subscription));
  const unsubscribed = filters.length === 0 ? Promise.resolve() : sendUnsubscribe(hub, filters, options);
  return harmless(
    unsubscribed.then(
      () => hub.forget(subscription),
      (error: ClientError) => {
        hub.forget(subscription);
        if (error !== hub.ending) throw error;
      },
    ),
  );
}

/** Another subscription of this client has the same filter: the server keeps one for both. */
function isSharedWithOthers(hub: ClientHub, filter: string, subscription: Subscription): boolean {
  return hub.openSubscriptions.some((other) => other !== subscription && other.filters.includes(filter));
}

async function sendUnsubscribe(
  hub: ClientHub,
  filters: readonly string[],
  options?: UnsubscribeOptions,
): Promise<void> {
  if (filters.length === 0) return;
  if (hub.ending !== undefined) throw hub.ending;
  const answer = new Deferred<Answer>();
  hub.session.request(new UnsubscribeRequest(filters, options?.properties?.userProperties, answer));
  const { reasonCodes, properties } = await answer.promise;
  const refused = reasonCodes.findIndex((reasonCode) => reasonCode >= 0x80);
  if (refused < 0) return;
  const what = `kept the subscription to ${filters[refused]}`;
  throw refusalError("TIDINGS_CLIENT_UNSUBSCRIBE_REFUSED", what, reasonCodes[refused], properties);
}

function limitsOf({ bufferedMessagesMax, bufferedBytesMax, whenFull }: SubscribeOptions): SubscriptionLimits {
  if (bufferedMessagesMax === undefined && bufferedBytesMax === undefined && whenFull === undefined) {
    return SUBSCRIPTION_DEFAULTS;
  }
  return {
    bufferedMessagesMax: bufferedMessagesMax ?? SUBSCRIPTION_DEFAULTS.bufferedMessagesMax,
    bufferedBytesMax: bufferedBytesMax ?? SUBSCRIPTION_DEFAULTS.bufferedBytesMax,
    whenFull: whenFull ?? SUBSCRIPTION_DEFAULTS.whenFull,
  };
}
