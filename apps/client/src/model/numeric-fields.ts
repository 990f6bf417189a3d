/** Numbers in a decoded payload: which there are, and one of them by its path. */

export type FieldPath = readonly (string | number)[];

interface NumericField {
  readonly path: FieldPath;
  readonly value: number;
}

const FIELDS_MAX = 64;
const DEPTH_MAX = 8;

/** In the order of the payload. The path of a payload that is a number itself is empty. */
export function numericFields(value: unknown): NumericField[] {
  const fields: NumericField[] = [];
  collect(value, [], fields);
  return fields;
}

/** Undefined when there is no number. Digits in a string are one, since many devices send them so; booleans are 0 and 1. */
export function readNumber(value: unknown, path: FieldPath): number | undefined {
  let at = value;
  for (const step of path) {
    if (at instanceof Map) at = at.get(step);
    else if (typeof at === "object" && at !== null && Object.hasOwn(at, step)) {
      at = (at as Record<string | number, unknown>)[step];
    } else return undefined;
  }
  return toNumber(at);
}

export function fieldName(path: FieldPath): string {
  return path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`))
    .join("")
    .replace(/^\./, "");
}

function collect(value: unknown, path: FieldPath, fields: NumericField[]): void {
  if (fields.length >= FIELDS_MAX || path.length > DEPTH_MAX) return;
  const number = toNumber(value);
  if (number !== undefined) {
    fields.push({ path, value: number });
    return;
  }
  for (const [key, child] of entriesOf(value)) {
    if (fields.length >= FIELDS_MAX) return;
    collect(child, [...path, key], fields);
  }
}

function entriesOf(value: unknown): Iterable<[string | number, unknown]> {
  if (Array.isArray(value)) return value.slice(0, FIELDS_MAX).entries();
  if (value instanceof Map) {
    return [...value].filter(([key]) => typeof key === "string" || typeof key === "number");
  }
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return [];
  return Object.entries(value);
}

function toNumber(value: unknown): number | undefined {
  if (typeof value === "boolean" || typeof value === "bigint") return Number(value);
  if (typeof value === "string")
    return /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(value) ? Number(value) : undefined;
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
