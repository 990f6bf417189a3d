/** Records to tell a store of: what a test does not care about has a plain value. */
import type { StoredDelivery, StoredSession, StoredSubscription } from "../session-store.js";

export function session(clientIdentifier: string, rest: Partial<StoredSession> = {}): StoredSession {
  return {
    clientIdentifier,
    sessionExpiryInterval: 3600,
    disconnectedAtMs: undefined,
    userName: undefined,
    will: undefined,
    ...rest,
  };
}

export function subscription(topicFilter: string, rest: Partial<StoredSubscription> = {}): StoredSubscription {
  return {
    topicFilter,
    qos: 1,
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0,
    subscriptionIdentifier: 0,
    ...rest,
  };
}

export function delivery(deliveryNumber: number, rest: Partial<StoredDelivery> = {}): StoredDelivery {
  return {
    deliveryNumber,
    qos: 1,
    retain: false,
    subscriptionIdentifiers: undefined,
    sharedFilter: undefined,
    ...rest,
  };
}
