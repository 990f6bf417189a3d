/** A message as mosquitto_sub's `%j` and `%J` write it. */
import type { Properties } from "@tidings/packet";
import { propertyRow } from "../properties/property-table.js";
import { JsonMembers, type JsonNode, parseJsonNode } from "./json-text.js";
import type { ReceivedMessage } from "./received-message.js";
import { strftime } from "./strftime.js";

/** `%J` wants the payload as JSON, `%j` as a string. Undefined: the payload is not JSON. */
export function messageJson(message: ReceivedMessage, payloadIsJson: boolean): JsonMembers | undefined {
  const payload = payloadNode(message.payload, payloadIsJson);
  if (payload === undefined) return undefined;
  const { date, nanoseconds } = message.receivedAt;
  const microseconds = String(Math.floor(nanoseconds / 1000)).padStart(6, "0");
  const object = new JsonMembers()
    .add("tst", `${strftime("%Y-%m-%dT%H:%M:%S", date)}.${microseconds}Z${strftime("%z", date)}`)
    .add("topic", message.topic)
    .add("qos", message.qos)
    .add("retain", message.retain ? 1 : 0)
    .add("payloadlen", message.payload.length);
  if (message.packetIdentifier !== undefined) object.add("mid", message.packetIdentifier);
  const properties = propertiesJson(message.properties ?? {});
  if (properties.entries.length > 0) object.add("properties", properties);
  return object.add("payload", payload);
}

function payloadNode(payload: Uint8Array, isJson: boolean): JsonNode | undefined {
  if (payload.length === 0) return null;
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(payload);
  return isJson ? parseJsonNode(text) : text;
}

/** In the order in which they came. */
function propertiesJson(properties: Properties): JsonMembers {
  const object = new JsonMembers();
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name === "userProperties") {
      const pairs = new JsonMembers();
      for (const [key, text] of value as [string, string][]) pairs.add(key, text);
      object.add("user-properties", pairs);
    } else if (name === "subscriptionIdentifiers") {
      for (const identifier of value as number[]) object.add("subscription-identifier", identifier);
    } else {
      const scalar =
        value instanceof Uint8Array ? new TextDecoder().decode(value) : (value as string | number | boolean);
      object.add(hyphenated(name), typeof scalar === "boolean" ? Number(scalar) : scalar);
    }
  }
  return object;
}

function hyphenated(name: string): string {
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return propertyRow(flag)?.flag ?? flag;
}
