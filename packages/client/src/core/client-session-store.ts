/**
 * A session store as a client uses it: with what it takes to write messages into one and to read a session out of it. Apart from
 * the session itself, so that a client without a store need not bring that along.
 */
import type { SessionStore } from "@tidings/session";
import type { ClientSession } from "./client-session.js";
import type { PublishProperties } from "./outgoing-message.js";
import { recoverSession } from "./recover-session.js";
import { encodeProperties } from "./stored-properties.js";

export interface ClientSessionStore {
  readonly store: SessionStore;
  /** Resolves with whether there was a session of that name; there is one afterwards. */
  recover(session: ClientSession, clientIdentifier: string): Promise<boolean>;
  /** Properties as a store keeps them. */
  encodeProperties(properties: PublishProperties | undefined): Uint8Array;
}

/** Any `SessionStore` for the option `sessionStore`. One client at a time; the client closes it. */
export function clientSessionStore(store: SessionStore): ClientSessionStore {
  return {
    store,
    recover: (session, clientIdentifier) => recoverSession(session, store, clientIdentifier),
    encodeProperties,
  };
}
