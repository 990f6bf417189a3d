/**
 * The beginning and the end of a session (MQTT 5.0 sections 3.1.2.4 and 4.1).
 */
import { ReasonCode } from "@tidings/packet";
import type { Broker } from "./broker.js";
import { Session } from "./session.js";

export interface OpenedSession {
  /** Undefined: there are as many sessions as there may be, or no memory for another one. */
  session: Session | undefined;
  sessionPresent: boolean;
  /** The store was told that an earlier session is over. */
  toldStore: boolean;
}

/** A session for a CONNECT; what carried it before is over [MQTT-3.1.4-3]. */
export function openSession(broker: Broker, clientIdentifier: string, cleanStart: boolean): OpenedSession {
  const { sessions } = broker;
  sessions.get(clientIdentifier)?.connection?.disconnect(ReasonCode.SessionTakenOver);
  // The disconnect may have ended it.
  const existing = sessions.get(clientIdentifier);
  const toldStore = existing?.store !== undefined;
  if (existing !== undefined && !cleanStart && !existing.isEnding) {
    existing.resume();
    return { session: existing, sessionPresent: true, toldStore };
  }
  if (existing !== undefined) endSession(broker, existing); // [MQTT-3.1.2-4]
  if (sessions.size >= broker.limits.sessionsMax || broker.memory.isShort)
    return { session: undefined, sessionPresent: false, toldStore };
  const session = new Session(broker, clientIdentifier);
  sessions.set(clientIdentifier, session);
  return { session, sessionPresent: false, toldStore };
}

/** Everything that belongs to the session goes; its will is due, at the latest now. */
export function endSession(broker: Broker, session: Session): void {
  broker.deadlines.remove(session);
  broker.sessions.delete(session.clientIdentifier);
  dropSubscriptions(broker, session);
  session.end(); // reads what it has to hand on
  session.store?.dropSession(session.clientIdentifier);
  broker.observer?.sessionEnded?.(session.clientIdentifier);
}

/** Nothing more arrives for the session. */
export function dropSubscriptions(broker: Broker, session: Session): void {
  for (const subscription of [...session.subscriptions.values()]) {
    broker.table.remove(subscription);
    session.removeSubscription(subscription);
  }
}
