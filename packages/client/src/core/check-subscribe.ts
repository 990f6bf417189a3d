/** What a SUBSCRIBE or UNSUBSCRIBE may not be, found out before it is sent (MQTT 5.0 sections 3.8, 3.10, 4.7 and 4.8). */
import { ReasonCode } from "@tidings/packet";
import { isTopicFilter, parseSharedFilter } from "@tidings/topic";
import { invalid, notOffered } from "./check-publish.js";
import type { ClientError } from "./client-error.js";
import type { ServerInfo } from "./server-info.js";

/** Undefined when MQTT allows all of them. The options of a subscription are the encoder's to check. */
export function checkFilters(topicFilters: readonly string[]): ClientError | undefined {
  if (topicFilters.length === 0) return invalid("at least one Topic Filter is needed"); // [MQTT-3.8.3-2] [MQTT-3.10.3-2]
  for (const topicFilter of topicFilters) {
    // [MQTT-4.7.1-1] [MQTT-4.7.1-2] [MQTT-4.8.2-1] [MQTT-4.8.2-2]
    if (typeof topicFilter !== "string" || !isTopicFilter(topicFilter)) {
      return invalid(`${JSON.stringify(topicFilter)} is no Topic Filter`);
    }
  }
  return undefined;
}

/** Undefined when the server offers what is asked for. */
export function checkSubscribeOffered(
  topicFilters: readonly string[],
  subscriptionIdentifier: number | undefined,
  server: ServerInfo,
): ClientError | undefined {
  for (const topicFilter of topicFilters) {
    const shared = parseSharedFilter(topicFilter);
    if (shared !== undefined && (!server.sharedSubscriptionAvailable || server.protocolVersion !== 5)) {
      return notOffered(`shared subscriptions (${topicFilter})`, ReasonCode.SharedSubscriptionsNotSupported);
    }
    if (!server.wildcardSubscriptionAvailable && /[+#]/.test(shared?.topicFilter ?? topicFilter)) {
      return notOffered(`wildcards in subscriptions (${topicFilter})`, ReasonCode.WildcardSubscriptionsNotSupported);
    }
  }
  if (subscriptionIdentifier !== undefined && !server.subscriptionIdentifierAvailable && server.protocolVersion === 5) {
    return notOffered("Subscription Identifiers", ReasonCode.SubscriptionIdentifiersNotSupported);
  }
  return undefined;
}
