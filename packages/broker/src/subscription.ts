/**
 * One subscription of one subscriber (MQTT 5.0 section 3.8.3.1). Doubles as a route's target, so that the common case
 * of one matching subscription per subscriber costs no object.
 */
import type { QoS, SubscriptionRequest } from "@tidings/packet";
import type { RouteTarget } from "./route.js";
import type { SharedGroup } from "./shared-group.js";
import type { Subscriber } from "./subscriber.js";

export class Subscription implements RouteTarget {
  qos: QoS;
  noLocal: boolean;
  retainAsPublished: boolean;
  retainHandling: 0 | 1 | 2;
  /** One identifier as it is sent, or undefined. */
  subscriptionIdentifiers: readonly number[] | undefined;
  readonly unlessOwn: undefined = undefined;

  constructor(
    readonly subscriber: Subscriber,
    /** As the client sent it, `$share/…` included. */
    readonly topicFilter: string,
    /** Set for a shared subscription. */
    readonly group: SharedGroup | undefined,
    request: SubscriptionRequest,
    grantedQoS: QoS,
    subscriptionIdentifier: number,
  ) {
    this.qos = grantedQoS;
    this.noLocal = request.noLocal;
    this.retainAsPublished = request.retainAsPublished;
    this.retainHandling = request.retainHandling;
    this.subscriptionIdentifiers = subscriptionIdentifier === 0 ? undefined : [subscriptionIdentifier];
  }

  /** The same filter again: options and identifier are replaced, without a gap [MQTT-3.8.4-3]. */
  replace(request: SubscriptionRequest, grantedQoS: QoS, subscriptionIdentifier: number): void {
    this.qos = grantedQoS;
    this.noLocal = request.noLocal;
    this.retainAsPublished = request.retainAsPublished;
    this.retainHandling = request.retainHandling;
    this.subscriptionIdentifiers = subscriptionIdentifier === 0 ? undefined : [subscriptionIdentifier];
  }
}
