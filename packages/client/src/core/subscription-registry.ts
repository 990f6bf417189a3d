/**
 * The subscriptions that the server has granted, so that they can be made again where its session is gone. Knows nothing of
 * who reads the messages.
 */
import type { SubscriptionRequest, UserProperty } from "@tidings/packet";
import type { ClientError } from "./client-error.js";
import type { ClientSession } from "./client-session.js";
import { SubscribeRequest } from "./control-request.js";
import { refusalError } from "./refusal-error.js";

interface GrantedSubscription extends SubscriptionRequest {
  readonly subscriptionIdentifier: number | undefined;
  readonly userProperties: readonly UserProperty[] | undefined;
}

/** Topic Filters of one SUBSCRIBE that renews. */
const FILTERS_PER_REQUEST = 64;

export class SubscriptionRegistry {
  readonly #granted = new Map<string, GrantedSubscription>();

  put(
    request: SubscriptionRequest,
    subscriptionIdentifier: number | undefined,
    userProperties: readonly UserProperty[] | undefined,
  ): void {
    this.#granted.set(request.topicFilter, { ...request, subscriptionIdentifier, userProperties });
  }

  remove(topicFilter: string): void {
    this.#granted.delete(topicFilter);
  }

  /** Requests that make all of them again. Those with the same identifier and properties share one. */
  renewals(session: ClientSession): SubscribeRequest[] {
    const batches: GrantedSubscription[][] = [];
    for (const one of this.#granted.values()) {
      const last = batches.at(-1);
      if (last !== undefined && last.length < FILTERS_PER_REQUEST && isAlike(last[0], one)) last.push(one);
      else batches.push([one]);
    }
    return batches.map((batch) => this.#renewal(batch, session));
  }

  #renewal(batch: readonly GrantedSubscription[], session: ClientSession): SubscribeRequest {
    const { subscriptionIdentifier, userProperties } = batch[0];
    const lost = (topicFilter: string, error: ClientError): void => {
      this.remove(topicFilter);
      session.host.subscriptionLost(topicFilter, error);
    };
    const completion = {
      resolve: ({ reasonCodes }: { reasonCodes: readonly number[] }) => {
        for (const [index, reasonCode] of reasonCodes.entries()) {
          if (reasonCode >= 0x80)
            lost(batch[index].topicFilter, subscriptionRefused(batch[index].topicFilter, reasonCode));
        }
      },
      reject: (error: ClientError) => {
        for (const { topicFilter } of batch) lost(topicFilter, error);
      },
    };
    return new SubscribeRequest({ subscriptions: batch, subscriptionIdentifier, userProperties }, completion, true);
  }
}

function isAlike(one: GrantedSubscription, other: GrantedSubscription): boolean {
  return one.subscriptionIdentifier === other.subscriptionIdentifier && one.userProperties === other.userProperties;
}

/** SUBACK refused a Topic Filter. */
export function subscriptionRefused(
  topicFilter: string,
  reasonCode: number,
  properties?: { readonly reasonString?: string },
): ClientError {
  const what = `refused the subscription to ${topicFilter}`;
  return refusalError("TIDINGS_CLIENT_SUBSCRIBE_REFUSED", what, reasonCode, properties);
}
