/** A configuration as it may be shown. */
import { childrenOf, type JsonSchema, jsonSchema } from "./json-schema.js";

const HIDDEN = "(hidden)";

/** A copy in which every secret is `(hidden)`; names of files stay, since they are none. */
export function hideSecrets(value: unknown, schemas: readonly JsonSchema[] = [jsonSchema()]): unknown {
  if (schemas.some(({ secret }) => secret === true)) return isFileName(value) ? value : HIDDEN;
  if (typeof value === "string") return value.includes("-----BEGIN") ? "(PEM)" : hideCredentials(value);
  if (Array.isArray(value)) {
    return value.map((entry, index) =>
      hideSecrets(
        entry,
        schemas.flatMap((schema) => childrenOf(schema, index)),
      ),
    );
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      key,
      hideSecrets(
        entry,
        schemas.flatMap((schema) => childrenOf(schema, key)),
      ),
    ]),
  );
}

/** A key may be a file: then the name says nothing. */
function isFileName(value: unknown): boolean {
  return typeof value === "string" && /^[./~\w-][^\n$]*\.(pem|key|crt|der)$/.test(value);
}

/** `https://user:password@host` */
function hideCredentials(text: string): string {
  return text.replace(/^(\w+:\/\/[^/:@\s]*):[^/@\s]*@/, `$1:${HIDDEN}@`);
}
