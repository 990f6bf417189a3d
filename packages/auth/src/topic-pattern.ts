/**
 * A Topic Filter with places for what a client is: `%u` its user name, `%c` its Client Identifier, `%{a.b}` a claim of its
 * token (each element, where that is an array), `%%` a percent sign.
 */
import { isTopicFilter } from "@tidings/topic";
import type { Principal } from "./auth-hooks.js";

/** A pattern that is no Topic Filter is no pattern. */
export function isTopicPattern(pattern: string): boolean {
  const filled = pattern.replace(PLACE, (place) => (place === "%%" ? "%" : "x"));
  return isTopicFilter(filled) && !filled.startsWith("$share/");
}

export function hasPlaces(pattern: string): boolean {
  return pattern.includes("%");
}

/**
 * The Topic Filters that a pattern means for one client; none when it lacks what the pattern asks for. "hostile": its user
 * name or Client Identifier would change the meaning of the pattern: it is empty, or has a wildcard or a `/` in it.
 */
export function filtersFor(pattern: string, principal: Principal): readonly string[] | "hostile" {
  let filters = [""];
  let at = 0;
  for (const match of pattern.matchAll(PLACE)) {
    const values = valuesOf(match[0], principal);
    if (values === "hostile") return "hostile";
    const before = pattern.slice(at, match.index);
    filters = filters.flatMap((filter) => values.map((value) => filter + before + value));
    at = match.index + match[0].length;
  }
  // "$share/…" would match what comes behind; no topic begins with it.
  return filters.map((filter) => filter + pattern.slice(at)).filter((filter) => !filter.startsWith("$share/"));
}

/** The values of a claim by its path: strings, numbers and booleans as text. */
export function claimValues(claims: Readonly<Record<string, unknown>> | undefined, path: string): string[] {
  let value: unknown = claims;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return [];
    value = (value as Record<string, unknown>)[name];
  }
  return (Array.isArray(value) ? value : [value])
    .filter((each) => typeof each === "string" || typeof each === "number" || typeof each === "boolean")
    .map(String);
}

const PLACE = /%(?:[uc%]|\{[^{}]+\})/g;
/** Claims to try in one pattern; a token with more lacks the rest. */
const CLAIM_VALUES_MAX = 32;

function valuesOf(place: string, { clientIdentifier, userName, claims }: Principal): readonly string[] | "hostile" {
  if (place === "%%") return ["%"];
  if (place === "%u" && userName === undefined) return [];
  if (place === "%u" || place === "%c") {
    const value = place === "%u" ? (userName as string) : clientIdentifier;
    return value === "" || /[+#/]/.test(value) ? "hostile" : [value];
  }
  // Whoever signed the token may have meant several levels, but never a wildcard.
  const values = claimValues(claims, place.slice(2, -1)).slice(0, CLAIM_VALUES_MAX);
  return values.filter((value) => value !== "" && !/[+#\0]/.test(value));
}
