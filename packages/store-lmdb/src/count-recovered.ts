/** Counts what a visitor is told of. */
import type { RecoveryVisitor } from "@tidings/session";

export interface RecoveredCounts {
  sessions: number;
  subscriptions: number;
  deliveries: number;
  retainedMessages: number;
}

export function countRecovered(visitor: RecoveryVisitor, counts: RecoveredCounts): RecoveryVisitor {
  return {
    session: (session, nextDeliveryNumber) => {
      counts.sessions += 1;
      visitor.session(session, nextDeliveryNumber);
    },
    subscription: (clientIdentifier, subscription) => {
      counts.subscriptions += 1;
      visitor.subscription(clientIdentifier, subscription);
    },
    inbound: (clientIdentifier, packetIdentifier) => visitor.inbound(clientIdentifier, packetIdentifier),
    delivery: (clientIdentifier, delivery) => {
      counts.deliveries += 1;
      visitor.delivery(clientIdentifier, delivery);
    },
    retained: (message, messageNumber) => {
      counts.retainedMessages += 1;
      visitor.retained(message, messageNumber);
    },
  };
}
