/**
 * Measures the field types of MQTT (5.0 section 1.5, 3.1.1 section 1.5) and checks what the caller gave: throws
 * `EncodeError`. Strings are checked only when measured `exact`; otherwise they are taken for ASCII, which
 * `ByteWriter` finds out.
 */
import { EncodeError } from "./encode-error.js";
import { hasWildcard } from "./topic-name.js";
import { utf8Length } from "./write-utf8.js";

const FIELD_LENGTH_MAX = 65_535;

export function measureString(text: string, exact: boolean): number {
  const length = exact ? utf8Length(text) : text.length;
  if (length > FIELD_LENGTH_MAX) throw new EncodeError(`string of ${length} bytes exceeds 65535`); // [MQTT-4.7.3-3]
  return 2 + length;
}

/** A Topic Name that is not empty and has no wildcard. [MQTT-4.7.0-1] [MQTT-4.7.3-1] */
export function measureTopicName(topicName: string, exact: boolean): number {
  if (topicName === "") throw new EncodeError("Topic Name is empty");
  if (exact && hasWildcard(topicName)) throw new EncodeError("Topic Name holds a wildcard");
  return measureString(topicName, exact);
}

/** A Topic Filter that is not empty; its wildcards are not checked. [MQTT-4.7.3-1] */
export function measureTopicFilter(topicFilter: string, exact: boolean): number {
  if (topicFilter === "") throw new EncodeError("Topic Filter is empty");
  return measureString(topicFilter, exact);
}

export function measureBinary(bytes: Uint8Array): number {
  if (bytes.length > FIELD_LENGTH_MAX) throw new EncodeError(`binary data of ${bytes.length} bytes exceeds 65535`);
  return 2 + bytes.length;
}

export function checkInteger(value: number, minimum: number, maximum: number, name: string): void {
  if (!Number.isInteger(value) || value < minimum || value > maximum) {
    throw new EncodeError(`${name} is ${value}, not an integer from ${minimum} to ${maximum}`);
  }
}

/** [MQTT-2.2.1-3] [MQTT-2.2.1-4] */
export function checkPacketIdentifier(value: number | undefined): void {
  checkInteger(value as number, 1, 65_535, "Packet Identifier");
}
