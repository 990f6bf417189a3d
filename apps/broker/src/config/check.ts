/** `tidings-broker check`: says what is wrong, or prints the configuration as it would be used, without secrets. */
import { stringify } from "yaml";
import { ExitCode } from "../exit-codes.js";
import { ListenFailure } from "../listeners/listen-failure.js";
import { ListenerSet } from "../listeners/listener-set.js";
import { createLogger } from "../logger.js";
import type { BrokerArguments } from "../parse-arguments.js";
import { ManagedSecurity } from "../security/managed-security.js";
import { SecurityFailure } from "../security/security-failure.js";
import { securityHooks } from "../security/security-hooks.js";
import { changeableLimits, storageSettings } from "./broker-settings.js";
import { ConfigurationError } from "./configuration-error.js";
import { loadFor } from "./configuration-file.js";
import { defaultListeners } from "./default-listeners.js";
import { hideSecrets } from "./hide-secrets.js";
import type { LoadedConfiguration } from "./load-configuration.js";

/** Ends the process with 78 when the broker would not start with it. Opens nothing. */
export async function checkConfiguration(options: BrokerArguments): Promise<void> {
  try {
    const loaded = loadFor(options);
    ListenerSet.plan(loaded.configuration, loaded.directory);
    await securityHooks(loaded, createLogger("silent", false), new ManagedSecurity(undefined));
    process.stdout.write(describeConfiguration(loaded));
    for (const name of loaded.ignoredVariables) {
      process.stderr.write(`tidings-broker: the variable ${name} says nothing about a configuration\n`);
    }
  } catch (error) {
    if (!(error instanceof ConfigurationError || error instanceof ListenFailure || error instanceof SecurityFailure))
      throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = ExitCode.BadConfiguration;
  }
}

/** Defaults included, secrets hidden. */
export function effectiveConfiguration(loaded: LoadedConfiguration): unknown {
  const { configuration } = loaded;
  const { directory, durability } = storageSettings(loaded);
  const effective = {
    ...configuration,
    listeners: configuration.listeners ?? defaultListeners(),
    limits: { ...changeableLimits(configuration), ...configuration.limits },
    storage: directory === undefined ? { memory: true } : { directory, durability },
    log: { level: "info", format: "auto", ...configuration.log },
  };
  return hideSecrets(effective);
}

/** The same as YAML. */
function describeConfiguration(loaded: LoadedConfiguration): string {
  const source = loaded.file === undefined ? "no file" : loaded.file;
  return `# Effective configuration (${source}); secrets are hidden.\n${stringify(effectiveConfiguration(loaded))}`;
}
