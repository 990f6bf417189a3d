/** Saves what can be read of a damaged store into a new one, and moves the damaged file aside. */
import { existsSync, renameSync } from "node:fs";
import type { StorableMessage, StoredMessage } from "@tidings/session";
import { checkFormat } from "./format-version.js";
import type { KeyValueDriver } from "./key-value-driver.js";
import { KeyValueSessionStore } from "./key-value-session-store.js";
import { Table } from "./keys.js";
import { lmdbDriver } from "./lmdb-driver.js";
import { loadState } from "./load-state.js";
import { copyReadable } from "./probe-file.js";
import { dataPath, readablePath, removeDatabase, rescuedPath } from "./store-directory.js";
import { visitState } from "./visit-state.js";

export interface RescuedContent {
  readonly sessions: number;
  readonly subscriptions: number;
  /** For all sessions, queued or in flight. */
  readonly deliveries: number;
  readonly retainedMessages: number;
  /** Rows and records that were left out, as far as they could be counted. */
  readonly problems: number;
}

/** Puts the new store in the place of the damaged one. */
export async function rescueStore(directory: string, movedTo: string): Promise<RescuedContent> {
  const readable = readablePath(directory);
  const rescued = rescuedPath(directory);
  await copyReadable(dataPath(directory), readable, Object.values(Table));
  const from = lmdbDriver(readable);
  const to = lmdbDriver(rescued);
  await checkFormat(to, directory);
  const store = new KeyValueSessionStore(to);
  const content = await copyContent(from, store);
  await store.close();
  await from.close();
  removeDatabase(readable);
  renameSync(dataPath(directory), movedTo);
  if (existsSync(`${dataPath(directory)}-lock`)) removeDatabase(dataPath(directory));
  renameSync(rescued, dataPath(directory));
  removeDatabase(rescued);
  return content;
}

/** Tells `store` what can be read from `driver`. */
async function copyContent(driver: KeyValueDriver, store: KeyValueSessionStore): Promise<RescuedContent> {
  let problems = 0;
  const content = { sessions: 0, subscriptions: 0, deliveries: 0, retainedMessages: 0 };
  const onDamage = (): void => {
    problems += 1;
  };
  const state = await loadState(driver, { onDamage });
  const messages = new Map<number, StorableMessage>();
  const storable = (messageNumber: number, message: StoredMessage): StorableMessage => {
    let known = messages.get(messageNumber);
    if (known === undefined) {
      known = { messageNumber: 0, stored: () => message };
      messages.set(messageNumber, known);
    }
    return known;
  };
  const nextNumbers = new Map<string, number>();
  let told = 0;
  const sealNowAndThen = (): void => {
    if (++told % 1000 === 0) store.seal();
  };
  await visitState(
    driver,
    state,
    {
      session: (session, nextDeliveryNumber) => {
        content.sessions += 1;
        store.putSession(session);
        nextNumbers.set(session.clientIdentifier, nextDeliveryNumber);
        sealNowAndThen();
      },
      subscription: (clientIdentifier, subscription) => {
        content.subscriptions += 1;
        store.putSubscription(clientIdentifier, subscription);
      },
      inbound: (clientIdentifier, packetIdentifier) => store.addInbound(clientIdentifier, packetIdentifier),
      delivery: (clientIdentifier, { messageNumber, message, packetIdentifier, released, ...delivery }) => {
        content.deliveries += 1;
        store.enqueue(clientIdentifier, delivery, storable(messageNumber, message));
        if (packetIdentifier > 0) store.sent(clientIdentifier, delivery.deliveryNumber, packetIdentifier);
        if (released) store.released(clientIdentifier, delivery.deliveryNumber);
        sealNowAndThen();
      },
      retained: (message, messageNumber) => {
        content.retainedMessages += 1;
        store.setRetained(message.topicName, storable(messageNumber, message));
        sealNowAndThen();
      },
    },
    undefined,
    onDamage,
  );
  for (const [clientIdentifier, next] of nextNumbers) store.skipDeliveries(clientIdentifier, next);
  store.seal();
  return { ...content, problems };
}
