/**
 * A session store as a client uses it: with what it takes to write messages into one and to read a session out of it. Apart from
 * the session itself, so that a client without a store need not bring that along.
 */
import type { SessionStore } from "@tidings/session";
import { ClientError } from "./client-error.js";
import type { ClientSession } from "./client-session.js";
import type { OutgoingMessage, PublishProperties } from "./outgoing-message.js";
import { recoverSession } from "./recover-session.js";
import { encodeProperties } from "./stored-properties.js";

export interface ClientSessionStore {
  readonly store: SessionStore;
  /** Resolves with whether there was a session of that name; there is one afterwards. */
  recover(session: ClientSession, clientIdentifier: string): Promise<boolean>;
  /** True: kept back until `recover` is done, for what an earlier life queued goes first and has the first numbers. */
  holds(message: OutgoingMessage, nowMs: number): boolean;
  /** Messages kept back. */
  readonly heldMessages: number;
  /** Gives up what is kept back. */
  abandon(error: ClientError): void;
  /** Properties as a store keeps them. */
  encodeProperties(properties: PublishProperties | undefined): Uint8Array;
}

/** Messages that may be published before the store has told what it holds. */
const HELD_MESSAGES_MAX = 100_000;

/** Any `SessionStore` for the option `sessionStore`. One client at a time; the client closes it. */
export function clientSessionStore(store: SessionStore): ClientSessionStore {
  let isRecovering = true;
  let held: { readonly message: OutgoingMessage; readonly nowMs: number }[] = [];
  return {
    store,
    recover: async (session, clientIdentifier) => {
      isRecovering = true;
      const found = await recoverSession(session, store, clientIdentifier);
      isRecovering = false;
      const early = held;
      held = [];
      for (const { message, nowMs } of early) session.publish(message, nowMs);
      return found;
    },
    holds: (message, nowMs) => {
      if (!isRecovering) return false;
      if (held.length < HELD_MESSAGES_MAX) held.push({ message, nowMs });
      else message.completion?.reject(queueFullError(message.topicName));
      return true;
    },
    get heldMessages() {
      return held.length;
    },
    abandon: (error) => {
      for (const { message } of held) message.completion?.reject(error);
      held = [];
    },
    encodeProperties,
  };
}

function queueFullError(topicName: string): ClientError {
  const message = `The message to ${topicName} was not sent: too many wait for the session store.`;
  return new ClientError("TIDINGS_CLIENT_QUEUE_FULL", message);
}
