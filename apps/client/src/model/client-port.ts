/** The part of @tidings/client that the page uses. */
import type { Properties } from "@tidings/packet";
import type { MessageProperties, QoS } from "./message-record.js";

export interface ReceivedMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly properties: MessageProperties;
}

export interface SubscriptionPort {
  /** QoS granted for each filter. */
  readonly granted: readonly number[];
  unsubscribe(): Promise<void>;
}

export interface ClientPort {
  publish(
    topic: string,
    payload: Uint8Array | string,
    options?: { qos?: QoS; retain?: boolean; properties?: MessageProperties },
  ): Promise<{ readonly reasonCode: number }>;
  subscribe(
    filter: string,
    options: {
      qos?: QoS;
      noLocal?: boolean;
      retainAsPublished?: boolean;
      retainHandling?: 0 | 1 | 2;
      properties?: Pick<Properties, "userProperties"> & { subscriptionIdentifier?: number };
      handler: (message: ReceivedMessage) => void;
    },
  ): Promise<SubscriptionPort>;
  request(
    topic: string,
    payload: Uint8Array,
    options?: { timeoutMs?: number; qos?: QoS; properties?: MessageProperties },
  ): Promise<ReceivedMessage>;
  respond(
    filter: string,
    handler: (message: ReceivedMessage) => Uint8Array | string,
    options?: { qos?: QoS },
  ): Promise<SubscriptionPort>;
  close(): Promise<void>;
}
