/** `-D command identifier value [value]`: how many words it takes depends on the property. */
import { isPropertyCommand, type PropertyCommand, propertyRow } from "../properties/property-table.js";
import { setProperty } from "../properties/set-property.js";
import { MosquittoUsageError, wordError } from "./mosquitto-usage-error.js";
import type { MosquittoWords } from "./mosquitto-words.js";

/** Known to the standard, sent by servers alone. */
const SERVER_PROPERTIES = new Set([
  ...["assigned-client-identifier", "server-keep-alive", "response-information", "server-reference", "maximum-qos"],
  ...["retain-available", "wildcard-subscription-available", "subscription-identifier-available"],
  "shared-subscription-available",
]);

/** Packets that the tools never send with properties of the user's. */
const UNSUPPORTED: ReadonlySet<PropertyCommand> = new Set(["auth", "puback", "pubrec", "pubrel", "pubcomp"]);

const REPEATS = new Set(["user-property", "subscription-identifier"]);

/** `rest` are the words behind `-D`; returns how many were taken. */
export function parseMosquittoProperty(words: MosquittoWords, rest: readonly string[]): number {
  const [command, name, value, second] = rest;
  if (value === undefined) throw wordError("Error: --property argument given but not enough arguments specified.");
  if (!isPropertyCommand(command)) throw wordError("Error: Invalid command given in --property argument.");
  const row = propertyRow(name);
  if (row === undefined && !SERVER_PROPERTIES.has(name)) {
    throw wordError("Error: Invalid property name given in --property argument.");
  }
  const isPair = row?.kind === "pair";
  if (isPair && second === undefined) {
    throw wordError("Error: --property argument given but not enough arguments specified.");
  }
  if (row === undefined || !row.commands.includes(command)) {
    throw wordError(`Error: ${name} property not allowed for ${command} in --property argument.`);
  }
  if (UNSUPPORTED.has(command)) {
    throw wordError(`Error: ${name} property not supported for ${command} in --property argument.`);
  }
  const properties = (words.properties[command] ??= {});
  if (!REPEATS.has(name) && Object.hasOwn(properties, row.name)) {
    throw invalid(command, "Duplicate property in property list");
  }
  const text =
    row.kind === "string" || row.kind === "binary" || isPair ? value : checkedNumber(value, row.maximum, name);
  if (setProperty(properties, row, [text, second]) !== undefined) {
    throw invalid(command, "A network protocol error occurred when communicating with the broker.");
  }
  words.protocolVersion = 5;
  return isPair ? 4 : 3;
}

/** Text that is no number counts as 0, as with C's `atol`. */
function checkedNumber(text: string, maximum: number, name: string): string {
  const value = Number.parseInt(text, 10) || 0;
  const isByte = maximum === 1; // its range is checked with the packet
  if (value < 0 || value > (isByte ? 255 : maximum)) {
    throw wordError(`Error: Property value (${value}) out of range for property ${name}.`);
  }
  return String(value);
}

function invalid(command: PropertyCommand, reason: string): MosquittoUsageError {
  return new MosquittoUsageError(`Error in ${command.toUpperCase()} properties: ${reason}`);
}
