/** Opens the store that the configuration asks for, and says what was found. */
import {
  type KeyValueSessionStore,
  openLmdbSessionStore,
  type StoreError,
  type StoreProgress,
} from "@tidings/store-lmdb";
import type { StorageSettings } from "./config/broker-settings.js";
import type { Logger } from "./logger.js";

const PROGRESS_INTERVAL_MS = 1000;

/** The user can do something about it; a stack would tell nothing. */
export class StoreFailure extends Error {}

/** Undefined: state is in memory. Rejects with a `StoreFailure` whose message is one line for the user. */
export async function openStore(settings: StorageSettings, logger: Logger): Promise<KeyValueSessionStore | undefined> {
  const { directory, durability } = settings;
  if (directory === undefined) return undefined;
  try {
    return await openLmdbSessionStore({
      directory,
      durability,
      onProgress: progressLogger(logger),
      onDamage: ({ movedTo, problem, saved }) => {
        const { sessions, subscriptions, deliveries, retainedMessages } = saved;
        logger.error(
          { directory, movedTo, problem, saved },
          `the state was damaged and has been moved to ${movedTo}; saved from it: ${sessions} sessions, ` +
            `${subscriptions} subscriptions, ${deliveries} queued messages, ${retainedMessages} retained messages`,
        );
      },
    });
  } catch (error) {
    const { code, message } = error as StoreError;
    if (!String(code).startsWith("TIDINGS_STORE_")) throw error;
    throw new StoreFailure(`${message} See --data or --memory, or the section storage.`);
  }
}

/** A line every second, for a start that takes longer than that. Everything is read twice. */
function progressLogger(logger: Logger): (progress: StoreProgress) => void {
  let lastMs = performance.now();
  return ({ phase, done, total }) => {
    const nowMs = performance.now();
    if (nowMs - lastMs < PROGRESS_INTERVAL_MS) return;
    lastMs = nowMs;
    const share = (done / total + (phase === "load" ? 0 : 1)) / 2;
    logger.info({ phase, done, total }, `reading the state: ${Math.floor(100 * share)} %`);
  };
}

/** One line about what the broker went on with. */
export function describeRecovery({ recovered }: KeyValueSessionStore, seconds: number): string {
  const { sessions, subscriptions, deliveries, retainedMessages } = recovered;
  return (
    `recovered ${count(sessions, "session")}, ${count(subscriptions, "subscription")}, ` +
    `${count(deliveries, "queued message")} and ${count(retainedMessages, "retained message")} in ${seconds.toFixed(1)} s`
  );
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
