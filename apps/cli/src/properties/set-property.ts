/** Puts one property, given as text, where it belongs. */
import type { Properties } from "@tidings/packet";
import type { PropertyCommand, PropertyRow } from "./property-table.js";

/** Properties of each packet that we send. */
export type PropertySets = Partial<Record<PropertyCommand, Properties>>;

/** Returns what is wrong with the text, or undefined when the property is set. Pairs take two texts. */
export function setProperty(target: Properties, row: PropertyRow, texts: readonly string[]): string | undefined {
  const [text, second] = texts;
  switch (row.kind) {
    case "string":
      Object.assign(target, { [row.name]: text });
      return undefined;
    case "binary":
      Object.assign(target, { [row.name]: new TextEncoder().encode(text) });
      return undefined;
    case "pair":
      target.userProperties = [...(target.userProperties ?? []), [text, second]];
      return undefined;
  }
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < row.minimum || value > row.maximum) {
    return `${row.flag} is "${text}". Use a number from ${row.minimum} to ${row.maximum}.`;
  }
  if (row.kind === "identifier") target.subscriptionIdentifiers = [value];
  else Object.assign(target, { [row.name]: row.kind === "flag" ? value === 1 : value });
  return undefined;
}
