import { expect, test } from "vitest";
import { KeyValueSessionStore } from "./key-value-session-store.js";
import { loadState } from "./load-state.js";
import { FaultInjectingDriver } from "./testing/fault-injecting-driver.js";
import { visitState } from "./visit-state.js";

const MESSAGES = 50;

async function filledDriver(): Promise<FaultInjectingDriver> {
  const driver = new FaultInjectingDriver();
  const store = new KeyValueSessionStore(driver, undefined, { pendingRetainedMax: 0 });
  for (let i = 0; i < MESSAGES; i++) {
    const content = {
      topicName: `topic/${i}`,
      payload: Buffer.from(`payload ${i}`),
      properties: new Uint8Array(),
      qos: 1 as const,
      expiresAtMs: Number.POSITIVE_INFINITY,
      publisherIdentifier: undefined,
    };
    store.setRetained(content.topicName, { messageNumber: 0, stored: () => content });
    store.seal();
  }
  await store.close();
  return driver.reopened();
}

test.each([0, 200, 1_000_000])(
  "retained messages are handed over once, of which %i bytes are kept",
  async (keptRowsBytesMax) => {
    const driver = await filledDriver();
    const state = await loadState(driver, { keptRowsBytesMax });
    expect([state.retainedRows.size > 0, state.retainedRows.size === MESSAGES]).toEqual([
      keptRowsBytesMax > 0,
      keptRowsBytesMax === 1_000_000,
    ]);
    const found: string[] = [];
    const nothing = (): void => {};
    const visitor = { session: nothing, subscription: nothing, inbound: nothing, delivery: nothing };
    await visitState(driver, state, {
      ...visitor,
      retained: ({ topicName, payload }) => found.push(`${topicName}: ${Buffer.from(payload).toString()}`),
    });
    expect(found.sort()).toEqual(Array.from({ length: MESSAGES }, (_, i) => `topic/${i}: payload ${i}`).sort());
    expect(state.retainedRows.size).toBe(0);
  },
);
