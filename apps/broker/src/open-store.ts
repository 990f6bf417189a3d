/** Opens the store that the command line asks for, and says what was found. */
import { type KeyValueSessionStore, openLmdbSessionStore, type StoreError } from "@tidings/store-lmdb";
import type { Logger } from "./logger.js";
import type { BrokerArguments } from "./parse-arguments.js";

/** The user can do something about it; a stack would tell nothing. */
export class StoreFailure extends Error {}

/** Undefined: state is in memory. Rejects with a `StoreFailure` whose message is one line for the user. */
export async function openStore(options: BrokerArguments, logger: Logger): Promise<KeyValueSessionStore | undefined> {
  const { dataDirectory: directory, durability } = options;
  if (directory === undefined) return undefined;
  try {
    return await openLmdbSessionStore({
      directory,
      durability,
      onProgress: ({ phase, done, total }) => {
        logger.info({ phase, done, total }, `reading the state: ${Math.floor((100 * done) / total)} %`);
      },
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
    throw new StoreFailure(`${message} See --data or --memory.`);
  }
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
