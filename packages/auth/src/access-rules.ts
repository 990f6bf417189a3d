/**
 * Access rules in the form of a configuration. They are asked in order, and the first one that is about the client, the
 * action and the topic decides; what no rule is about is denied.
 */
import type { BlockList } from "node:net";
import type { QoS } from "@tidings/packet";
import { matches } from "@tidings/topic";
import type { Access, AccessPolicy } from "./access-policy.js";
import { addressesOf, isListed } from "./address-list.js";
import { AuthError } from "./auth-error.js";
import type { Principal } from "./auth-hooks.js";
import { coversFilter } from "./covers-filter.js";
import { claimValues, filtersFor, hasPlaces, isTopicPattern } from "./topic-pattern.js";

/** "subscribe" is the filter and what is delivered for it; "receive" the delivery alone. */
export type AccessAction = "publish" | "subscribe" | "receive";

/** All conditions that are there must hold; of a list, one entry. An entry that ends with `*` is what comes before it and anything behind. */
export interface AccessRule {
  /** Either this or `deny`. */
  readonly allow?: AccessAction | readonly AccessAction[] | "all";
  readonly deny?: AccessAction | readonly AccessAction[] | "all";
  /** Topic Filters, with `%u`, `%c`, `%{claim}` and `%%`. Default: every topic, those that begin with `$` included. */
  readonly topics?: string | readonly string[];
  readonly users?: string | readonly string[];
  readonly groups?: string | readonly string[];
  readonly clients?: string | readonly string[];
  /** Common name or whole subject of a verified client certificate. */
  readonly certificates?: string | readonly string[];
  /** IP addresses and networks: `192.0.2.1`, `10.0.0.0/8`, `2001:db8::/32`. */
  readonly addresses?: string | readonly string[];
  /** Values of claims by their path: the claim is one of them, or a list with one of them in it. */
  readonly claims?: Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[]>>;
  /** Clients without (true) or with (false) a user name. */
  readonly anonymous?: boolean;
  /** Allow only: what is published above is another rule's, what is subscribed to above is granted with it. */
  readonly maximumQoS?: QoS;
  /** Allow only. False: not with RETAIN set. */
  readonly retain?: boolean;
}

const PUBLISH = 1;
const SUBSCRIBE = 2;
const RECEIVE = 4;
const ACTIONS: Readonly<Record<string, number>> = {
  publish: PUBLISH,
  subscribe: SUBSCRIBE | RECEIVE,
  receive: RECEIVE,
  all: PUBLISH | SUBSCRIBE | RECEIVE,
};

/** @throws AuthError `TIDINGS_ACCESS_RULE` naming the rule. */
export function compileAccessRules(rules: readonly AccessRule[]): AccessPolicy {
  const compiled = rules.map((rule, index) => compile(rule, `access rule ${index + 1}`));
  return { accessOf: (principal) => new RulesAccess(compiled, principal) };
}

interface CompiledRule {
  readonly isAllowed: boolean;
  readonly actions: number;
  /** Undefined: every topic. */
  readonly topics: readonly string[] | undefined;
  readonly hasPlaces: boolean;
  readonly maximumQoS: QoS;
  readonly mayRetain: boolean;
  isAbout(principal: Principal): boolean;
}

/** `undefined` of a method: no rule is about it. */
class RulesAccess implements Access {
  private readonly rules: readonly CompiledRule[];

  constructor(rules: readonly CompiledRule[], principal: Principal) {
    this.rules = rules.flatMap((rule) => (rule.isAbout(principal) ? filled(rule, principal) : []));
  }

  publish(topicName: string, qos: QoS, retain: boolean): boolean | undefined {
    for (const rule of this.rules) {
      if ((rule.actions & PUBLISH) === 0 || !isAboutTopic(rule, topicName)) continue;
      if (!rule.isAllowed) return false;
      if (qos <= rule.maximumQoS && (rule.mayRetain || !retain)) return true;
    }
    return undefined;
  }

  receive(topicName: string): boolean | undefined {
    for (const rule of this.rules) {
      if ((rule.actions & RECEIVE) !== 0 && isAboutTopic(rule, topicName)) return rule.isAllowed;
    }
    return undefined;
  }

  subscribe(topicFilter: string): QoS | false | undefined {
    for (const rule of this.rules) {
      if ((rule.actions & SUBSCRIBE) !== 0 && isAboutFilter(rule, topicFilter)) {
        return rule.isAllowed ? rule.maximumQoS : false;
      }
    }
    return undefined;
  }
}

function isAboutTopic({ topics }: CompiledRule, topicName: string): boolean {
  if (topics === undefined) return true;
  for (const topic of topics) if (matches(topic, topicName)) return true;
  return false;
}

function isAboutFilter({ topics }: CompiledRule, topicFilter: string): boolean {
  return topics === undefined || topics.some((topic) => coversFilter(topic, topicFilter));
}

/**
 * The rule for one client, its topics filled in. Where what the client is called makes them uncertain, nothing is allowed
 * and everything denied by it.
 */
function filled(rule: CompiledRule, principal: Principal): CompiledRule[] {
  if (!rule.hasPlaces || rule.topics === undefined) return [rule];
  const topics: string[] = [];
  for (const pattern of rule.topics) {
    const filters = filtersFor(pattern, principal);
    if (filters !== "hostile") topics.push(...filters);
    else if (!rule.isAllowed) return [{ ...rule, topics: undefined }];
  }
  return [{ ...rule, topics }];
}

function compile(rule: AccessRule, name: string): CompiledRule {
  const { allow, deny, topics } = rule;
  if ((allow === undefined) === (deny === undefined)) throw wrong(name, "needs either `allow` or `deny`");
  if (deny !== undefined && (rule.maximumQoS !== undefined || rule.retain !== undefined)) {
    throw wrong(name, "denies: `maximumQoS` and `retain` belong to what is allowed");
  }
  let actions = 0;
  for (const action of listOf<string>(allow ?? deny)) {
    if (!Object.hasOwn(ACTIONS, action)) throw wrong(name, `has "${action}", not publish, subscribe, receive or all`);
    actions |= ACTIONS[action];
  }
  const patterns = topics === undefined ? undefined : listOf(topics);
  for (const pattern of patterns ?? []) {
    if (!isTopicPattern(pattern)) throw wrong(name, `has "${pattern}", which is no Topic Filter`);
  }
  const conditions = conditionsOf(rule, name);
  return {
    isAllowed: allow !== undefined,
    actions,
    topics: patterns,
    hasPlaces: patterns?.some(hasPlaces) === true,
    maximumQoS: rule.maximumQoS ?? 2,
    mayRetain: rule.retain ?? true,
    isAbout: (principal) => conditions.every((holds) => holds(principal)),
  };
}

type Condition = (principal: Principal) => boolean;

function conditionsOf(rule: AccessRule, name: string): Condition[] {
  const conditions: Condition[] = [];
  const { anonymous, users, groups, clients, certificates, addresses, claims } = rule;
  if (anonymous !== undefined) conditions.push(({ userName }) => (userName === undefined) === anonymous);
  if (users !== undefined) {
    const names = listOf(users);
    conditions.push(({ userName }) => userName !== undefined && isNamed(names, userName));
  }
  if (groups !== undefined) {
    const names = listOf(groups);
    conditions.push((principal) => principal.groups.some((group) => isNamed(names, group)));
  }
  if (clients !== undefined) {
    const names = listOf(clients);
    conditions.push(({ clientIdentifier }) => isNamed(names, clientIdentifier));
  }
  if (certificates !== undefined) {
    const names = listOf(certificates);
    conditions.push(({ peer }) => certificateNames(peer).some((certificate) => isNamed(names, certificate)));
  }
  if (addresses !== undefined) {
    const list: BlockList = addressesOf(listOf(addresses), (what) => wrong(name, what));
    conditions.push(({ peer }) => isListed(list, (peer as { address?: unknown } | undefined)?.address));
  }
  for (const [path, wanted] of Object.entries(claims ?? {})) {
    const values = listOf<string | number | boolean>(wanted).map(String);
    conditions.push((principal) => claimValues(principal.claims, path).some((value) => values.includes(value)));
  }
  return conditions;
}

function certificateNames(peer: unknown): string[] {
  const { tls } = (peer ?? {}) as { tls?: Record<string, unknown> };
  if (tls?.authorized !== true) return [];
  return [tls.certificateCommonName, tls.certificateSubject].filter((name) => typeof name === "string");
}

function isNamed(names: readonly string[], name: string): boolean {
  return names.some((each) => (each.endsWith("*") ? name.startsWith(each.slice(0, -1)) : each === name));
}

function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}

function wrong(name: string, what: string): AuthError {
  return new AuthError("TIDINGS_ACCESS_RULE", `${name} ${what}`);
}
