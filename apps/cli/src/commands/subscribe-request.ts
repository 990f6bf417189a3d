/** What `sub` is asked to do. */
import type { Properties, QoS } from "@tidings/packet";
import type { ConnectionSettings } from "../connection/connection-settings.js";

export interface SubscribeRequest {
  readonly connection: ConnectionSettings;
  readonly topicFilters: readonly string[];
  readonly unsubscribeFilters: readonly string[];
  /** Messages on these are not shown. */
  readonly filtersOut: readonly string[];
  readonly qos: QoS;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  readonly retainHandling: 0 | 1 | 2;
  readonly properties: Properties;
  /** End after so many. */
  readonly count?: number;
  readonly timeoutSeconds?: number;
  /** End once the server has acknowledged. */
  readonly exitAfterSubscribe: boolean;
  readonly retainedOnly: boolean;
  /** Do not show retained ones. */
  readonly skipRetained: boolean;
  readonly removeRetained: boolean;
  /** Per cent of the messages that are shown. */
  readonly randomFilterPercent: number;
}
