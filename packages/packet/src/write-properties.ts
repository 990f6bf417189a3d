/**
 * Measures and writes one properties section (MQTT 5.0 section 2.2.2), in the order of the object's fields. Measuring
 * checks that the packet may carry each property and that its value is in range.
 */
import type { ByteWriter } from "./byte-writer.js";
import { EncodeError } from "./encode-error.js";
import { checkInteger, measureBinary, measureString, measureTopicName } from "./measure-field.js";
import type { Properties, UserProperty } from "./properties.js";
import { PROPERTY_ROW_BY_NAME, type PropertyRow, PropertyType } from "./property-table.js";
import { variableByteIntegerLength, writeVariableByteInteger } from "./variable-byte-integer.js";

/** Bytes of the whole section, its own length included. `packetBit` is `1 << PacketType` or `WILL_BIT`. */
export function measureProperties(properties: Properties | undefined, packetBit: number, exact: boolean): number {
  if (properties === undefined) return 1; // [MQTT-2.2.2-1]
  let length = 0;
  for (const name in properties) {
    const value = properties[name as keyof Properties];
    if (value === undefined) continue;
    const row = PROPERTY_ROW_BY_NAME.get(name);
    if (row === undefined || (row.packets & packetBit) === 0) {
      throw new EncodeError(`property ${name} is unknown or not allowed in this packet`);
    }
    length += measureProperty(row, value as never, exact);
  }
  if (properties.authenticationData !== undefined && properties.authenticationMethod === undefined) {
    throw new EncodeError("Authentication Data without Authentication Method");
  }
  return variableByteIntegerLength(length) + length;
}

/** Bytes that the property takes, identifiers included. */
function measureProperty(row: PropertyRow, value: never, exact: boolean): number {
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
      return 1 + measureString(value, exact);
    case PropertyType.TOPIC_NAME:
      return 1 + measureTopicName(value, exact); // [MQTT-3.3.2-14]
    case PropertyType.BINARY:
      return 1 + measureBinary(value);
    default:
      return measurePairs(value, exact);
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

function measurePairs(pairs: readonly UserProperty[], exact: boolean): number {
  let length = 0;
  for (const [name, value] of pairs) length += 1 + measureString(name, exact) + measureString(value, exact);
  return length;
}

/** Writes a section that was measured before. */
export function writeProperties(properties: Properties | undefined, writer: ByteWriter): void {
  const lengthOffset = writer.position;
  writer.writeByte(0);
  if (properties === undefined) return;
  for (const name in properties) {
    const value = properties[name as keyof Properties];
    if (value !== undefined) writeProperty(PROPERTY_ROW_BY_NAME.get(name)!, value as never, writer);
  }
  writeLength(writer, lengthOffset);
}

/** One byte was left for the length, which most sections need; a longer section is moved. */
function writeLength(writer: ByteWriter, lengthOffset: number): void {
  const { target, position } = writer;
  const start = lengthOffset + 1;
  const shift = variableByteIntegerLength(position - start) - 1;
  if (shift > 0) target.copyWithin(start + shift, start, position);
  writeVariableByteInteger(position - start, target, lengthOffset);
  writer.position = position + shift;
}

function writeProperty(row: PropertyRow, value: never, writer: ByteWriter): void {
  const { identifier, type } = row;
  if (type === PropertyType.STRING_PAIRS) writePairs(identifier, value, writer);
  else if (type === PropertyType.VARIABLE_BYTE_INTEGERS) writeIntegers(identifier, value, writer);
  else {
    writer.writeByte(identifier);
    if (type === PropertyType.STRING) writer.writeString(value);
    else if (type === PropertyType.TOPIC_NAME) writer.writeTopicName(value);
    else if (type === PropertyType.UINT32) writer.writeUint32(value);
    else if (type === PropertyType.UINT16) writer.writeUint16(value);
    else if (type === PropertyType.BINARY) writer.writeBinary(value);
    else writer.writeByte(Number(value));
  }
}

function writeIntegers(identifier: number, values: readonly number[], writer: ByteWriter): void {
  for (const value of values) {
    writer.writeByte(identifier);
    writer.writeVariableByteInteger(value);
  }
}

function writePairs(identifier: number, pairs: readonly UserProperty[], writer: ByteWriter): void {
  for (const [name, value] of pairs) {
    writer.writeByte(identifier);
    writer.writeString(name);
    writer.writeString(value);
  }
}
