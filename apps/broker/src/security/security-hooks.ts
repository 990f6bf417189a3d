/**
 * The hooks that a configuration asks for: one policy for all listeners, or one for each listener that has its own. None
 * where nothing is configured, so that nothing is asked on a message's way.
 */
import { isDeepStrictEqual } from "node:util";
import type { AuthHooks } from "@tidings/auth";
import type { BrokerHooks } from "@tidings/broker";
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
  authorizePublish: () => ReasonCode.NotAuthorized,
  authorizeSubscribe: () => ReasonCode.NotAuthorized,
  authorizeReceive: () => ReasonCode.NotAuthorized,
};

/** Each client is judged by the policy of the listener it came through. */
function byListener(policies: ReadonlyMap<string, AuthHooks>): BrokerHooks {
  const of = ({ listener }: { listener: { name?: string } | undefined }): AuthHooks =>
    policies.get(listener?.name ?? "") ?? NOTHING;
  const all = [...policies.values()];
  // With access control for one listener at least, those that are gone may have had it.
  const any = (name: keyof AuthHooks): boolean => all.some((policy) => policy[name] !== undefined);
  return {
    onAttach: (host) => {
      for (const policy of new Set(all)) policy.onAttach?.(host);
    },
    authenticate: (request) => of(request.client).authenticate?.(request as never),
    ...(any("authenticateEnhanced") && {
      authenticateEnhanced: (step) => of(step.client).authenticateEnhanced?.(step as never),
    }),
    ...(any("authorizePublish") && {
      authorizePublish: (publish) =>
        publish.client === undefined ? undefined : of(publish.client).authorizePublish?.(publish as never),
    }),
    ...(any("authorizeSubscribe") && {
      authorizeSubscribe: (client, subscription) => of(client).authorizeSubscribe?.(client as never, subscription),
    }),
    ...(any("authorizeReceive") && {
      authorizeReceive: (principal, topicName) => of(principal).authorizeReceive?.(principal, topicName),
    }),
  };
}
