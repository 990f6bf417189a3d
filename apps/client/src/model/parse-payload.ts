/** What somebody typed as bytes to publish. */
import { fromBase64 } from "./base64.js";
import { FormError } from "./form-error.js";

export const TYPED_FORMATS = ["text", "json", "hex", "base64"] as const;
export type TypedFormat = (typeof TYPED_FORMATS)[number];

/** Throws a `FormError` that says what is wrong. */
export function parsePayload(typed: string, format: TypedFormat): Uint8Array {
  switch (format) {
    case "text":
      return new TextEncoder().encode(typed);
    case "json":
      return parseJson(typed);
    case "hex":
      return parseHex(typed);
    case "base64":
      return parseBase64(typed);
  }
}

function parseJson(typed: string): Uint8Array {
  try {
    JSON.parse(typed);
  } catch (error) {
    throw new FormError("payload", `The payload is not JSON: ${(error as Error).message}`);
  }
  return new TextEncoder().encode(typed);
}

export function parseHex(typed: string, field = "payload"): Uint8Array {
  const digits = typed.replace(/0x|[\s:,]/gi, "");
  if (!/^([0-9a-f]{2})*$/i.test(digits)) {
    throw new FormError(field, "Hex takes two digits (0 to 9, a to f) for each byte, with or without blanks.");
  }
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function parseBase64(typed: string): Uint8Array {
  try {
    return fromBase64(typed);
  } catch {
    throw new FormError("payload", "The payload is not Base64: letters, digits, + and /, with = at the end.");
  }
}
