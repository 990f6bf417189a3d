/** Short forms for the schema: every key has a description, which editors and docs/configuration-keys.md show. */
import { z } from "zod";

/** A whole number of something. */
export function count(minimum: number, maximum: number, description: string) {
  return z.int().min(minimum).max(maximum).meta({ description });
}

export function text(description: string) {
  return z.string().min(1).meta({ description });
}

/** Never shown: not by `check`, not in the log. */
export function secret(description: string) {
  return z.string().min(1).meta({ description, secret: true });
}

export function flag(description: string) {
  return z.boolean().meta({ description });
}

export function choice<const T extends readonly [string, ...string[]]>(values: T, description: string) {
  return z.enum(values).meta({ description });
}

/** One, or a list of them. */
export function oneOrMore<T extends z.ZodType>(item: T, description: string) {
  return z.union([item, z.array(item).min(1)]).meta({ description });
}

/** A file, relative to the one that names it; a text that begins with `-----BEGIN` is taken as it is. */
export function pem(description: string) {
  return z
    .string()
    .min(1)
    .meta({ description: `${description} A file, or PEM itself.` });
}

export const MILLISECONDS_MAX = 2_147_483_647;
