/** The suite of every store, over a disk in memory that fails in every way it can. */
import { sessionStoreSuite } from "@tidings/session/testing";
import fastCheck from "fast-check";
import { describe, expect, test } from "vitest";
import { KeyValueSessionStore } from "./key-value-session-store.js";
import { loadState } from "./load-state.js";
import type { KeyValueStoreOptions } from "./store-options.js";
import { FaultInjectingDriver } from "./testing/index.js";

const drivers = new WeakMap<KeyValueSessionStore, FaultInjectingDriver>();

async function storeOn(driver: FaultInjectingDriver, options: KeyValueStoreOptions): Promise<KeyValueSessionStore> {
  const store = new KeyValueSessionStore(driver, await loadState(driver), options);
  drivers.set(store, driver);
  return store;
}

/** `lostWrite`: whether the write that was under way reached the disk, when the process or the power went. */
function suiteWith(options: KeyValueStoreOptions, keepsWaiting: boolean): void {
  const cut = (store: KeyValueSessionStore) =>
    storeOn((drivers.get(store) as FaultInjectingDriver).powerCut(keepsWaiting), options);
  sessionStoreSuite<KeyValueSessionStore>(
    {
      create: () => storeOn(new FaultInjectingDriver(), options),
      reopen: async (store) => {
        await store.close();
        return storeOn((drivers.get(store) as FaultInjectingDriver).reopened(), options);
      },
      kill: cut,
      powerCut: cut,
      messageCount: (store) => store.countMessages(),
    },
    { describe, test, expect, fastCheck },
  );
}

describe("a store as it is", () => suiteWith({}, false));
describe("a store that writes retained rows and merges frames all the time", () =>
  suiteWith({ pendingRetainedMax: 1, deadBytesMax: 0 }, true));
