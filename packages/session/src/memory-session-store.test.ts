import fastCheck from "fast-check";
import { describe, expect, test } from "vitest";
import { MemorySessionStore } from "./memory-session-store.js";
import { sessionStoreSuite } from "./testing/index.js";

describe("MemorySessionStore", () => {
  sessionStoreSuite(
    {
      create: async () => new MemorySessionStore(),
      reopen: async (store) => {
        await store.close();
        return store;
      },
      messageCount: (store) => store.messageCount,
    },
    { describe, test, expect, fastCheck },
  );
});
