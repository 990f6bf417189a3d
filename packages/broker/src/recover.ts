/**
 * Takes up what a store kept: sessions with their subscriptions, deliveries, identifiers and wills, and the retained
 * messages. The store knows all of it already, but for the end of connections that the process took with it, and of
 * retained messages that expired meanwhile.
 */
import type { QoS } from "@tidings/packet";
import { Awaiting } from "@tidings/session";
import { parseSharedFilter } from "@tidings/topic";
import type { ApplicationMessage } from "./application-message.js";
import type { Broker } from "./broker.js";
import { copyOf } from "./copy-bytes.js";
import { messageFromStore, storedSizeBytes } from "./message-slab.js";
import { deliveryFromStore } from "./recovered-delivery.js";
import { ANY_LEVELS } from "./route-cache.js";
import { Session } from "./session.js";
import { Subscription } from "./subscription.js";

export async function recoverBroker(broker: Broker): Promise<void> {
  const messages = new Map<number, ApplicationMessage>();
  /** Sessions whose times the store does not have as they are now. */
  const retimed: Session[] = [];
  const expired: string[] = [];
  await broker.store.recover({
    session: (stored, nextDeliveryNumber) => {
      const session = new Session(broker, stored.clientIdentifier);
      session.nextDeliveryNumber = nextDeliveryNumber;
      session.sessionExpiryInterval = stored.sessionExpiryInterval;
      session.userName = stored.userName;
      session.store = broker.store;
      // A session that was connected when the process ended has been without a connection since: from now at the latest.
      // So has one that by a clock which was set back meanwhile will lose it in the future.
      session.disconnectedAtMs = Math.min(stored.disconnectedAtMs ?? broker.nowMs, broker.nowMs);
      let isRetimed = session.disconnectedAtMs !== stored.disconnectedAtMs;
      if (stored.will !== undefined) {
        const { packet, delayInterval, publishAtMs } = stored.will;
        session.will = { packet: copyOf(packet), delayInterval };
        const latestMs = broker.nowMs + delayInterval * 1000;
        session.restoreWillDue(Math.min(publishAtMs ?? latestMs, latestMs));
        if (publishAtMs !== undefined && publishAtMs > latestMs) isRetimed = true;
      }
      if (isRetimed) retimed.push(session);
      broker.sessions.set(stored.clientIdentifier, session);
      session.schedule();
    },
    subscription: (clientIdentifier, stored) => {
      const session = broker.sessions.get(clientIdentifier) as Session;
      const shared = parseSharedFilter(stored.topicFilter);
      const group = shared === undefined ? undefined : broker.table.groupFor(shared.shareName, shared.topicFilter);
      const subscription = new Subscription(
        session,
        stored.topicFilter,
        group,
        stored,
        stored.qos,
        stored.subscriptionIdentifier,
      );
      if (broker.table.add(subscription, ANY_LEVELS)) session.addSubscription(subscription);
    },
    inbound: (clientIdentifier, packetIdentifier) => {
      broker.sessions.get(clientIdentifier)?.inbound.begin(packetIdentifier);
    },
    delivery: (clientIdentifier, stored) => {
      const session = broker.sessions.get(clientIdentifier) as Session;
      const { messageNumber, packetIdentifier, deliveryNumber, sharedFilter } = stored;
      const { queue, inFlight } = session.outbound;
      if (sharedFilter !== undefined) session.holdsShared = true;
      // What would be left to the store need not be made.
      if (packetIdentifier === 0 && queue.appendUnread(deliveryNumber, storedSizeBytes(stored.message))) return;
      let message = messages.get(messageNumber);
      if (message === undefined) {
        message = messageFromStore(broker, stored.message, messageNumber, false);
        messages.set(messageNumber, message);
      }
      const delivery = deliveryFromStore(broker, stored, message);
      if (packetIdentifier === 0) queue.append(delivery);
      else if (inFlight.restore(packetIdentifier, delivery, awaiting(stored.qos, stored.released))) {
        session.inFlightBytes += delivery.sizeBytes;
      }
    },
    retained: (stored, messageNumber) => {
      if (stored.expiresAtMs <= broker.nowMs) {
        expired.push(stored.topicName);
        return;
      }
      broker.retained.restore(broker, stored, messageNumber);
    },
  });
  for (const topicName of expired) broker.store.clearRetained(topicName);
  // Their time runs from here on, whether this process lives on or not.
  for (const session of retimed) broker.store.putSession(session.stored());
}

function awaiting(qos: QoS, released: boolean): Awaiting {
  if (qos === 1) return Awaiting.Puback;
  return released ? Awaiting.Pubcomp : Awaiting.Pubrec;
}
