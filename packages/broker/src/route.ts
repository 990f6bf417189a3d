/**
 * What a Topic Name resolves to: who gets its messages, as a flat array with one entry for each subscriber however many
 * of its subscriptions match (MQTT 5.0 section 3.3.4). Computed from the subscription table, valid for one generation of it.
 */
import type { QoS } from "@tidings/packet";
import type { SharedGroup } from "./shared-group.js";
import type { Subscriber } from "./subscriber.js";
import type { Subscription } from "./subscription.js";

export interface RouteTarget {
  readonly subscriber: Subscriber;
  /** The highest granted QoS of the matching subscriptions [MQTT-3.3.4-2]. */
  readonly qos: QoS;
  readonly retainAsPublished: boolean;
  /** Of all matching subscriptions that have one [MQTT-3.3.4-3] [MQTT-3.3.4-4]. */
  readonly subscriptionIdentifiers: readonly number[] | undefined;
  /** One of the matching subscriptions is No Local: what the subscriber itself publishes goes to `unlessOwn`. */
  readonly noLocal: boolean;
  /** The same, without the No Local subscriptions; undefined: nothing is left. */
  readonly unlessOwn: RouteTarget | undefined;
}

export class Route {
  targets: readonly RouteTarget[] = [];
  groups: readonly SharedGroup[] = [];
  /** Members of `groups` that may not receive this topic. */
  barred: ReadonlyMap<SharedGroup, ReadonlySet<Subscription>> | undefined = undefined;
  /** Of the subscription table when `targets` was computed. */
  generation = -1;

  constructor(
    readonly topicName: string,
    readonly topicBytes: Uint8Array,
    /** Spreads routes over small tables. */
    readonly number: number,
  ) {}
}

/** Merges matching subscriptions into one target for each subscriber. */
export function mergeTargets(subscriptions: readonly Subscription[]): RouteTarget[] {
  if (subscriptions.length === 1) return [subscriptions[0]];
  const bySubscriber = new Map<Subscriber, Subscription[]>();
  for (const subscription of subscriptions) {
    const own = bySubscriber.get(subscription.subscriber);
    if (own === undefined) bySubscriber.set(subscription.subscriber, [subscription]);
    else own.push(subscription);
  }
  const targets: RouteTarget[] = [];
  for (const own of bySubscriber.values()) targets.push(own.length === 1 ? own[0] : mergeOwn(own));
  return targets;
}

function mergeOwn(subscriptions: readonly Subscription[]): RouteTarget {
  let qos: QoS = 0;
  let retainAsPublished = false;
  let noLocal = false;
  const identifiers: number[] = [];
  for (const subscription of subscriptions) {
    if (subscription.qos > qos) qos = subscription.qos;
    retainAsPublished ||= subscription.retainAsPublished;
    noLocal ||= subscription.noLocal;
    if (subscription.subscriptionIdentifiers !== undefined) identifiers.push(...subscription.subscriptionIdentifiers);
  }
  const local = noLocal ? subscriptions.filter((subscription) => !subscription.noLocal) : [];
  return {
    subscriber: subscriptions[0].subscriber,
    qos,
    retainAsPublished,
    subscriptionIdentifiers: identifiers.length === 0 ? undefined : identifiers,
    noLocal,
    unlessOwn: local.length === 0 ? undefined : mergeOwn(local),
  };
}
