/**
 * `TIDINGS_LIMITS_QUEUED_MESSAGES_MAX=50` says `limits.queuedMessagesMax: 50`: the path in capitals, words and levels apart
 * by underscores, entries of a list by their number or, for listeners, by their name.
 */
import { parse } from "yaml";
import { childrenOf, type JsonSchema, jsonSchema, keysOf, wantsText } from "./json-schema.js";
import { type Path, valueAt } from "./path.js";

const ENVIRONMENT_PREFIX = "TIDINGS_";
/** Read elsewhere. */
const OTHERS: ReadonlySet<string> = new Set(["TIDINGS_CONFIG"]);

export interface Override {
  /** What messages call it: the variable, or the flag. */
  readonly source: string;
  readonly path: Path;
  readonly value: unknown;
}

/** `ignored` are variables with the prefix that say nothing about a configuration; Kubernetes makes some of that kind. */
export function environmentOverrides(
  environment: Readonly<Record<string, string | undefined>>,
  configuration: unknown,
): { overrides: Override[]; ignored: string[] } {
  const overrides: Override[] = [];
  const ignored: string[] = [];
  for (const [source, text] of Object.entries(environment)) {
    if (!source.startsWith(ENVIRONMENT_PREFIX) || text === undefined || OTHERS.has(source)) continue;
    const found = findPath(source.slice(ENVIRONMENT_PREFIX.length), configuration);
    if (found === undefined) ignored.push(source);
    else overrides.push({ source, path: found.path, value: scalarOf(text, found.schemas) });
  }
  return { overrides, ignored };
}

interface Found {
  readonly path: Path;
  readonly schemas: readonly JsonSchema[];
}

function findPath(name: string, configuration: unknown): Found | undefined {
  return follow(name, [], [jsonSchema()], configuration);
}

/** `rest` is what is left of the name below `path`. */
function follow(rest: string, path: Path, schemas: readonly JsonSchema[], configuration: unknown): Found | undefined {
  if (rest === "") return { path, schemas };
  for (const [word, key] of namesBelow(path, schemas, configuration)) {
    if (rest !== word && !rest.startsWith(`${word}_`)) continue;
    const below = schemas.flatMap((schema) => childrenOf(schema, key));
    const found = follow(rest.slice(word.length + 1), [...path, key], below, configuration);
    if (found !== undefined) return found;
  }
  const [, index, behind] = /^(\d{1,4})(?:_|$)(.*)$/.exec(rest) ?? [];
  if (index === undefined) return undefined;
  const entries = schemas.flatMap((schema) => childrenOf(schema, Number(index)));
  return entries.length === 0 ? undefined : follow(behind, [...path, Number(index)], entries, configuration);
}

/** Longer names first: one may be the beginning of another. */
function namesBelow(path: Path, schemas: readonly JsonSchema[], configuration: unknown): [string, string | number][] {
  const names: [string, string | number][] = keysOf(schemas).map((key) => [inCapitals(key), key]);
  const value = valueAt(configuration, path);
  if (Array.isArray(value)) {
    value.forEach((entry, index) => {
      const name = (entry as { name?: unknown } | null)?.name;
      if (typeof name === "string") names.push([name.replace(/[^A-Za-z0-9]/g, "_").toUpperCase(), index]);
    });
  }
  return names.filter(([word]) => word !== "").sort(([a], [b]) => b.length - a.length);
}

/** `queuedMessagesMax` as `QUEUED_MESSAGES_MAX`, `maximumQoS` as `MAXIMUM_QOS`. */
export function inCapitals(key: string): string {
  return key
    .replace(/QoS/g, "Qos")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toUpperCase();
}

/** A number, a list and so on as YAML writes them, where no text is wanted. */
export function scalarOf(text: string, schemas: readonly JsonSchema[]): unknown {
  if (wantsText(schemas)) return text;
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch {
    return text;
  }
}
