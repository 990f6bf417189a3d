/**
 * The properties of MQTT 5.0 that a client sends (section 2.2.2.2), by the names that mosquitto's `-D` gave them: the
 * standard's names in lower case with hyphens. Which packet may carry which is what `-D` checks.
 */
import type { Properties } from "@tidings/packet";

/** The first word of `-D`: a packet, or the will inside CONNECT. */
const PROPERTY_COMMANDS = [
  "connect",
  "publish",
  "subscribe",
  "unsubscribe",
  "disconnect",
  "auth",
  "will",
  "puback",
  "pubrec",
  "pubrel",
  "pubcomp",
] as const;
export type PropertyCommand = (typeof PROPERTY_COMMANDS)[number];

type PropertyKind = "flag" | "bit" | "uint16" | "uint32" | "identifier" | "string" | "binary" | "pair";

export interface PropertyRow {
  readonly flag: string;
  readonly name: keyof Properties;
  readonly kind: PropertyKind;
  readonly minimum: number;
  readonly maximum: number;
  readonly commands: readonly PropertyCommand[];
}

const ACKNOWLEDGEMENTS: readonly PropertyCommand[] = ["puback", "pubrec", "pubrel", "pubcomp"];
const MESSAGE: readonly PropertyCommand[] = ["publish", "will"];

const MAXIMA: Partial<Record<PropertyKind, number>> = {
  flag: 1,
  bit: 1,
  uint16: 65_535,
  uint32: 4_294_967_295,
  identifier: 268_435_455,
};

function row(
  flag: string,
  name: keyof Properties,
  kind: PropertyKind,
  commands: readonly PropertyCommand[],
  minimum = 0,
): PropertyRow {
  return { flag, name, kind, minimum, maximum: MAXIMA[kind] ?? 0, commands };
}

export const PROPERTY_TABLE: readonly PropertyRow[] = [
  row("payload-format-indicator", "payloadFormatIndicator", "bit", MESSAGE),
  row("message-expiry-interval", "messageExpiryInterval", "uint32", MESSAGE),
  row("content-type", "contentType", "string", MESSAGE),
  row("response-topic", "responseTopic", "string", MESSAGE),
  row("correlation-data", "correlationData", "binary", MESSAGE),
  row("subscription-identifier", "subscriptionIdentifiers", "identifier", ["subscribe"], 1),
  row("session-expiry-interval", "sessionExpiryInterval", "uint32", ["connect", "disconnect"]),
  row("authentication-method", "authenticationMethod", "string", ["connect", "auth"]),
  row("authentication-data", "authenticationData", "binary", ["connect", "auth"]),
  row("request-problem-information", "requestProblemInformation", "flag", ["connect"]),
  row("will-delay-interval", "willDelayInterval", "uint32", ["will"]),
  row("request-response-information", "requestResponseInformation", "flag", ["connect"]),
  row("reason-string", "reasonString", "string", [...ACKNOWLEDGEMENTS, "disconnect", "auth"]),
  row("receive-maximum", "receiveMaximum", "uint16", ["connect"], 1),
  row("topic-alias-maximum", "topicAliasMaximum", "uint16", ["connect"]),
  row("topic-alias", "topicAlias", "uint16", ["publish"], 1),
  row("user-property", "userProperties", "pair", PROPERTY_COMMANDS),
  row("maximum-packet-size", "maximumPacketSize", "uint32", ["connect"], 1),
];

const BY_FLAG = new Map(PROPERTY_TABLE.map((entry) => [entry.flag, entry]));

export function propertyRow(flag: string): PropertyRow | undefined {
  return BY_FLAG.get(flag);
}

export function isPropertyCommand(word: string): word is PropertyCommand {
  return (PROPERTY_COMMANDS as readonly string[]).includes(word);
}

/** UNSUBSCRIBE, acknowledgements and AUTH are the client's own, and it says goodbye without words. */
export function isSent({ flag }: PropertyRow, command: PropertyCommand): boolean {
  if (command === "auth" || command === "unsubscribe" || ACKNOWLEDGEMENTS.includes(command)) return false;
  return !(command === "disconnect" && flag === "reason-string");
}
