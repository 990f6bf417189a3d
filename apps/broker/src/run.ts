/** Puts the broker together and runs it until a signal, or an error that nobody expected, ends it. */
import { createBrokerServer } from "@tidings/broker/node";
import { announce } from "./announce.js";
import { ListenFailure, listen } from "./listen.js";
import { logEvents } from "./log-events.js";
import { createLogger } from "./logger.js";
import { describeRecovery, openStore, StoreFailure } from "./open-store.js";
import type { BrokerArguments } from "./parse-arguments.js";
import { stopOnSignals } from "./stop-on-signals.js";
import { boundYoungGeneration } from "./young-generation.js";

export async function run(options: BrokerArguments): Promise<void> {
  const isTerminal = process.stdout.isTTY === true;
  const logger = createLogger(options.logLevel, isTerminal);
  // Rejections that nobody handles come here too.
  process.on("uncaughtException", (error) => {
    logger.fatal(error, "unexpected error, exiting");
    process.exit(1);
  });
  try {
    const beganMs = performance.now();
    const store = await openStore(options, logger);
    const server = await createBrokerServer({ ...logEvents(logger), store });
    boundYoungGeneration(server.broker);
    stopOnSignals(server, logger);
    const recovery = store && describeRecovery(store, (performance.now() - beganMs) / 1000);
    announce(await listen(server, options, logger), { ...options, recovery }, logger, isTerminal);
  } catch (error) {
    if (!(error instanceof ListenFailure || error instanceof StoreFailure)) throw error;
    process.stderr.write(`tidings-broker: ${error.message}\n`);
    process.exit(1);
  }
}
