/**
 * The hooks that a configuration asks for: one policy for all listeners, or one for each listener that has its own. None
 * where nothing is configured, so that nothing is asked on a message's way.
 */
import { isDeepStrictEqual } from "node:util";
import type { AuthClient, AuthHooks, Principal } from "@tidings/auth";
import type { BrokerHooks, Client } from "@tidings/broker";
import { ReasonCode } from "@tidings/packet";
import { letsAnybodyIn } from "../config/check-whole.js";
import { defaultListeners } from "../config/default-listeners.js";
import type { LoadedConfiguration } from "../config/load-configuration.js";
import type { Logger } from "../logger.js";
import type { ManagedSecurity } from "./managed-security.js";
import { type PolicySections, policyOf } from "./policy.js";

/** Reads every file that is named. Rejects with a `SecurityFailure`. */
export async function securityHooks(
  { configuration, directory }: LoadedConfiguration,
  logger: Logger,
  managed: ManagedSecurity,
): Promise<BrokerHooks[]> {
  const listeners = configuration.listeners ?? defaultListeners();
  const wanted = listeners.map((listener) => ({
    name: listener.name,
    place: (listener.authentication ?? listener.access) ? `listener ${listener.name}` : "configuration",
    sections: {
      authentication: listener.authentication ?? configuration.authentication,
      access: listener.access ?? configuration.access,
      allowAnonymous: letsAnybodyIn(configuration, listener),
    },
  }));
  if (wanted.every(({ sections }) => isOpen(sections))) return [];
  const made: { sections: PolicySections; policy: AuthHooks }[] = [];
  const policies = new Map<string, AuthHooks>();
  for (const { name, place, sections } of wanted) {
    let same = made.find((other) => isDeepStrictEqual(other.sections, sections));
    if (same === undefined) {
      same = { sections, policy: await policyOf(sections, place, directory, logger, managed) };
      made.push(same);
    }
    policies.set(name, same.policy);
  }
  return [made.length === 1 ? (made[0].policy as BrokerHooks) : byListener(policies)];
}

/** Everybody may come in and do everything. */
function isOpen({ authentication, access, allowAnonymous }: PolicySections): boolean {
  const asks = Object.values(authentication ?? {}).some((source) => source !== undefined && source !== false);
  return allowAnonymous && !asks && access === undefined;
}

/** For clients of a listener that is no more, whose own rules nobody knows. They stay connected, and that is all. */
const NOTHING: AuthHooks = {
  permitPublish: () => ReasonCode.NotAuthorized,
  authorizePublish: () => ReasonCode.NotAuthorized,
  authorizeSubscribe: () => ReasonCode.NotAuthorized,
  authorizeReceive: () => ReasonCode.NotAuthorized,
};

/** Each client is judged by the policy of the listener it came through. */
function byListener(policies: ReadonlyMap<string, AuthHooks>): BrokerHooks {
  // The broker's clients and principals know their listener; @tidings/auth need not.
  const of = (one: AuthClient | Principal): AuthHooks =>
    policies.get((one as Partial<Pick<Client, "listener">>).listener?.name ?? "") ?? NOTHING;
  const all = [...policies.values()];
  // One entry for each hook that there is, so that a new one cannot be left out.
  const hooks: Required<AuthHooks> = {
    onAttach: (host) => {
      for (const policy of new Set(all)) policy.onAttach?.(host);
    },
    authorizeConnect: (client) => of(client).authorizeConnect?.(client),
    authenticate: (request) => of(request.client).authenticate?.(request),
    authenticateEnhanced: (step) => of(step.client).authenticateEnhanced?.(step),
    permitPublish: (principal, ...rest) => of(principal).permitPublish?.(principal, ...rest),
    authorizePublish: (publish) => {
      const { client } = publish;
      return client === undefined ? undefined : of(client).authorizePublish?.(publish);
    },
    authorizeSubscribe: (client, request) => of(client).authorizeSubscribe?.(client, request),
    authorizeReceive: (principal, topicName) => of(principal).authorizeReceive?.(principal, topicName),
    onConnect: (client) => of(client).onConnect?.(client),
  };
  // With access control for one listener at least, those that are gone may have had it.
  const asked = Object.entries(hooks).filter(
    ([name]) => name === "authenticate" || all.some((policy) => policy[name as keyof AuthHooks] !== undefined),
  );
  return Object.fromEntries(asked) as BrokerHooks;
}
