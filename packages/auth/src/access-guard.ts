/**
 * A policy as hooks of a broker. What it means for a client is worked out once, and each decision about a topic is
 * remembered for as long as the client is who it is.
 */
import { type QoS, ReasonCode, type SubscriptionRequest } from "@tidings/packet";
import { parseSharedFilter } from "@tidings/topic";
import type { Access, AccessPolicy } from "./access-policy.js";
import { compileAccessRules } from "./access-rules.js";
import type { AuthClient, AuthHooks, AuthHost, Principal } from "./auth-hooks.js";
import { CachedAccess } from "./cached-access.js";
import { isTopicPattern } from "./topic-pattern.js";

/** Topics whose decisions are remembered for each client. */
export const CACHED_TOPICS_MAX = 1000;

export abstract class AccessGuard implements AuthHooks {
  private known = new WeakMap<Principal, CachedAccess>();
  private host: AuthHost | undefined;

  constructor(private readonly cachedTopicsMax = CACHED_TOPICS_MAX) {}

  /** Undefined: no opinion about this client. */
  protected abstract accessOf(principal: Principal): Access | undefined;

  /** Nothing that was decided holds any more. */
  protected changed(): void {
    this.known = new WeakMap();
    this.host?.permissionsChanged();
  }

  onAttach(host: AuthHost): void {
    this.host = host;
  }

  permitPublish(principal: Principal, topicName: string, qos: QoS, retain: boolean): ReasonCode | undefined {
    return this.knownAccess(principal)?.publish(topicName, qos, retain) === false
      ? ReasonCode.NotAuthorized
      : undefined;
  }

  authorizeSubscribe(client: AuthClient, { topicFilter }: SubscriptionRequest): ReasonCode | undefined {
    const access = this.knownAccess(client.principal);
    if (access === undefined) return undefined;
    const granted = access.subscribe(parseSharedFilter(topicFilter)?.topicFilter ?? topicFilter);
    return granted === false ? ReasonCode.NotAuthorized : granted;
  }

  authorizeReceive(principal: Principal, topicName: string): ReasonCode | undefined {
    return this.knownAccess(principal)?.receive(topicName) === false ? ReasonCode.NotAuthorized : undefined;
  }

  private knownAccess(principal: Principal): CachedAccess | undefined {
    let known = this.known.get(principal);
    if (known === undefined) {
      const access = this.accessOf(principal);
      if (access === undefined) return undefined;
      known = new CachedAccess(access, this.cachedTopicsMax);
      this.known.set(principal, known);
    }
    return known;
  }
}

/** Binds clients that came with permissions of their own to these. */
export class PermissionGuard extends AccessGuard {
  protected accessOf(principal: Principal): Access | undefined {
    return principal.permissions === undefined ? undefined : policyOf(principal.permissions).accessOf(principal);
  }
}

/** A pattern that is no Topic Filter allows nothing. */
function policyOf({ publish, subscribe }: NonNullable<Principal["permissions"]>): AccessPolicy {
  return compileAccessRules([
    { allow: "publish", topics: publish.filter(isTopicPattern) },
    { allow: "subscribe", topics: subscribe.filter(isTopicPattern) },
  ]);
}
