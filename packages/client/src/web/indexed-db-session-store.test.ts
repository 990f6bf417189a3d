import { sessionStoreSuite } from "@tidings/session/testing";
import { IDBFactory } from "fake-indexeddb";
import fastCheck from "fast-check";
import { describe, expect, test } from "vitest";
import { JournalSessionStore } from "../journal/journal-session-store.js";
import { IndexedDbJournal } from "./indexed-db-journal.js";
import { indexedDbSessionStore } from "./indexed-db-session-store.js";

const factories = new WeakMap<JournalSessionStore, IDBFactory>();

function storeIn(factory: IDBFactory): JournalSessionStore {
  const store = new JournalSessionStore(new IndexedDbJournal("session", factory));
  factories.set(store, factory);
  return store;
}

describe("the IndexedDB store", () => {
  sessionStoreSuite(
    {
      create: async () => storeIn(new IDBFactory()),
      reopen: async (store) => {
        await store.close();
        return storeIn(factories.get(store) as IDBFactory);
      },
      messageCount: (store) => store.messageCount,
    },
    { describe, test, expect, fastCheck },
  );
});

test("a database that cannot be opened fails to recover", async () => {
  const failing = {
    open: () => {
      throw new Error("no room");
    },
  } as unknown as IDBFactory;
  const { store } = indexedDbSessionStore("session", { indexedDB: failing });
  const recovering = store.recover({ session() {}, subscription() {}, delivery() {}, inbound() {}, retained() {} });
  await expect(recovering).rejects.toThrow("no room");
});
