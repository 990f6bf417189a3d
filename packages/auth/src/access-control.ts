/**
 * Who may publish, subscribe to and receive what: access rules and the ACL file of mosquitto as hooks of a broker.
 */
import type { QoS } from "@tidings/packet";
import { AccessGuard } from "./access-guard.js";
import type { Access, AccessPolicy } from "./access-policy.js";
import { type AccessRule, compileAccessRules } from "./access-rules.js";
import { parseAclFile } from "./acl-file.js";
import type { Principal } from "./auth-hooks.js";

export interface AccessControlContent {
  /** Asked first. What no rule is about goes to the ACL file, and is denied if there is none. */
  readonly rules?: readonly AccessRule[];
  /** The text of an acl_file of mosquitto. */
  readonly aclFile?: string;
}

export interface AccessControlOptions extends AccessControlContent {
  /** Topics whose decisions are remembered for each client; about 100 bytes each, at most 350. Default 1000. */
  readonly cachedTopicsMax?: number;
}

/**
 * Hooks that decide by rules and an ACL file. With neither they have no opinion. Clients that came with permissions of
 * their own (`jwt`, `httpHook`) are bound by these alone; whoever let them in sees to it.
 * @throws AuthError `TIDINGS_ACCESS_RULE` or `TIDINGS_ACL_FILE`.
 */
export function accessControl(options: AccessControlOptions = {}): AccessControl {
  return new AccessControl(options);
}

export class AccessControl extends AccessGuard {
  private policy: AccessPolicy | undefined;

  /** @internal Made by `accessControl`. */
  constructor({ cachedTopicsMax, ...content }: AccessControlOptions) {
    super(cachedTopicsMax);
    this.policy = policyOf(content);
  }

  /**
   * Decides by something else from now on, for clients that are connected as well; subscriptions stay, deliveries are
   * decided anew. When it throws nothing has changed.
   * @throws AuthError `TIDINGS_ACCESS_RULE` or `TIDINGS_ACL_FILE`.
   */
  replace(content: AccessControlContent): void {
    this.policy = policyOf(content);
    this.changed();
  }

  protected accessOf(principal: Principal): Access | undefined {
    return principal.permissions === undefined ? this.policy?.accessOf(principal) : undefined;
  }
}

function policyOf({ rules, aclFile }: AccessControlContent): AccessPolicy | undefined {
  const policies: AccessPolicy[] = [];
  if (rules !== undefined) policies.push(compileAccessRules(rules));
  if (aclFile !== undefined) policies.push(parseAclFile(aclFile));
  if (policies.length === 0) return undefined;
  return { accessOf: (principal) => firstOf(policies.map((policy) => policy.accessOf(principal))) };
}

/** The first opinion; nobody has one: denied. */
function firstOf(all: readonly Access[]): Access {
  function ask<T>(question: (access: Access) => T | undefined): T | false {
    for (const access of all) {
      const answer = question(access);
      if (answer !== undefined) return answer;
    }
    return false;
  }
  return {
    publish: (topicName, qos, retain) => ask((access) => access.publish(topicName, qos, retain)),
    receive: (topicName) => ask((access) => access.receive(topicName)),
    subscribe: (topicFilter) => ask<QoS | false>((access) => access.subscribe(topicFilter)),
  };
}
