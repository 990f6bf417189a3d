/** What the section `protection` asks for: bans, flapping clients, and those who fail to log in. */
import { type AuthHooks, type BanList, flapGuard, loginBackoff } from "@tidings/auth";
import type { BrokerHooks } from "@tidings/broker";
import type { Configuration } from "../config/schema.js";

/** The hooks around those of `authentication` and `access`, in the order in which they are asked. */
export function protect(
  security: readonly BrokerHooks[],
  { protection = {} }: Configuration,
  bans: BanList,
): BrokerHooks[] {
  const { loginBackoff: backoff, flapping } = protection;
  const isOff = backoff?.isOff === true;
  const { isOff: _, ...options } = backoff ?? {};
  const guarded = isOff ? security : security.map((hooks) => loginBackoff(hooks as AuthHooks, options));
  const guards = flapping === undefined ? [] : [flapGuard(bans, flapping)];
  return [bans.hook, ...guarded, ...guards] as BrokerHooks[];
}
