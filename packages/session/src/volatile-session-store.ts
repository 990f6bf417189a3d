/**
 * The store of a broker whose state may die with its process: remembers nothing, so everything is "already durable".
 */
import type { SessionStore } from "./session-store.js";

const nothing = (): void => {};

/** A store that may be told anything and recovers nothing. */
export function createVolatileSessionStore(): SessionStore {
  return {
    currentTicket: 0,
    durableUpTo: 0,
    onDurable: nothing,
    onFailure: nothing,
    hasRoom: true,
    onRoomChange: nothing,
    backlogBytes: 0,
    putSession: nothing,
    dropSession: nothing,
    putSubscription: nothing,
    removeSubscription: nothing,
    enqueue: nothing,
    sent: nothing,
    released: nothing,
    done: nothing,
    addInbound: nothing,
    removeInbound: nothing,
    setRetained: nothing,
    clearRetained: nothing,
    seal: () => 0,
    recover: async () => {},
    close: async () => {},
  };
}
