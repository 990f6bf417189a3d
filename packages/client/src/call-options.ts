/** What the calls of a client take, beside their subject. */
import type { QoS, UserProperty } from "@tidings/packet";
import type { PublishProperties } from "./core/outgoing-message.js";
import type { MessageHandler } from "./subscription.js";

export interface PublishOptions {
  /** Default 0. */
  readonly qos?: QoS;
  /** Default false. */
  readonly retain?: boolean;
  /** 5.0 only; left out on other connections. */
  readonly properties?: PublishProperties;
  /** Stops waiting. A message that is queued or under way is not called back. */
  readonly signal?: AbortSignal;
}

export interface SubscribeOptions {
  /** The highest QoS wanted. Default 0. */
  readonly qos?: QoS;
  /** 5.0: not the messages that this client publishes. Default false. */
  readonly noLocal?: boolean;
  /** 5.0: keep the RETAIN flag as the publisher set it. Default false. */
  readonly retainAsPublished?: boolean;
  /** 5.0: 0 send retained messages, 1 only for a new subscription, 2 never. Default 0. */
  readonly retainHandling?: 0 | 1 | 2;
  /** 5.0 only; left out on other connections. */
  readonly properties?: {
    readonly subscriptionIdentifier?: number;
    readonly userProperties?: readonly UserProperty[];
  };
  /** Gets the messages, one by one; without it the subscription is iterated. */
  readonly handler?: MessageHandler;
  /** Messages that may wait to be taken, for QoS 0; Receive Maximum bounds the others. Default 10,000. */
  readonly bufferedMessagesMax?: number;
  /** Bytes of their payloads. Default 16 MiB. */
  readonly bufferedBytesMax?: number;
  /** At these limits: `drop` QoS 0 messages and count them, or `pause` reading from the server. Default `drop`. */
  readonly whenFull?: "drop" | "pause";
  /** Leave its messages to `onMessage` and `messages`: the subscription is only made and kept. Default false. */
  readonly detached?: boolean;
  /** Stops waiting for the answer, and subscribing if it was not sent. */
  readonly signal?: AbortSignal;
}

export interface UnsubscribeOptions {
  /** 5.0 only; left out on other connections. */
  readonly properties?: { readonly userProperties?: readonly UserProperty[] };
}

export interface CloseOptions {
  /** Of DISCONNECT. Default 0; 0x04 makes the server publish the Will Message. */
  readonly reasonCode?: number;
  /** 5.0 only; left out on other connections, and where the server does not take so large a packet. */
  readonly properties?: {
    readonly sessionExpiryInterval?: number;
    readonly reasonString?: string;
    readonly userProperties?: readonly UserProperty[];
  };
  /** Do not wait for acknowledgements. Default false. */
  readonly force?: boolean;
  /** How long everything may take. Milliseconds, default 5,000. */
  readonly timeoutMs?: number;
}
