/** docs/configuration-keys.md: every key, from the schema. */
import { inCapitals } from "./environment.js";
import { type JsonSchema, jsonSchema, variantsOf } from "./json-schema.js";

const HEAD = `# Every key of tidings.yaml

Made from the schema; \`[]\` stands for each entry of a list. A variable in the environment says the same: \`log.level\` is
\`${`TIDINGS_${inCapitals("log")}_${inCapitals("level")}`}\`, the port of the second listener \`TIDINGS_LISTENERS_1_PORT\`, or by its name \`TIDINGS_LISTENERS_WEBSOCKET_PORT\`.
`;

export function configurationKeys(): string {
  const sections = Object.entries(jsonSchema().properties ?? {}).map(([key, schema]) => sectionOf(key, schema));
  return [HEAD, ...sections].join("\n");
}

function sectionOf(name: string, schema: JsonSchema): string {
  const rows = [...new Set(rowsOf(name, schema))];
  return `## ${name}\n\n${schema.description ?? ""}\n\n| key | value | |\n|---|---|---|\n${rows.join("\n")}\n`;
}

/** One row for each key below; keys that several kinds have stand once. */
function rowsOf(path: string, schema: JsonSchema): string[] {
  return variantsOf(schema).flatMap((variant) => {
    if (variant.items !== undefined && hasKeys(variant.items)) return rowsOf(`${path}[]`, variant.items);
    return Object.entries(variant.properties ?? {}).flatMap(([key, below]) => [
      `| \`${path}.${key}\` | ${key === "type" ? "tcp, tls, ws, wss, unix" : valuesOf(below)} | ${key === "type" ? "The kind of listener." : text(below, variant.required?.includes(key))} |`,
      ...rowsOf(`${path}.${key}`, below),
    ]);
  });
}

function hasKeys(schema: JsonSchema): boolean {
  return variantsOf(schema).some(({ properties }) => properties !== undefined);
}

function text({ description = "", secret }: JsonSchema, isRequired: boolean | undefined): string {
  const more = [...(isRequired ? ["Required."] : []), ...(secret ? ["A secret."] : [])];
  return [description, ...more].join(" ").replaceAll("|", "\\|");
}

function valuesOf(schema: JsonSchema): string {
  const all = variantsOf(schema).map(valueOfVariant);
  return [...new Set(all)].join(" or ");
}

function valueOfVariant({ type, const: constant, enum: choices, minimum, maximum, items }: JsonSchema): string {
  if (constant !== undefined) return String(constant);
  if (choices !== undefined) return choices.join(", ");
  if (type === "integer" && minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (type === "array") return items === undefined || hasKeys(items) ? "list" : `list of ${valuesOf(items)}`;
  const names: Readonly<Record<string, string>> = { string: "text", boolean: "true, false", object: "keys" };
  return names[type ?? ""] ?? type ?? "";
}
