/**
 * Retained messages on their way to one session after a SUBSCRIBE (MQTT 5.0 section 3.3.1.3). They follow the pace of
 * the client: QoS 0 waits while the connection is full, QoS 1 and 2 take send slots as these get free, and neither
 * pushes live messages out of the queue.
 */
import type { QoS } from "@tidings/packet";
import type { RetainedMessage } from "./retained-messages.js";
import type { Session } from "./session.js";
import type { Subscription } from "./subscription.js";

interface Batch {
  readonly retained: readonly RetainedMessage[];
  readonly subscription: Subscription;
  next: number;
}

export class RetainedReplay {
  private batches: Batch[] = [];
  private waiting = 0;

  constructor(private readonly session: Session) {}

  /** False: more than the limit would wait; nothing was added. */
  add(subscription: Subscription): boolean {
    const { broker } = this.session;
    const retained = broker.retained.collect(subscription.topicFilter);
    if (retained.length === 0) return true;
    // The same filter again starts anew.
    this.batches = this.batches.filter((batch) => batch.subscription !== subscription);
    this.waiting = this.batches.reduce((sum, batch) => sum + batch.retained.length - batch.next, 0);
    if (this.waiting + retained.length > broker.limits.replayMessagesMax) return false;
    this.waiting += retained.length;
    this.batches.push({ retained, subscription, next: 0 });
    this.pump();
    return true;
  }

  pump(): void {
    const { session } = this;
    while (this.batches.length > 0 && session.writable) {
      const batch = this.batches[0];
      if (batch.next === batch.retained.length) {
        this.batches.shift();
        continue;
      }
      const retained = batch.retained[batch.next];
      if (this.qosOf(batch, retained) > 0 && !session.outbound.isReady) return;
      batch.next += 1;
      this.waiting -= 1;
      this.deliver(batch, retained);
    }
  }

  /** The connection is gone: what would have been sent at QoS 1 and 2 belongs to the session's queue. */
  toQueue(): void {
    for (const batch of this.batches) {
      for (; batch.next < batch.retained.length; batch.next++) {
        const retained = batch.retained[batch.next];
        if (this.qosOf(batch, retained) > 0) this.deliver(batch, retained);
      }
    }
    this.batches = [];
    this.waiting = 0;
  }

  private deliver(batch: Batch, retained: RetainedMessage): void {
    const { subscription } = batch;
    const { message } = retained;
    const { session } = this;
    // Replaced or cleared since: whoever did that has already sent the newer one here.
    if (!retained.isCurrent || message.expiresAtMs <= session.broker.nowMs) return;
    if (session.subscriptions.get(subscription.topicFilter) !== subscription) return;
    if (!session.mayReceive(message.topicName)) return;
    if (subscription.noLocal && message.publisherIdentifier === session.clientIdentifier) return; // [MQTT-3.8.3-3]
    const qos = this.qosOf(batch, retained);
    session.deliver(message, qos, true, subscription.subscriptionIdentifiers, undefined); // RETAIN is 1 [MQTT-3.3.1-8]
  }

  private qosOf(batch: Batch, retained: RetainedMessage): QoS {
    return Math.min(batch.subscription.qos, retained.message.qos) as QoS;
  }
}
