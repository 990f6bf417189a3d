/**
 * A subscription of the host process: a handler in place of a session, on the same route as every client's.
 */
import type { QoS } from "@tidings/packet";
import { parseSharedFilter } from "@tidings/topic";
import type { ApplicationMessage } from "./application-message.js";
import type { Broker } from "./broker.js";
import type { Subscriber } from "./subscriber.js";
import { Subscription } from "./subscription.js";

/** What is known of a delivery besides the message. */
export interface LocalDelivery {
  readonly qos: QoS;
  /** A retained message sent for the new subscription, or with Retain As Published one that was published so. */
  readonly retain: boolean;
}

export interface LocalSubscriptionOptions {
  /** The message's bytes are valid during the call; `message.own()` or a copy keeps them. */
  onMessage(message: ApplicationMessage, delivery: LocalDelivery): void;
  /** Highest QoS of deliveries. Default 2. */
  qos?: QoS;
  /** Default false. */
  retainAsPublished?: boolean;
  /** 0 or 1: retained messages come first; 2: not at all. Default 0. */
  retainHandling?: 0 | 1 | 2;
}

export class LocalSubscription implements Subscriber {
  readonly clientIdentifier = "";
  readonly isConnected = true;
  readonly load = 0;
  /** @internal */
  readonly subscription: Subscription;

  /** @internal Made by `Broker.subscribeLocally`. */
  constructor(
    private readonly broker: Broker,
    readonly topicFilter: string,
    private readonly options: LocalSubscriptionOptions,
    readonly number: number,
  ) {
    const shared = parseSharedFilter(topicFilter);
    const group = shared === undefined ? undefined : broker.table.groupFor(shared.shareName, shared.topicFilter);
    const { qos = 2, retainAsPublished = false, retainHandling = 0 } = options;
    const request = { topicFilter, qos, noLocal: false, retainAsPublished, retainHandling };
    this.subscription = new Subscription(this, topicFilter, group, request, qos, 0);
  }

  /** @internal */
  mayReceive(): boolean {
    return true;
  }

  /** Takes effect at once. A second call does nothing. */
  unsubscribe(): void {
    if (this.broker.locals.delete(this)) this.broker.table.remove(this.subscription);
  }

  /** @internal */
  deliver(message: ApplicationMessage, qos: QoS, retain: boolean): boolean {
    try {
      this.options.onMessage(message, { qos, retain });
    } catch (error) {
      this.broker.observer?.failure?.(undefined, error);
    }
    return true;
  }

  /** @internal */
  replayRetained(): void {
    if (this.subscription.group !== undefined || this.subscription.retainHandling === 2) return;
    for (const { message } of this.broker.retained.collect(this.topicFilter)) {
      if (message.expiresAtMs <= this.broker.nowMs) continue; // [MQTT-3.3.2-5]
      this.deliver(message, Math.min(message.qos, this.subscription.qos) as QoS, true);
    }
  }
}
