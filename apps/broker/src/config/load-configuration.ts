/** From a file, the environment and flags, in this order, to a configuration that is valid; or to all that is wrong. */
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { checkWhole } from "./check-whole.js";
import { ConfigurationError, type ConfigurationProblem } from "./configuration-error.js";
import { CONFIGURATION_BYTES_MAX, type ConfigurationText, parseConfigurationText } from "./configuration-text.js";
import { describeIssue } from "./describe-issue.js";
import { environmentOverrides, type Override, scalarOf } from "./environment.js";
import { childrenOf, type JsonSchema, jsonSchema } from "./json-schema.js";
import { type Path, pathText, setAt } from "./path.js";
import { type Configuration, configurationSchema } from "./schema.js";
import { hasPlaces, type SubstituteSources, substitute } from "./substitute.js";

export interface ConfigurationSources {
  /** Undefined: there is none. */
  readonly file: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the command line; they have the last word. */
  readonly flags: readonly Override[];
}

export interface LoadedConfiguration {
  readonly configuration: Configuration;
  /** Absolute. */
  readonly file: string | undefined;
  /** Where relative paths in the configuration begin. */
  readonly directory: string;
  /** Variables that look like ours and say nothing. */
  readonly ignoredVariables: readonly string[];
}

/** Throws a `ConfigurationError` with every problem found. */
export function loadConfiguration({ file, environment, flags }: ConfigurationSources): LoadedConfiguration {
  const path = file === undefined ? undefined : resolve(file);
  const text = path === undefined ? EMPTY : parseConfigurationText(readText(path, file as string), file as string);
  const directory = path === undefined ? process.cwd() : dirname(path);
  const root = substituteAll(text, file ?? "", { environment, directory });
  const { overrides, ignored } = environmentOverrides(environment, root);
  const all = [...overrides, ...flags];
  for (const override of all) setAt(root, override.path, override.value);
  const placeOf = (at: Path): string => {
    const override = all.findLast(({ path }) => path.every((key, index) => at[index] === key));
    if (override !== undefined) return override.source;
    if (file === undefined) return "";
    const line = text.lineOf(at);
    return line === undefined ? file : `${file}:${line}`;
  };
  return { configuration: validate(root, placeOf), file: path, directory, ignoredVariables: ignored };
}

const EMPTY: ConfigurationText = { value: {}, lineOf: () => undefined };

function readText(path: string, name: string): string {
  const fail = (message: string): never => {
    throw new ConfigurationError([{ place: name, path: "", message }]);
  };
  try {
    if (statSync(path).size > CONFIGURATION_BYTES_MAX) fail("the file is larger than 4 MiB.");
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return fail("there is no such file; `tidings-broker init` writes one.");
    return fail(`the file cannot be read: ${message}`);
  }
}

function substituteAll(text: ConfigurationText, name: string, sources: SubstituteSources): Record<string, unknown> {
  if (typeof text.value !== "object" || text.value === null || Array.isArray(text.value)) {
    throw new ConfigurationError([
      { place: name, path: "", message: "this is no configuration: write keys and values." },
    ]);
  }
  const problems: ConfigurationProblem[] = [];
  const walk = (value: unknown, path: Path, schemas: readonly JsonSchema[]): unknown => {
    if (Array.isArray(value)) {
      return value.map((entry, index) =>
        walk(
          entry,
          [...path, index],
          schemas.flatMap((schema) => childrenOf(schema, index)),
        ),
      );
    }
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([key, entry]) => [
          key,
          walk(
            entry,
            [...path, key],
            schemas.flatMap((schema) => childrenOf(schema, key)),
          ),
        ]),
      );
    }
    if (typeof value !== "string" || !hasPlaces(value)) return value;
    try {
      return scalarOf(substitute(value, sources), schemas);
    } catch (error) {
      const line = text.lineOf(path);
      const message = `${pathText(path)}: ${(error as Error).message}.`;
      problems.push({ place: line === undefined ? name : `${name}:${line}`, path: pathText(path), message });
      return value;
    }
  };
  const root = walk(text.value, [], [jsonSchema()]);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return root as Record<string, unknown>;
}

function validate(root: unknown, placeOf: (path: Path) => string): Configuration {
  const { $schema: _, ...content } = root as Record<string, unknown>; // for editors of JSON files
  const result = configurationSchema.safeParse(content);
  const found = result.success
    ? checkWhole(result.data)
    : result.error.issues.flatMap((issue) => describeIssue(issue, content));
  if (found.length > 0) {
    const problems = found.map(({ path, message }) => ({ place: placeOf(path), path: pathText(path), message }));
    throw new ConfigurationError(problems);
  }
  return result.data as Configuration;
}
