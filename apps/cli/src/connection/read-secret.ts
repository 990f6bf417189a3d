/** Secrets from where they do not show in a list of processes: a file, or the environment. */
import { readFileSync } from "node:fs";
import { Failure } from "../failure.js";
import { systemReason } from "../system-reason.js";

export interface SecretSources {
  /** From the command line; wins. */
  readonly given?: string;
  readonly file?: string;
  /** The flag that named the file, for the message. */
  readonly flag: string;
  /** Name of the variable. */
  readonly variable: string;
}

/** One line ending at the end of a file does not belong to the secret. */
export function readSecret(sources: SecretSources, environment = process.env): string | undefined {
  if (sources.given !== undefined) return sources.given;
  if (sources.file === undefined) return environment[sources.variable];
  try {
    return readFileSync(sources.file, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new Failure(`Cannot read ${sources.file} (${sources.flag}): ${systemReason(error)}.`);
  }
}
