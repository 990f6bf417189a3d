import { expect, test } from "vitest";
import { recoverContent } from "./testing/store-content.js";
import { TestMessage } from "./testing/test-message.js";
import { delivery, session, subscription } from "./testing/test-records.js";
import { createVolatileSessionStore } from "./volatile-session-store.js";

test("a volatile store may be told anything, makes nobody wait and remembers nothing", async () => {
  const store = createVolatileSessionStore();
  const message = new TestMessage("one");
  store.putSession(session("a"));
  store.putSubscription("a", subscription("x"));
  store.enqueue("a", delivery(1), message);
  store.setRetained("topic/one", message);
  store.addInbound("a", 1);
  expect(message.timesStored).toBe(0);
  expect([store.currentTicket, store.seal(), store.durableUpTo, store.backlogBytes]).toEqual([0, 0, 0, 0]);
  await store.close();
  expect(await recoverContent(store)).toEqual({ sessions: [], retained: [] });
});
