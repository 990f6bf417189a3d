/** What is wrong with a configuration: every problem found, one line each. */

export interface ConfigurationProblem {
  /** `tidings.yaml:12`, `TIDINGS_LOG_LEVEL`, `--log-level`. */
  readonly place: string;
  /** `listeners[0].port`; empty for the whole. */
  readonly path: string;
  /** What is wrong, and what would be right. */
  readonly message: string;
}

export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly code = "TIDINGS_CONFIGURATION";

  constructor(readonly problems: readonly ConfigurationProblem[]) {
    super(problems.map(({ place, message }) => (place === "" ? message : `${place}: ${message}`)).join("\n"));
  }
}
