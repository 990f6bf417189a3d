import fastCheck from "fast-check";
import { describe, expect, test } from "vitest";
import { DelayedSessionStore } from "./delayed-session-store.js";
import { sessionStoreSuite } from "./index.js";

describe("DelayedSessionStore", () => {
  sessionStoreSuite(
    {
      create: async () => new DelayedSessionStore(true),
      reopen: async (store) => {
        await store.close();
        return store.killed();
      },
      kill: async (store) => store.killed(),
      powerCut: async (store) => store.killed(),
      readsQueues: true,
      messageCount: (store) => store.messageCount,
    },
    { describe, test, expect, fastCheck },
  );

  test("makes nothing durable before it is told to, then as far as it is told", () => {
    const store = new DelayedSessionStore();
    const durable: number[] = [];
    store.onDurable = (upTo) => durable.push(upTo);
    for (let i = 0; i < 3; i++) {
      store.dropSession("a");
      store.seal();
    }
    expect([store.durableUpTo, store.currentTicket, store.waitingBatches]).toEqual([0, 3, 3]);
    store.makeDurable(2);
    expect([store.durableUpTo, store.waitingBatches, durable]).toEqual([2, 1, [1, 2]]);
    store.makeDurable();
    expect([store.durableUpTo, store.waitingBatches, durable]).toEqual([3, 0, [1, 2, 3]]);
  });

  test("makes nothing durable any more once it has failed", () => {
    const store = new DelayedSessionStore();
    const errors: string[] = [];
    store.onFailure = (error) => errors.push(error.message);
    store.dropSession("a");
    store.seal();
    store.fail(new Error("disk full"));
    store.makeDurable();
    store.dropSession("a");
    expect([store.durableUpTo, store.currentTicket, errors]).toEqual([0, 1, ["disk full"]]);
  });
});
