/** Puts the broker together and runs it until a signal, or an error that nobody expected, ends it. */
import { join } from "node:path";
import type { AdminServer } from "@tidings/admin";
import { BanList } from "@tidings/auth";
import { createBrokerServer } from "@tidings/broker/node";
import { openAdmin } from "./admin/open-admin.js";
import { createTelemetry } from "./admin/telemetry.js";
import { announce } from "./announce.js";
import { coreOptions, storageSettings } from "./config/broker-settings.js";
import { ConfigurationError } from "./config/configuration-error.js";
import { loadFor } from "./config/configuration-file.js";
import type { LoadedConfiguration } from "./config/load-configuration.js";
import { ExitCode } from "./exit-codes.js";
import { ListenFailure } from "./listeners/listen-failure.js";
import { ListenerSet } from "./listeners/listener-set.js";
import { logEvents } from "./log-events.js";
import { createLogger } from "./logger.js";
import { describeRecovery, openStore, StoreFailure } from "./open-store.js";
import type { BrokerArguments } from "./parse-arguments.js";
import { reloadOnSignal } from "./reload/reload-on-signal.js";
import { Reloader } from "./reload/reloader.js";
import { drain } from "./running/drain.js";
import { stopOnSignals } from "./running/stop-on-signals.js";
import { summarizeOnSignal } from "./running/summarize.js";
import { connectSystemd } from "./running/systemd.js";
import { watchMemory } from "./running/watch-memory.js";
import { ManagedSecurity } from "./security/managed-security.js";
import { protect } from "./security/protection.js";
import { SecurityFailure } from "./security/security-failure.js";
import { securityHooks } from "./security/security-hooks.js";
import { boundYoungGeneration } from "./young-generation.js";

/** In the data directory. */
const MANAGED_SECURITY_FILE = "security.json";

export async function run(args: BrokerArguments): Promise<void> {
  try {
    await runWith(loadFor(args), args);
  } catch (error) {
    if (error instanceof ConfigurationError) {
      process.stderr.write(`${error.message}\n`);
      process.exit(ExitCode.BadConfiguration);
    }
    const isExpected =
      error instanceof ListenFailure || error instanceof SecurityFailure || error instanceof StoreFailure;
    if (!isExpected) throw error;
    process.stderr.write(`tidings-broker: ${error.message}\n`);
    process.exit(ExitCode.Failed);
  }
}

async function runWith(loaded: LoadedConfiguration, args: BrokerArguments): Promise<void> {
  const { configuration } = loaded;
  const { level = "info", format = "auto" } = configuration.log ?? {};
  const isTerminal = process.stdout.isTTY === true && format !== "json";
  const logger = createLogger(level, isTerminal || format === "pretty");
  // Rejections that nobody handles come here too.
  process.on("uncaughtException", (error) => {
    logger.fatal(error, "unexpected error, exiting");
    process.exit(ExitCode.Failed);
  });
  const plans = ListenerSet.plan(configuration, loaded.directory);
  const storage = storageSettings(loaded);
  const managed = new ManagedSecurity(storage.directory && join(storage.directory, MANAGED_SECURITY_FILE));
  const security = await securityHooks(loaded, logger, managed);
  const telemetry = await createTelemetry(configuration);
  const beganMs = performance.now();
  const store = await openStore(storage, logger);
  const events = logEvents(logger);
  const { observer } = events;
  const hooks = [...events.hooks, ...telemetry.hooks];
  const bans = new BanList({ entriesMax: configuration.protection?.bansMax });
  const guarded = [...hooks, ...protect(security, configuration, bans)];
  const options = { ...coreOptions(configuration), observer, hooks: guarded, store };
  const server = await createBrokerServer(options);
  boundYoungGeneration(server.broker);
  watchMemory(server.broker);
  const listeners = new ListenerSet(server, logger);
  const reloader = new Reloader(loaded, () => loadFor(args), server, listeners, hooks, bans, managed, security, logger);
  const systemd = connectSystemd(process.env, (reason) => logger.warn({ reason }, "systemd cannot be told how we are"));
  let isStopping = false;
  let admin: AdminServer | undefined;
  const stop = async (): Promise<void> => {
    isStopping = true;
    await drain(server, listeners, reloader.current.configuration.drain);
    await Promise.all([admin?.close(), telemetry.stop()]);
  };
  stopOnSignals(stop, logger, systemd);
  const recovery = store && describeRecovery(store, (performance.now() - beganMs) / 1000);
  await listeners.become(plans);
  const { broker } = server;
  telemetry.start(broker, args.version);
  admin = await openAdmin({
    ...{ broker, version: args.version, listeners, reloader, managed, bans, logger },
    isStopping: () => isStopping,
  });
  reloadOnSignal(reloader, logger, systemd);
  summarizeOnSignal(server.broker, listeners, logger);
  systemd.ready();
  for (const name of loaded.ignoredVariables) {
    logger.warn(`the environment variable ${name} says nothing about a configuration`);
  }
  if (admin !== undefined) logger.info({ url: admin.url }, `admin API at ${admin.url}/api/v1/openapi.json`);
  announce(listeners.open, { version: args.version, storage, recovery, configuration }, logger, isTerminal);
}
