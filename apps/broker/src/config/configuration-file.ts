/** The sources of the configuration of one process: read at start, and again when somebody asks. */
import type { BrokerArguments } from "../parse-arguments.js";
import { type LoadedConfiguration, loadConfiguration } from "./load-configuration.js";

/** Throws a `ConfigurationError`. */
export function loadFor({ configurationFile, overrides }: BrokerArguments): LoadedConfiguration {
  const file = configurationFile ?? (process.env["TIDINGS_CONFIG"] || undefined);
  return loadConfiguration({ file, environment: process.env, flags: overrides });
}
