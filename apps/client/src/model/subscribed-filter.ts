/** One Subscription of the running connection: what was asked for and what became of it. */
import { DecayingRate } from "./decaying-rate.js";
import type { SubscriptionProfile } from "./subscription-profile.js";

export type SubscriptionState =
  | { readonly kind: "waiting" }
  | { readonly kind: "granted"; readonly qos: number }
  | { readonly kind: "refused"; readonly reason: string };

export class SubscribedFilter {
  state: SubscriptionState = { kind: "waiting" };
  messages = 0;
  readonly rate = new DecayingRate();

  constructor(public profile: SubscriptionProfile) {}

  count(nowMs: number): void {
    this.messages += 1;
    this.rate.add(nowMs);
  }
}
