/**
 * A decoded CBOR or MessagePack value as indented text: JSON where JSON has a word for it, otherwise the diagnostic notation
 * of RFC 8949 section 8 (`h'0102'`, `1(…)`).
 */
import { CborTag } from "./cbor-tag.js";

const INDENT = "  ";

export function printValue(value: unknown, indent = ""): string {
  if (Array.isArray(value))
    return container(
      "[",
      "]",
      value.map((item) => printValue(item, indent + INDENT)),
      indent,
    );
  if (value instanceof Uint8Array) return `h'${toHex(value)}'`;
  if (value instanceof Date) return JSON.stringify(value);
  if (value instanceof CborTag) return `${value.tag}(${printValue(value.content, indent)})`;
  if (value instanceof Map) return container("{", "}", pairs(value, indent), indent);
  if (typeof value !== "object" || value === null) return printScalar(value);
  if (isExtension(value)) return `ext(${value.type}, h'${toHex(value.data)}')`;
  return container("{", "}", pairs(Object.entries(value), indent), indent);
}

function pairs(entries: Iterable<[unknown, unknown]>, indent: string): string[] {
  return Array.from(
    entries,
    ([key, item]) => `${printValue(key, indent + INDENT)}: ${printValue(item, indent + INDENT)}`,
  );
}

function container(open: string, close: string, items: string[], indent: string): string {
  if (items.length === 0) return open + close;
  return `${open}\n${items.map((item) => indent + INDENT + item).join(",\n")}\n${indent}${close}`;
}

function printScalar(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function isExtension(value: object): value is { type: number; data: Uint8Array } {
  return "type" in value && "data" in value && value.data instanceof Uint8Array;
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
