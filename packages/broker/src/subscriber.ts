/**
 * Where messages go: a session of a client, or a subscription of the host process.
 */
import type { QoS } from "@tidings/packet";
import type { ApplicationMessage } from "./application-message.js";
import type { SharedGroup } from "./shared-group.js";

export interface Subscriber {
  readonly clientIdentifier: string;
  /** Someone is there to take messages now. */
  readonly isConnected: boolean;
  /** Messages sent and not acknowledged, and queued. For choosing the least busy. */
  readonly load: number;
  /** Messages of this topic may go there. Asked when a topic is resolved. */
  mayReceive(topicName: string): boolean;
  /**
   * Sends, queues or drops, and never throws. `qos` is the QoS of the delivery. False: dropped.
   */
  deliver(
    message: ApplicationMessage,
    qos: QoS,
    retain: boolean,
    subscriptionIdentifiers: readonly number[] | undefined,
    group: SharedGroup | undefined,
  ): boolean;
}
