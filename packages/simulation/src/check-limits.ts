/**
 * Every queue of the broker is within its limit, at every step; and at rest there is nothing left in any of them: no
 * identifier, no slot, no byte.
 */
import type { Broker } from "@tidings/broker";
import type { KeyValueSessionStore } from "@tidings/store-lmdb";
import type { Ledger } from "./ledger.js";

/** A turn adds no more than a block and a packet to what a connection has waiting, beyond twice the mark. */
const BLOCK_BYTES = 65_536;

export class LimitChecker {
  private broker: Broker | undefined;
  /** What a restart brought may be above the limits, but must not grow. */
  private readonly queued = new Map<string, number>();

  constructor(private readonly ledger: Ledger) {}

  check(broker: Broker): void {
    const { limits } = broker;
    const isNew = broker !== this.broker;
    this.broker = broker;
    for (const { clientIdentifier, outbound, subscriptions } of broker.sessions.values()) {
      const { queue } = outbound;
      this.checkQueue(isNew, clientIdentifier, queue.size, limits.queuedMessagesMax);
      this.atMost(queue.size === 0 ? queue.bytes : 0, 0, `bytes in the empty queue of ${clientIdentifier}`);
      this.atMost(subscriptions.size, limits.subscriptionsMax, `subscriptions of ${clientIdentifier}`);
    }
    for (const connection of broker.connections) {
      const most = 2 * limits.outboundHighWaterBytes + limits.maximumPacketSize + BLOCK_BYTES;
      this.atMost(connection.outbound.pendingBytes, most, `bytes waiting for ${connection.clientIdentifier}`);
      if (connection.protocolVersion === 5 && connection.isConnected) {
        const name = `unfinished messages of ${connection.clientIdentifier}`;
        this.atMost(connection.receiveQuota.unfinished, limits.receiveMaximum, name);
      }
    }
    this.atMost(broker.connections.size, limits.connectionsMax, "connections");
    this.atMost(broker.sessions.size, limits.sessionsMax, "sessions");
    this.atMost(broker.retained.size, limits.retainedMessagesMax, "retained messages");
    this.atMost(broker.retained.bytes, limits.retainedBytesMax, "bytes of retained messages");
    // Reading stops above the limit; what was at hand is still taken, and the ends of connections come on top.
    const backlogMax = limits.storeBacklogBytesMax + (broker.connections.size + 1) * BLOCK_BYTES;
    this.atMost(broker.store.backlogBytes, backlogMax, "bytes not durable");
  }

  checkRest(broker: Broker, store: KeyValueSessionStore): void {
    const { ledger } = this;
    const none = (count: number, what: string): void => {
      if (count !== 0) ledger.violated(`at rest there are ${count} ${what}`);
    };
    for (const session of broker.sessions.values()) {
      const name = session.clientIdentifier;
      none(session.outbound.inFlight.size, `identifiers in use towards ${name}`);
      none(session.outbound.queue.size, `messages queued for ${name}`);
      none(session.outbound.queue.bytes, `bytes queued for ${name}`);
      none(session.inbound.size, `QoS 2 identifiers of ${name}`);
      const { quota } = session.outbound as unknown as { quota: { initial: number; available: number } | undefined };
      if (quota !== undefined) none(quota.initial - quota.available, `send slots of ${name} taken`);
    }
    for (const connection of broker.connections) {
      none(connection.receiveQuota.unfinished, `receive slots of ${connection.clientIdentifier} taken`);
      none(connection.outbound.pendingBytes, `bytes waiting for ${connection.clientIdentifier}`);
    }
    none(broker.blocks.taken, "output blocks taken");
    none(broker.waitingForStore.size, "connections waiting for the store");
    none(store.backlogBytes, "bytes not durable");
    none(store.countMessages() - broker.retained.size, "messages in the store that nobody needs");
    const kept = [...broker.sessions.values()].filter((session) => session.store !== undefined).length;
    none(store.sessionCount - kept, "sessions in the store that the broker does not have");
  }

  private checkQueue(isNew: boolean, name: string, size: number, limit: number): void {
    if (!isNew && size > limit && size > (this.queued.get(name) ?? 0)) {
      this.ledger.violated(`${size} messages queued for ${name}, the limit is ${limit}`);
    }
    this.queued.set(name, size);
  }

  private atMost(size: number, limit: number, what: string): void {
    if (size > limit) this.ledger.violated(`${size} ${what}, the limit is ${limit}`);
  }
}
