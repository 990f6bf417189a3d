/** What the measurements tell a store. */
import type { StorableMessage } from "@tidings/session";

export const PAYLOAD = new Uint8Array(256).map((_, i) => i);

export function message(topicName: string): StorableMessage {
  return {
    messageNumber: 0,
    stored: () => ({
      topicName,
      payload: PAYLOAD,
      properties: new Uint8Array(),
      qos: 1,
      expiresAtMs: Number.POSITIVE_INFINITY,
      publisherIdentifier: "publisher",
    }),
  };
}

export const session = (clientIdentifier: string) => ({
  clientIdentifier,
  sessionExpiryInterval: 3600,
  disconnectedAtMs: undefined,
  userName: undefined,
  will: undefined,
});

export const delivery = (deliveryNumber: number) => ({
  deliveryNumber,
  qos: 1 as const,
  retain: false,
  subscriptionIdentifiers: undefined,
  sharedFilter: undefined,
});
