/** What the host process can see of a session. */
import type { Client } from "./client.js";
import type { Session } from "./session.js";

/** As it was when it was asked for. */
export interface SessionEntry {
  readonly clientIdentifier: string;
  readonly userName: string | undefined;
  /** Undefined while nobody is connected. */
  readonly client: Client | undefined;
  /** Seconds. */
  readonly sessionExpiryInterval: number;
  /** Milliseconds since 1970; undefined while connected. */
  readonly disconnectedAtMs: number | undefined;
  /** Milliseconds since 1970; Infinity while connected, and for a session that never ends. */
  readonly expiresAtMs: number;
  readonly subscriptionCount: number;
  readonly queuedMessages: number;
  readonly queuedBytes: number;
  readonly inFlightMessages: number;
  /** Outlives the process. */
  readonly isStored: boolean;
  readonly hasWill: boolean;
  /**
   * How long the last message that was timed took from its coming to the client's acknowledgement, in milliseconds; undefined
   * when none was. One message at QoS 1 or 2 at a time is.
   */
  readonly lastDeliveryMs: number | undefined;
}

export function sessionEntry(session: Session): SessionEntry {
  const { clientIdentifier, userName, connection, sessionExpiryInterval, disconnectedAtMs, expiresAtMs } = session;
  const { queue, inFlight } = session.outbound;
  return {
    clientIdentifier,
    userName,
    client: connection?.isConnected === true ? connection : undefined,
    sessionExpiryInterval,
    disconnectedAtMs,
    expiresAtMs,
    subscriptionCount: session.subscriptions.size,
    queuedMessages: queue.size,
    queuedBytes: queue.bytes,
    inFlightMessages: inFlight.size,
    isStored: session.store !== undefined,
    hasWill: session.will !== undefined,
    lastDeliveryMs: session.lastDeliveryMs,
  };
}
