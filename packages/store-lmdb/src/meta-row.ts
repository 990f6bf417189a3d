/** Rows that hold one number each. */
import { decodeRow, encodeRow } from "./checked-row.js";

export const MetaName = {
  /** Of the rows and keys; see `FORMAT_VERSION`. */
  Format: "format",
  /** For the next session: numbers are never used twice, as frames may name sessions that are gone. */
  NextSessionNumber: "nextSessionNumber",
  /** What records up to this one say about retained messages is in the rows of their topics. */
  RetainedUpTo: "retainedUpTo",
} as const;
export type MetaName = (typeof MetaName)[keyof typeof MetaName];

export function encodeMetaRow(value: number): Uint8Array {
  return encodeRow((writer) => writer.varint(value));
}

export function decodeMetaRow(row: Uint8Array): number {
  return decodeRow(row, (reader) => reader.varint());
}
