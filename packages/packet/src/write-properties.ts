/**
 * Measures and writes one properties section (MQTT 5.0 section 2.2.2), in the order of the object's fields. Measuring
 * checks that the packet may carry each property and that its value is in range.
 */
import { EncodeError } from "./encode-error.js";
import type { Properties, UserProperty } from "./properties.js";
import { PROPERTY_ROW_BY_NAME, PropertyIdentifier, type PropertyRow, PropertyType } from "./property-table.js";
import { variableByteIntegerLength, writeVariableByteInteger } from "./variable-byte-integer.js";
import {
  checkInteger,
  measureBinary,
  measureString,
  measureTopicName,
  writeBinary,
  writeString,
  writeUint16,
  writeUint32,
} from "./write-field.js";

/** Bytes of the whole section, its own length included. `packetBit` is `1 << PacketType` or `WILL_BIT`. */
export function measureProperties(properties: Properties | undefined, packetBit: number): number {
  if (properties === undefined) return 1; // [MQTT-2.2.2-1]
  let length = 0;
  for (const name in properties) {
    const value = properties[name as keyof Properties];
    if (value === undefined) continue;
    const row = PROPERTY_ROW_BY_NAME.get(name);
    if (row === undefined || (row.packets & packetBit) === 0) {
      throw new EncodeError(`property ${name} is unknown or not allowed in this packet`);
    }
    length += measureProperty(row, value as never);
  }
  if (properties.authenticationData !== undefined && properties.authenticationMethod === undefined) {
    throw new EncodeError("Authentication Data without Authentication Method");
  }
  return variableByteIntegerLength(length) + length;
}

/** Bytes that the property takes, identifiers included. */
function measureProperty(row: PropertyRow, value: never): number {
  switch (row.type) {
    case PropertyType.FLAG:
      if (typeof value !== "boolean") throw new EncodeError(`${row.name} is not a boolean`);
      return 2;
    case PropertyType.BIT:
      checkInteger(value, 0, 1, row.name);
      return 2;
    case PropertyType.UINT16:
      checkInteger(value, row.minimum, 0xffff, row.name);
      return 3;
    case PropertyType.UINT32:
      checkInteger(value, row.minimum, 0xffff_ffff, row.name);
      return 5;
    case PropertyType.VARIABLE_BYTE_INTEGERS:
      return measureIntegers(row, value);
    case PropertyType.STRING:
      if (row.identifier === PropertyIdentifier.ResponseTopic) return 1 + measureTopicName(value); // [MQTT-3.3.2-14]
      return 1 + measureString(value);
    case PropertyType.BINARY:
      return 1 + measureBinary(value);
    default:
      return measurePairs(value);
  }
}

function measureIntegers(row: PropertyRow, values: readonly number[]): number {
  let length = 0;
  for (const value of values) {
    checkInteger(value, row.minimum, 268_435_455, row.name);
    length += 1 + variableByteIntegerLength(value);
  }
  return length;
}

function measurePairs(pairs: readonly UserProperty[]): number {
  let length = 0;
  for (const [name, value] of pairs) length += 1 + measureString(name) + measureString(value);
  return length;
}

/** Writes a section that was measured before; returns the offset behind it. */
export function writeProperties(properties: Properties | undefined, target: Uint8Array, offset: number): number {
  if (properties === undefined) {
    target[offset] = 0;
    return offset + 1;
  }
  const start = offset + 1; // most sections are shorter than 128 bytes; the others are moved
  let end = start;
  for (const name in properties) {
    const value = properties[name as keyof Properties];
    if (value !== undefined) end = writeProperty(PROPERTY_ROW_BY_NAME.get(name)!, value as never, target, end);
  }
  const length = end - start;
  const shift = variableByteIntegerLength(length) - 1;
  if (shift > 0) target.copyWithin(start + shift, start, end);
  writeVariableByteInteger(length, target, offset);
  return end + shift;
}

function writeProperty(row: PropertyRow, value: never, target: Uint8Array, offset: number): number {
  const { type, identifier } = row;
  if (type === PropertyType.STRING_PAIRS) return writePairs(value, target, offset);
  if (type === PropertyType.VARIABLE_BYTE_INTEGERS) return writeIntegers(identifier, value, target, offset);
  target[offset++] = identifier;
  switch (type) {
    case PropertyType.UINT16:
      return writeUint16(value, target, offset);
    case PropertyType.UINT32:
      return writeUint32(value, target, offset);
    case PropertyType.STRING:
      return writeString(value, target, offset);
    case PropertyType.BINARY:
      return writeBinary(value, target, offset);
    default:
      target[offset] = Number(value);
      return offset + 1;
  }
}

function writeIntegers(identifier: number, values: readonly number[], target: Uint8Array, offset: number): number {
  for (const value of values) {
    target[offset] = identifier;
    offset = writeVariableByteInteger(value, target, offset + 1);
  }
  return offset;
}

function writePairs(pairs: readonly UserProperty[], target: Uint8Array, offset: number): number {
  for (const [name, value] of pairs) {
    target[offset] = PropertyIdentifier.UserProperty;
    offset = writeString(value, target, writeString(name, target, offset + 1));
  }
  return offset;
}
