/** The schema as JSON Schema: for editors, for the table in the documentation, and to find secrets and types by path. */
import { z } from "zod";
import { configurationSchema } from "./schema.js";

/** The parts of JSON Schema that come out of ours. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly secret?: boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
}

export const JSON_SCHEMA_ID = "https://unpkg.com/@tidings/broker-app/tidings.schema.json";

let made: JsonSchema | undefined;

export function jsonSchema(): JsonSchema {
  made ??= { $id: JSON_SCHEMA_ID, ...z.toJSONSchema(configurationSchema, { io: "input" }) } as JsonSchema;
  return made;
}

/** What may stand below: by key, or by index. Several where the kind decides. */
export function childrenOf(schema: JsonSchema, key: string | number): JsonSchema[] {
  return variantsOf(schema).flatMap(({ properties, items, additionalProperties }) => {
    if (typeof key === "number") return items === undefined ? [] : [items];
    if (properties !== undefined && Object.hasOwn(properties, key)) return [properties[key]];
    return typeof additionalProperties === "object" ? [additionalProperties] : [];
  });
}

export function variantsOf(schema: JsonSchema): readonly JsonSchema[] {
  return (schema.oneOf ?? schema.anyOf ?? [schema]).flatMap((variant) =>
    variant === schema ? [schema] : variantsOf(variant),
  );
}

/** Keys that may stand in the objects that these schemas describe. */
export function keysOf(schemas: readonly JsonSchema[]): string[] {
  return [...new Set(schemas.flatMap(variantsOf).flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

/** A text is a text there, not a number that is written as one. */
export function wantsText(schemas: readonly JsonSchema[]): boolean {
  const variants = schemas.flatMap(variantsOf);
  const isText = (variant: JsonSchema): boolean =>
    variant.type === "string" ||
    typeof variant.const === "string" ||
    (variant.enum ?? []).some((value) => typeof value === "string");
  return variants.length > 0 && variants.every(isText);
}
