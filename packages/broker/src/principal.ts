/**
 * Who a client is, as far as its authentication found out: what authorization decides by. One object from CONNECT to the
 * next authentication, so that hooks may key what they remember by it; a session keeps it while its client is away.
 */
import type { Connection } from "./connection.js";
import type { Verdict } from "./hooks.js";
import type { ListenerFacts } from "./listener-facts.js";

export interface Principal {
  readonly clientIdentifier: string;
  readonly userName: string | undefined;
  readonly groups: readonly string[];
  /** What a token said, verified. */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  /** What a token or an authentication service allows, in place of configured rules. */
  readonly permissions: Permissions | undefined;
  /** Whatever the host passed to `accept`. */
  readonly peer: unknown;
  /** What it said of the listener. */
  readonly listener: ListenerFacts | undefined;
}

/** Topic Filters; what is not named is not allowed. */
export interface Permissions {
  readonly publish: readonly string[];
  /** To subscribe to, and to receive from. */
  readonly subscribe: readonly string[];
}

const NO_GROUPS: readonly string[] = [];

export function principalOf(connection: Connection, verdict: Verdict | undefined): Principal {
  const { clientIdentifier, userName, peer, listener } = connection;
  const { groups = NO_GROUPS, claims, permissions } = verdict ?? {};
  return { clientIdentifier, userName, groups, claims, permissions, peer, listener };
}
