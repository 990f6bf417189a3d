/** What a command tells while it works: `-d` of either dialect. */
import type { Properties, QoS } from "@tidings/packet";

export interface SentMessage {
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: boolean;
  readonly payload: Uint8Array;
  readonly properties: Properties;
}

export interface CommandTrace {
  connecting(): void;
  connected(clientIdentifier: string, wasAssigned: boolean): void;
  lost(reason: string, willRetryInMs: number | undefined): void;
  reconnected(sessionPresent: boolean): void;
  /** What no command waits for: an attempt that failed, a subscription that the server does not give back. */
  problem(reason: string): void;
  publishing(number: number, message: SentMessage): void;
  published(number: number, message: SentMessage, reasonCode: number): void;
  subscribing(number: number, topicFilters: readonly string[], qos: QoS, options: number): void;
  subscribed(number: number, granted: readonly number[]): void;
  unsubscribing(number: number, topicFilters: readonly string[]): void;
  unsubscribed(number: number): void;
  received(message: {
    topic: string;
    qos: number;
    retain: boolean;
    dup: boolean;
    packetIdentifier: number;
    payload: Uint8Array;
  }): void;
  disconnecting(): void;
}

/** Says nothing. */
export const silentTrace: CommandTrace = {
  connecting() {},
  connected() {},
  lost() {},
  reconnected() {},
  problem() {},
  publishing() {},
  published() {},
  subscribing() {},
  subscribed() {},
  unsubscribing() {},
  unsubscribed() {},
  received() {},
  disconnecting() {},
};
