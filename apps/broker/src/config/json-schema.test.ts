/** What is made from the schema is current. `vitest run -u` writes it anew. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { configurationKeys } from "./configuration-keys.js";
import { type JsonSchema, jsonSchema, variantsOf } from "./json-schema.js";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

test("the JSON Schema for editors", async () => {
  await expect(`${JSON.stringify(jsonSchema(), undefined, 2)}\n`).toMatchFileSnapshot(
    path("../../tidings.schema.json"),
  );
});

test("docs/configuration-keys.md", async () => {
  await expect(configurationKeys()).toMatchFileSnapshot(path("../../../../docs/configuration-keys.md"));
});

test("every key has a description", () => {
  const without: string[] = [];
  const walk = (schema: JsonSchema, place: string): void => {
    for (const variant of variantsOf(schema)) {
      for (const [key, below] of Object.entries(variant.properties ?? {})) {
        if (below.description === undefined) without.push(`${place}.${key}`);
        walk(below, `${place}.${key}`);
      }
      if (variant.items !== undefined) walk(variant.items, `${place}[]`);
    }
  };
  walk(jsonSchema(), "");
  expect(without).toEqual([]);
});
