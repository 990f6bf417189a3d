/**
 * Will Messages, exactly as the rules say (MQTT 5.0 section 3.1.2.5): one that was accepted is published once when its
 * connection ends without a DISCONNECT that takes it back, after its delay or with the end of the session, unless the
 * client was back before; and never otherwise. Over a crash of the broker they wait on, as far as the store was told.
 */
import type { Broker } from "@tidings/broker";
import type { Ledger } from "./ledger.js";

interface Will {
  readonly id: number;
  readonly client: string;
  /** Milliseconds from the end of the connection until it is due. */
  readonly delayMs: number;
  /** Its session, and so it, outlives the process. */
  readonly isStored: boolean;
  state:
    | "held"
    /** The connection has ended, and it waits. */
    | "due"
    /** Published while the connection was there; its end must follow in the same turn. */
    | "early"
    | "published"
    /** Taken back, or its client was back in time. */
    | "gone"
    /** A crash took back something that was not durable: it may be published or not. */
    | "unknown";
  dueMs: number;
  /** Names what has to be durable for `state` to outlive a crash. */
  ticket: number;
  overdueSinceMs: number | undefined;
}

/** The broker looks at its deadlines about once a second. */
const LATE_MS = 2500;

export class WillChecker {
  private readonly wills = new Map<number, Will>();

  constructor(
    private readonly ledger: Ledger,
    private readonly elapsed: () => number,
  ) {}

  /** CONNACK was sent. */
  admitted(broker: Broker, client: string): void {
    this.leftBehind(broker, client);
    const session = broker.sessions.get(client);
    const id = willOf(broker, client);
    if (session === undefined || id === undefined) return;
    const delaySeconds = Math.min(session.will?.delayInterval ?? 0, session.sessionExpiryInterval);
    this.wills.set(id, {
      id,
      client,
      delayMs: delaySeconds * 1000,
      isStored: session.store !== undefined,
      state: "held",
      dueMs: Number.POSITIVE_INFINITY,
      ticket: broker.store.currentTicket,
      overdueSinceMs: undefined,
    });
  }

  /** A connection has ended. */
  left(broker: Broker, client: string, isTakenBack: boolean): void {
    for (const will of this.wills.values()) {
      if (will.client !== client || (will.state !== "held" && will.state !== "early")) continue;
      if (will.state === "early") {
        if (isTakenBack) this.ledger.violated(`${client} took its will ${will.id} back, and it was published`);
        this.becomes(broker, will, "published");
      } else if (isTakenBack) {
        this.becomes(broker, will, "gone");
      } else {
        will.dueMs = broker.nowMs + will.delayMs;
        this.becomes(broker, will, "due");
      }
    }
  }

  /** `mayEndEarly`: the client has begun anew, and its old session ends with that. */
  published(broker: Broker, id: number, mayEndEarly: boolean): void {
    const will = this.wills.get(id);
    if (will === undefined) return; // its client never learned that it was accepted
    const { client, state, dueMs, delayMs } = will;
    switch (state) {
      case "held":
        if (delayMs > 0 && !mayEndEarly) {
          this.ledger.violated(`the will ${id} of ${client} was published without its delay of ${delayMs} ms`);
        }
        this.becomes(broker, will, "early");
        return;
      case "due":
        if (broker.nowMs < dueMs && !mayEndEarly) {
          this.ledger.violated(`the will ${id} of ${client} was published ${dueMs - broker.nowMs} ms too soon`);
        }
        break;
      case "early":
      case "published":
        this.ledger.violated(`the will ${id} of ${client} was published twice`);
        break;
      case "gone":
        this.ledger.violated(`the will ${id} of ${client} was published, although it was taken back`);
        break;
    }
    this.becomes(broker, will, "published");
  }

  /** At the end of each turn. */
  check(broker: Broker): void {
    for (const will of this.wills.values()) {
      const { id, client } = will;
      if (will.state === "early") {
        this.ledger.violated(`the will ${id} of ${client} was published while it was connected`);
        will.state = "published";
      }
      if (will.state !== "due") continue;
      if (willOf(broker, client) !== id) {
        this.leftBehind(broker, client);
        continue;
      }
      if (broker.nowMs < will.dueMs) {
        will.overdueSinceMs = undefined;
        continue;
      }
      will.overdueSinceMs ??= this.elapsed();
      if (this.elapsed() - will.overdueSinceMs <= LATE_MS) continue;
      this.ledger.violated(`the will ${id} of ${client} is not published ${LATE_MS} ms after it was due`);
      will.state = "unknown";
    }
  }

  /** The process is gone. What was told behind `durableUpTo` may be there or not. */
  crashed(broker: Broker, durableUpTo: number): void {
    for (const will of this.wills.values()) {
      if (will.state === "due" && willOf(broker, will.client) !== will.id) will.state = "unknown";
      const isLost = !will.isStored && (will.state === "held" || will.state === "due");
      if (will.ticket > durableUpTo || isLost) will.state = "unknown";
      will.overdueSinceMs = undefined;
    }
  }

  /** The next life begins: whoever was connected is not any more. */
  began(nowMs: number): void {
    for (const will of this.wills.values()) {
      will.ticket = 0;
      if (will.state !== "held") continue;
      will.ticket = 1; // the first batch says so
      will.state = "due";
      will.dueMs = nowMs + will.delayMs;
    }
  }

  /** A will that waited, and is not the session's any more without having been published: its client came back. */
  private leftBehind(broker: Broker, client: string): void {
    const current = willOf(broker, client);
    for (const will of this.wills.values()) {
      if (will.client !== client || will.state !== "due" || will.id === current) continue;
      if (current === undefined) this.ledger.violated(`the will ${will.id} of ${client} was never published`);
      this.becomes(broker, will, "gone");
    }
  }

  private becomes(broker: Broker, will: Will, state: Will["state"]): void {
    will.state = state;
    // The store may be told only now, in a batch that is not begun.
    will.ticket = broker.store.currentTicket + 1;
  }
}

/** The number in the payload of the will that a session has now: what stands behind the last "/…" of its topic. */
function willOf(broker: Broker, client: string): number | undefined {
  const packet = broker.sessions.get(client)?.will?.packet;
  if (packet === undefined) return undefined;
  return Number(/(\d+) $/.exec(Buffer.from(packet).toString("latin1"))?.[1]);
}
