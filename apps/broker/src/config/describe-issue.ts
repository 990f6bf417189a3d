/** What the schema found, in words for whoever wrote the file: the path, the value, what would be right. */
import { distance } from "fastest-levenshtein";
import type { z } from "zod";
import { childrenOf, type JsonSchema, jsonSchema, keysOf, variantsOf } from "./json-schema.js";
import { type Path, pathText, valueAt } from "./path.js";

type Issue = z.core.$ZodIssue;

export interface DescribedIssue {
  readonly path: Path;
  readonly message: string;
}

/** One issue may be several problems, such as two unknown keys. */
export function describeIssue(issue: Issue, root: unknown): DescribedIssue[] {
  const path = issue.path as Path;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(path, key, root) }));
  }
  if (issue.code === "invalid_union" && issue.discriminator !== undefined) {
    const place = path.at(-1) === issue.discriminator ? path : [...path, issue.discriminator];
    return [{ path: place, message: wrong(place, root, oneOf(discriminators(place))) }];
  }
  if (issue.code === "invalid_union") {
    // Of the alternatives, the one that came closest.
    const nested = [...issue.errors].sort((a, b) => depthOf(b) - depthOf(a))[0] ?? [];
    if (depthOf(nested) > 0) {
      return nested.flatMap((inner) => describeIssue({ ...inner, path: [...path, ...inner.path] } as Issue, root));
    }
    return [{ path, message: wrong(path, root, expectationOfUnion(issue.errors)) }];
  }
  const isSize = (issue.code === "too_small" || issue.code === "too_big") && typeof valueAt(root, path) === "number";
  return [{ path, message: wrong(path, root, (isSize ? rangeAt(path) : undefined) ?? expectationOf(issue)) }];
}

/** Both ends, where there are two. */
function rangeAt(path: Path): string | undefined {
  const { minimum, maximum } = schemasAt(path)[0] ?? {};
  return minimum === undefined || maximum === undefined ? undefined : `use a number from ${minimum} to ${maximum}`;
}

function depthOf(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map(({ path }) => path.length));
}

function wrong(path: Path, root: unknown, expectation: string): string {
  const name = pathText(path);
  const value = valueAt(root, path);
  if (value === undefined) return `${name} is missing: ${expectation}.`;
  return `${name} is ${shown(value, path)}: ${expectation}.`;
}

function shown(value: unknown, path: Path): string {
  if (isSecret(path)) return "a secret (not shown)";
  if (typeof value === "string" && value.includes("-----BEGIN")) return "PEM";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function isSecret(path: Path): boolean {
  let schemas: readonly JsonSchema[] = [jsonSchema()];
  for (const key of path) {
    schemas = schemas.flatMap((schema) => childrenOf(schema, key));
    if (schemas.some(({ secret }) => secret === true)) return true;
  }
  return false;
}

const TYPES: Readonly<Record<string, string>> = {
  string: "write a text",
  number: "write a number",
  int: "write a whole number",
  boolean: "write true or false",
  object: "write keys and values",
  record: "write keys and values",
  array: "write a list",
};

/** What would be right, beginning with a verb. */
function expectationOf(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return TYPES[issue.expected] ?? `write a ${issue.expected}`;
    case "too_small":
      if (issue.origin === "string") return "it must not be empty";
      if (issue.origin === "array") return "the list must not be empty";
      return `use a number ${issue.inclusive === false ? "above" : "from"} ${issue.minimum}${issue.inclusive === false ? "" : " on"}`;
    case "too_big":
      return `use a number up to ${issue.maximum}`;
    case "invalid_value":
      return oneOf(issue.values);
    case "invalid_format":
      return FORMATS[issue.format] ?? issue.message;
    case "custom":
      return `it ${issue.message}`;
    default:
      return issue.message;
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  url: "write a URL such as https://example.org/path",
  starts_with: "begin it with /",
};

function expectationOfUnion(alternatives: readonly (readonly Issue[])[]): string {
  const texts = new Set(alternatives.map((issues) => (issues.length === 0 ? "" : expectationOf(issues[0]))));
  texts.delete("");
  return texts.size === 0 ? "it fits nothing that may stand here" : [...texts].join(", or ");
}

function oneOf(values: readonly unknown[]): string {
  const texts = values.map((value) => String(value));
  return texts.length === 1 ? `use ${texts[0]}` : `use ${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;
}

function discriminators(path: Path): unknown[] {
  return schemasAt(path).map((schema) => schema.const);
}

function schemasAt(path: Path): readonly JsonSchema[] {
  return path.reduce<readonly JsonSchema[]>(
    (schemas, key) => schemas.flatMap((schema) => childrenOf(schema, key)),
    [jsonSchema()],
  );
}

function unknownKey(path: Path, key: string, root: unknown): string {
  const kind = (valueAt(root, path) as { type?: unknown }).type;
  const variants = schemasAt(path).flatMap(variantsOf);
  const ofKind = variants.filter(({ properties }) => kind !== undefined && properties?.["type"]?.const === kind);
  const known = keysOf(ofKind.length > 0 ? ofKind : variants);
  const place = path.length === 0 ? "" : ` in ${pathText(path)}`;
  const near = closest(key, known);
  const advice = near === undefined ? `known are ${known.join(", ")}` : `did you mean ${near}?`;
  return `${key} is unknown${place}; ${advice}${near === undefined ? "." : ""}`;
}

/** The key that was probably meant, if one is near enough. */
export function closest(word: string, known: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const ranked = known
    .map((candidate) => ({ candidate, far: distance(lower, candidate.toLowerCase()) }))
    .sort((a, b) => a.far - b.far);
  const best = ranked[0];
  return best !== undefined && best.far <= Math.max(2, Math.floor(word.length / 3)) ? best.candidate : undefined;
}
