/**
 * Looks at what the broker decides, and holds each decision against its rules: what it drops, which sessions it ends, what
 * becomes of wills. Nothing here steers the broker.
 */
import type { ApplicationMessage, Broker, BrokerHooks, BrokerObserver, DropReason } from "@tidings/broker";
import { LimitChecker } from "./check-limits.js";
import type { Ledger } from "./ledger.js";
import type { BrokerWitness, SimulatedBroker } from "./simulated-broker.js";
import type { SimulatedClient } from "./simulated-client.js";
import type { Trace } from "./trace.js";
import type { VirtualClock } from "./virtual-clock.js";
import { WillChecker } from "./will-checker.js";

const SESSION_EXPIRY_NEVER = 0xffff_ffff;
/** Of a PUBLISH to the short topics here, with its properties. */
const HEAD_BYTES_MAX = 50;

export class BrokerWatch implements BrokerWitness {
  readonly limits: LimitChecker;
  readonly wills: WillChecker;
  private broker: Broker | undefined;
  /** Wall clock at the end of the last connection of each client, the earliest that a crash leaves possible. */
  /** Sessions that are over and still there. */
  private readonly ending = new Set<string>();
  private readonly disconnectedAtMs = new Map<string, number>();

  constructor(
    private readonly ledger: Ledger,
    private readonly trace: Trace,
    private readonly clock: VirtualClock,
    private readonly clients: ReadonlyMap<string, SimulatedClient>,
  ) {
    this.limits = new LimitChecker(ledger);
    this.wills = new WillChecker(ledger, () => clock.elapsedMs);
  }

  /** At the end of each turn. */
  check(): void {
    if (this.broker === undefined) return;
    for (const { clientIdentifier, disconnectedAtMs } of this.broker.sessions.values()) {
      if (disconnectedAtMs !== undefined) this.disconnected(clientIdentifier, disconnectedAtMs);
    }
    for (const { clientIdentifier, isEnding } of this.broker.sessions.values()) {
      if (isEnding) this.sessionEnds(clientIdentifier);
    }
    this.limits.check(this.broker);
    this.wills.check(this.broker);
  }

  began({ broker, life }: SimulatedBroker): void {
    this.broker = broker;
    this.ending.clear();
    this.trace.add("broker", `begins life ${life}`);
    this.wills.began(this.clock.now());
  }

  recovered({ broker }: SimulatedBroker): void {
    const { sessions, retained, nowMs } = broker as Broker;
    this.trace.add("broker", `recovered ${sessions.size} sessions, ${retained.size} retained messages`);
    for (const [name, client] of this.clients) {
      if (sessions.has(name)) {
        this.disconnected(name, nowMs);
        continue;
      }
      if (!client.mayHaveLostSession) this.ledger.violated(`the session of ${name} did not outlive the restart`);
      client.sessionEnded();
    }
  }

  published(message: ApplicationMessage): void {
    if (message.payloadBytes === 0) return;
    const publication = this.ledger.find(message.payload, message.topicName, "the broker");
    if (publication === undefined) return;
    this.trace.add("broker", `routes ${publication.id}`);
    if (!publication.isWill) return;
    this.ledger.count("will published");
    const mayEndEarly = this.clients.get(publication.publisher)?.hasRestarted === true;
    this.wills.published(this.broker as Broker, publication.id, mayEndEarly);
  }

  ended({ broker, store }: SimulatedBroker): void {
    if (broker !== undefined) this.wills.crashed(broker, store?.durableUpTo ?? 0);
    this.trace.add("broker", "ends");
    this.broker = undefined;
  }

  readonly hooks: BrokerHooks = {
    onConnect: ({ clientIdentifier }, sessionPresent) => {
      this.trace.add("broker", `serves ${clientIdentifier}${sessionPresent ? " again" : ""}`);
      this.disconnectedAtMs.delete(clientIdentifier);
      this.wills.admitted(this.broker as Broker, clientIdentifier);
    },
    onDisconnect: ({ clientIdentifier }, { reasonCode, byServer }) => {
      this.trace.add("broker", `loses ${clientIdentifier}, ${reasonCode}${byServer ? ", by itself" : ""}`);
      this.disconnected(clientIdentifier, (this.broker as Broker).nowMs);
      this.ledger.count(`connection ended with ${reasonCode}`);
      // Before 5.0 DISCONNECT has no reason, which counts as 0.
      const isTakenBack = !byServer && reasonCode === 0;
      this.wills.left(this.broker as Broker, clientIdentifier, isTakenBack);
    },
    onDrop: (clientIdentifier, message, reason) => this.dropped(clientIdentifier, message, reason),
  };

  readonly observer: BrokerObserver = {
    failure: (_client, error) => this.ledger.violated(`the broker failed: ${(error as Error).stack}`),
    protocolError: ({ clientIdentifier }, error) => {
      this.ledger.violated(`the broker says that ${clientIdentifier} broke the protocol: ${error.message}`);
    },
    sessionEnded: (clientIdentifier) => {
      this.sessionEnds(clientIdentifier);
      this.ending.delete(clientIdentifier);
    },
    storeFailed: (error) => this.ledger.violated(`the store failed: ${error.stack}`),
    storeRoomChanged: (hasRoom) => this.trace.add("broker", hasRoom ? "has room again" : "is short of room"),
  };

  /** The clock may have jumped, and a connection that got no CONNACK ends unseen: the earliest time counts. */
  private disconnected(name: string, atMs: number): void {
    this.disconnectedAtMs.set(name, Math.min(atMs, this.disconnectedAtMs.get(name) ?? Number.POSITIVE_INFINITY));
  }

  /** It is over, although what waits in a long queue is handed on page by page. */
  private sessionEnds(name: string): void {
    if (this.ending.has(name)) return;
    this.ending.add(name);
    const client = this.clients.get(name);
    const broker = this.broker as Broker;
    this.trace.add("broker", `ends the session of ${name}`);
    this.ledger.count("session ended");
    if (client === undefined) return;
    const { version, isLasting, sessionExpiryInterval } = client.settings;
    const asked = version < 5 ? (isLasting ? SESSION_EXPIRY_NEVER : 0) : sessionExpiryInterval;
    const granted = Math.min(asked, broker.limits.sessionExpiryIntervalMax);
    if (granted > 0 && !client.hasRestarted) {
      const sinceMs = this.disconnectedAtMs.get(name);
      if (sinceMs === undefined) this.ledger.violated(`the session of ${name} ended while it was connected`);
      else if (granted === SESSION_EXPIRY_NEVER || broker.nowMs - sinceMs < granted * 1000) {
        this.ledger.violated(`the session of ${name} ended after ${broker.nowMs - sinceMs} ms, not ${granted} s`);
      }
    }
    client.sessionEnded();
  }

  private dropped(name: string | undefined, message: ApplicationMessage, reason: DropReason): void {
    const broker = this.broker as Broker;
    const { limits } = broker;
    const who = name ?? "nobody";
    this.ledger.count(`dropped: ${reason}`);
    if (message.payloadBytes > 0) {
      const publication = this.ledger.find(message.payload, message.topicName, "the broker");
      if (publication === undefined) return;
      this.trace.add("broker", `drops ${publication.id} for ${who}: ${reason}`);
      const reasons = publication.drops.get(who) ?? new Set();
      publication.drops.set(who, reasons.add(reason));
    }
    const client = this.clients.get(who);
    const session = broker.sessions.get(who);
    const queue = session?.outbound.queue;
    let hasReason = false;
    switch (reason) {
      case "queue-full":
        hasReason =
          queue !== undefined &&
          (queue.size >= limits.queuedMessagesMax - 1 ||
            // The oldest one goes for a new one of any size.
            queue.bytes + message.sizeBytes + limits.maximumPacketSize > limits.queuedBytesMax);
        break;
      case "expired":
        hasReason = message.expiresAtMs <= broker.nowMs;
        break;
      case "too-large": {
        const packetSizeMax = client?.settings.maximumPacketSize ?? Number.POSITIVE_INFINITY;
        hasReason = message.payloadBytes + HEAD_BYTES_MAX > packetSizeMax;
        break;
      }
      case "slow-consumer":
        hasReason = session?.connection?.isWritable === false;
        break;
      case "refused":
        hasReason = !broker.store.hasRoom;
        break;
      case "retained-limit":
        hasReason =
          !broker.store.hasRoom ||
          broker.retained.size >= limits.retainedMessagesMax - 1 ||
          broker.retained.bytes + message.sizeBytes > limits.retainedBytesMax;
        break;
      case "session-ended":
        if (session?.isEnding === true) this.sessionEnds(who);
        hasReason = session === undefined || session.isEnding;
        break;
    }
    if (!hasReason) this.ledger.violated(`the broker dropped a message to ${message.topicName} for ${who}: ${reason}`);
  }
}
