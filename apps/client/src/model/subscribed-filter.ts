/** One Subscription of the running connection: what was asked for and what became of it. */
import { DecayingRate } from "./decaying-rate.js";
import type { SubscriptionProfile } from "./subscription-profile.js";

type SubscriptionState =
  | { readonly kind: "waiting" }
  | { readonly kind: "granted"; readonly qos: number }
  | { readonly kind: "refused"; readonly reason: string };

export class SubscribedFilter {
  state: SubscriptionState = { kind: "waiting" };
  messages = 0;
  readonly rate = new DecayingRate();

  /** The more of a topic it spells out, the more it says about its messages. */
  readonly specificity: number;

  constructor(readonly profile: SubscriptionProfile) {
    this.specificity = profile.filter.replace(/[#+]/g, "").length;
  }

  count(nowMs: number): void {
    this.messages += 1;
    this.rate.add(nowMs);
  }
}
