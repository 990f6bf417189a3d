/** Takes up the session that an earlier life of the process told a store. */
import type { RecoveryVisitor, SessionStore } from "@tidings/session";
import type { ClientSession } from "./client-session.js";
import { OutgoingMessage } from "./outgoing-message.js";
import { decodeProperties } from "./stored-properties.js";

/** Resolves with whether there was a session of that name; there is one afterwards. */
export async function recoverSession(
  session: ClientSession,
  store: SessionStore,
  clientIdentifier: string,
): Promise<boolean> {
  let found = false;
  const visitor: RecoveryVisitor = {
    session: (stored, nextDeliveryNumber) => {
      if (stored.clientIdentifier !== clientIdentifier) return;
      found = true;
      session.restoreNumber(nextDeliveryNumber);
    },
    subscription: () => {}, // the application makes its subscriptions itself
    delivery: (owner, { deliveryNumber, packetIdentifier, released, message, messageNumber, qos, retain }) => {
      if (owner !== clientIdentifier) return;
      const { topicName, payload, properties, expiresAtMs } = message;
      const restored = new OutgoingMessage(
        topicName,
        payload,
        qos,
        retain,
        decodeProperties(properties),
        expiresAtMs,
        undefined,
      );
      restored.deliveryNumber = deliveryNumber;
      restored.messageNumber = messageNumber;
      session.restore(restored, packetIdentifier, released);
    },
    inbound: (owner, packetIdentifier) => {
      if (owner === clientIdentifier) session.inbound.begin(packetIdentifier);
    },
    retained: () => {},
  };
  await store.recover(visitor);
  if (!found) {
    store.putSession({
      clientIdentifier,
      sessionExpiryInterval: 0xffff_ffff,
      disconnectedAtMs: undefined,
      userName: undefined,
      will: undefined,
    });
  }
  return found;
}
