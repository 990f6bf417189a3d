/**
 * `${env:NAME}` and `${file:path}` in the texts of a configuration, so that secrets can stand elsewhere. `$${` is a
 * plain `${`. What they bring is not looked through again.
 */
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";

const PLACE = /\$\$\{|\$\{([^}]*)\}/g;
const FILE_BYTES_MAX = 1_048_576;

export interface SubstituteSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Relative paths begin here. */
  readonly directory: string;
}

/** Throws an `Error` whose message says what is missing. */
export function substitute(text: string, sources: SubstituteSources): string {
  return text.replace(PLACE, (whole, inner: string | undefined) =>
    inner === undefined ? "${" : replacementFor(whole, inner, sources),
  );
}

export function hasPlaces(text: string): boolean {
  return text.includes("${");
}

function replacementFor(whole: string, inner: string, { environment, directory }: SubstituteSources): string {
  const [, kind, name] = /^(env|file):(.+)$/s.exec(inner) ?? [];
  if (kind === "env") {
    const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (value === undefined) throw new Error(`the environment variable ${name} is not set`);
    return value;
  }
  if (kind === "file") return readSecret(resolve(directory, name));
  throw new Error(`${whole} is unknown; write \${env:NAME} or \${file:path}, and $\${ for the characters themselves`);
}

/** Without the line end that editors leave. */
function readSecret(path: string): string {
  try {
    if (statSync(path).size > FILE_BYTES_MAX) throw new Error("it is larger than 1 MiB");
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new Error(`cannot read ${path}: ${(error as Error).message}`);
  }
}
