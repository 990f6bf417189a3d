/** The properties of MQTT 5.0 as options of a command, by their names: `--message-expiry-interval 60`. */
import type { Properties } from "@tidings/packet";
import { type Command, InvalidArgumentError, Option } from "commander";
import { isSent, PROPERTY_TABLE, type PropertyCommand, type PropertyRow } from "../properties/property-table.js";
import { setProperty } from "../properties/set-property.js";

/** A message's own properties need no prefix; those of its frame do. */
const PREFIXES: Partial<Record<PropertyCommand, string>> = { will: "will-", disconnect: "disconnect-" };

/** The names that would clash otherwise. */
const NAMES: Partial<Record<PropertyCommand, Record<string, string>>> = {
  connect: { "user-property": "connect-user-property" },
};

const VALUES: Record<PropertyRow["kind"], string> = {
  flag: "<0|1>",
  bit: "<0|1>",
  uint16: "<n>",
  uint32: "<n>",
  identifier: "<n>",
  string: "<text>",
  binary: "<data>",
  pair: "<name=value...>",
};

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  "payload-format-indicator": "1: the payload is UTF-8 text",
  "message-expiry-interval": "seconds after which the server may forget the message",
  "content-type": "what the payload is, such as application/json",
  "response-topic": "where the answer is wanted",
  "correlation-data": "comes back with the answer",
  "subscription-identifier": "comes with every message of these subscriptions",
  "session-expiry-interval": "seconds that the server keeps the session; -1 for ever",
  "authentication-method": "SCRAM-SHA-256: user name and password without sending them",
  "authentication-data": "first data of the authentication method",
  "request-problem-information": "0: no reason strings and user properties with errors",
  "will-delay-interval": "seconds before the will is published",
  "request-response-information": "1: ask the server where responses may go",
  "reason-string": "for people",
  "receive-maximum": "QoS 1 and 2 messages that the server may have under way",
  "topic-alias-maximum": "topic aliases that the server may use",
  "topic-alias": "send a number in place of the topic; which one, the client chooses",
  "user-property": "name=value; may be repeated",
  "maximum-packet-size": "longest packet that the server may send, in bytes",
};

interface PropertyOption {
  readonly row: PropertyRow;
  readonly option: Option;
}

function propertyOptions(command: PropertyCommand): PropertyOption[] {
  return PROPERTY_TABLE.filter((row) => row.commands.includes(command) && isSent(row, command)).map((row) => {
    const prefix = row.flag.startsWith(PREFIXES[command] ?? " ") ? "" : (PREFIXES[command] ?? "");
    const name = NAMES[command]?.[row.flag] ?? `${prefix}${row.flag}`;
    const short = command === "connect" && row.flag === "session-expiry-interval" ? "-x, " : "";
    const value = VALUES[row.kind].replace("...", "");
    const option = new Option(`${short}--${name} ${value}`, DESCRIPTIONS[row.flag]);
    if (row.kind === "pair")
      option.argParser((text: string, earlier: string[] = []) => [...earlier, checkedPair(text)]);
    else option.argParser((text: string) => checkedText(row, text));
    return { row, option };
  });
}

/** Options that the command has already are left out: a Response Topic is more than a property to `rr`. */
export function addPropertyOptions(command: Command, ...packets: PropertyCommand[]): void {
  const known = new Set(command.options.map(({ long }) => long));
  for (const packet of packets) {
    for (const { option } of propertyOptions(packet)) {
      if (!known.has(option.long)) command.addOption(option.helpGroup(`Properties (${packet}, MQTT 5.0):`));
    }
  }
}

/** From what commander parsed. */
export function propertiesFrom(options: Record<string, unknown>, packet: PropertyCommand): Properties {
  const properties: Properties = {};
  for (const { row, option } of propertyOptions(packet)) {
    const value = options[option.attributeName()];
    if (value === undefined) continue;
    if (row.kind !== "pair") setProperty(properties, row, [value as string]);
    else for (const pair of value as string[]) setProperty(properties, row, splitPair(pair));
  }
  return properties;
}

function checkedText(row: PropertyRow, text: string): string {
  const isNever = row.flag === "session-expiry-interval" && (text === "-1" || text === "∞");
  const value = isNever ? String(row.maximum) : text;
  const complaint = setProperty({}, row, [value]);
  if (complaint !== undefined) throw new InvalidArgumentError(complaint);
  return value;
}

function checkedPair(text: string): string {
  if (!text.includes("=")) throw new InvalidArgumentError("Use name=value.");
  return text;
}

function splitPair(text: string): [string, string] {
  const equals = text.indexOf("=");
  return [text.slice(0, equals), text.slice(equals + 1)];
}
