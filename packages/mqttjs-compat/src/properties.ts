/** Properties of 5.0 from MQTT.js's form to ours and back: User Properties, the formats of bytes, and two names differ. */
import type { Properties, UserProperty } from "@tidings/packet";
import type { UserProperties } from "./packets.js";
import { payloadBytes } from "./payload-bytes.js";

/** Any property in MQTT.js's form. */
type Shown = Record<string, unknown>;

const NAMES_TO_OURS: Readonly<Record<string, string>> = {
  subscriptionIdentifier: "subscriptionIdentifiers",
  subscriptionIdentifiersAvailable: "subscriptionIdentifierAvailable",
};
const NAMES_TO_THEIRS = Object.fromEntries(Object.entries(NAMES_TO_OURS).map(([theirs, ours]) => [ours, theirs]));

/** Undefined values and a Topic Alias are left out: the client cares for aliases itself. Undefined for no properties. */
export function toOurs(properties: object | null | undefined): Properties | undefined {
  if (properties === undefined || properties === null) return undefined;
  const ours: Shown = {};
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || name === "topicAlias") continue;
    ours[NAMES_TO_OURS[name] ?? name] = valueToOurs(name, value);
  }
  return Object.keys(ours).length === 0 ? undefined : (ours as Properties);
}

/** Undefined for no properties. */
export function toTheirs(properties: object | undefined): Shown | undefined {
  if (properties === undefined) return undefined;
  const theirs: Shown = {};
  for (const [name, value] of Object.entries(properties)) {
    if (value !== undefined) theirs[NAMES_TO_THEIRS[name] ?? name] = valueToTheirs(name, value);
  }
  return Object.keys(theirs).length === 0 ? undefined : theirs;
}

function valueToOurs(name: string, value: unknown): unknown {
  switch (name) {
    case "payloadFormatIndicator":
      return value === true || value === 1 ? 1 : 0;
    case "subscriptionIdentifier":
      return Array.isArray(value) ? value : [value];
    case "userProperties":
      return userProperties(value as UserProperties);
    case "correlationData":
    case "authenticationData":
      return typeof value === "string" ? new TextEncoder().encode(value) : value;
    default:
      return value;
  }
}

function valueToTheirs(name: string, value: unknown): unknown {
  switch (name) {
    case "payloadFormatIndicator":
      return value === 1;
    case "subscriptionIdentifiers":
      return Array.isArray(value) && value.length === 1 ? value[0] : value;
    case "userProperties":
      return byName(value as readonly UserProperty[]);
    case "correlationData":
    case "authenticationData":
      return payloadBytes(value as Uint8Array);
    default:
      return value;
  }
}

export function userProperties(properties: UserProperties | undefined): UserProperty[] | undefined {
  if (properties === undefined) return undefined;
  return Object.entries(properties).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): UserProperty => [name, String(one)]),
  );
}

function byName(properties: readonly UserProperty[]): UserProperties {
  const named: UserProperties = Object.create(null);
  for (const [name, value] of properties) {
    const known = named[name];
    named[name] = known === undefined ? value : [known, value].flat();
  }
  return named;
}
