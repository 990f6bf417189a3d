/** One Subscription as the form edits it (MQTT 5.0 section 3.8.3.1). */
import { isTopicFilter } from "@tidings/topic";
import { FormError } from "./form-error.js";
import type { QoS } from "./message-record.js";

export interface SubscriptionProfile {
  filter: string;
  qos: QoS;
  noLocal: boolean;
  retainAsPublished: boolean;
  /** 0: send retained messages; 1: when the Subscription is new; 2: none. */
  retainHandling: 0 | 1 | 2;
  /** 1 to 268,435,455; undefined: none. */
  subscriptionIdentifier: number | undefined;
  /** Place in the palette. */
  colour: number;
}

export const COLOURS = 8;

export function createSubscription(filter: string, colour: number): SubscriptionProfile {
  return {
    filter,
    qos: 0,
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0,
    subscriptionIdentifier: undefined,
    colour: colour % COLOURS,
  };
}

/** Throws a `FormError`. */
export function checkSubscription({ filter, noLocal, subscriptionIdentifier }: SubscriptionProfile): void {
  if (filter === "") throw new FormError("filter", "A topic filter is needed, such as home/# or +/status.");
  if (!isTopicFilter(filter)) {
    throw new FormError(
      "filter",
      `"${filter}" is no topic filter: + and # stand alone in their level, # only at the end.`,
    );
  }
  if (noLocal && filter.startsWith("$share/")) {
    throw new FormError("noLocal", "A shared subscription cannot have No Local.");
  }
  if (subscriptionIdentifier !== undefined && !(subscriptionIdentifier >= 1 && subscriptionIdentifier <= 268_435_455)) {
    throw new FormError("subscriptionIdentifier", "A subscription identifier is between 1 and 268,435,455.");
  }
}

/** The colour that the fewest have. */
export function nextColour(subscriptions: readonly Pick<SubscriptionProfile, "colour">[]): number {
  const uses = new Array<number>(COLOURS).fill(0);
  for (const { colour } of subscriptions) uses[colour] += 1;
  return uses.indexOf(Math.min(...uses));
}
