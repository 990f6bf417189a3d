/**
 * Measures and writes the field types of MQTT (5.0 section 1.5, 3.1.1 section 1.5). Measuring checks what the caller
 * gave and throws `EncodeError`; writing trusts it and returns the offset behind the field.
 */
import { EncodeError } from "./encode-error.js";
import { hasWildcard } from "./topic-name.js";
import { utf8Length, writeUtf8 } from "./write-utf8.js";

const FIELD_LENGTH_MAX = 65_535;

export function measureString(text: string): number {
  const length = utf8Length(text);
  if (length > FIELD_LENGTH_MAX) throw new EncodeError(`string of ${length} bytes exceeds 65535`); // [MQTT-4.7.3-3]
  return 2 + length;
}

/** A Topic Name that is not empty and has no wildcard. [MQTT-4.7.0-1] [MQTT-4.7.3-1] */
export function measureTopicName(topicName: string): number {
  if (topicName === "") throw new EncodeError("Topic Name is empty");
  if (hasWildcard(topicName)) throw new EncodeError("Topic Name holds a wildcard");
  return measureString(topicName);
}

/** A Topic Filter that is not empty; its wildcards are not checked. [MQTT-4.7.3-1] */
export function measureTopicFilter(topicFilter: string): number {
  if (topicFilter === "") throw new EncodeError("Topic Filter is empty");
  return measureString(topicFilter);
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

export function writeUint16(value: number, target: Uint8Array, offset: number): number {
  target[offset] = value >> 8;
  target[offset + 1] = value;
  return offset + 2;
}

export function writeUint32(value: number, target: Uint8Array, offset: number): number {
  target[offset] = value >>> 24;
  target[offset + 1] = value >>> 16;
  target[offset + 2] = value >>> 8;
  target[offset + 3] = value;
  return offset + 4;
}

export function writeString(text: string, target: Uint8Array, offset: number): number {
  const end = writeUtf8(text, target, offset + 2);
  writeUint16(end - offset - 2, target, offset);
  return end;
}

export function writeBinary(bytes: Uint8Array, target: Uint8Array, offset: number): number {
  return writeBytes(bytes, target, writeUint16(bytes.length, target, offset));
}

/** Without a length. */
export function writeBytes(bytes: Uint8Array, target: Uint8Array, offset: number): number {
  const length = bytes.length;
  if (length > 40) {
    target.set(bytes, offset);
  } else {
    for (let index = 0; index < length; index += 1) target[offset + index] = bytes[index];
  }
  return offset + length;
}
