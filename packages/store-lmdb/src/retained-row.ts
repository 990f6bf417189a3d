/** The row of a retained message: its number, and the message. */
import type { StoredMessage } from "@tidings/session";
import { ByteReader } from "./byte-reader.js";
import { CRC_BYTES, checkRow, decodeRow, encodeRow } from "./checked-row.js";
import { readMessage, writeMessage } from "./message-bytes.js";

export interface RetainedRow {
  readonly messageNumber: number;
  readonly message: StoredMessage;
}

export function encodeRetainedRow({ messageNumber, message }: RetainedRow): Uint8Array {
  return encodeRow((writer) => {
    writer.varint(messageNumber);
    writeMessage(writer, message);
  });
}

export function decodeRetainedRow(row: Uint8Array, isChecked = false): RetainedRow {
  return decodeRow(row, readRetained, isChecked);
}

/** Checks the row, and reads no more of it than the number. */
export function numberInRetainedRow(row: Uint8Array): number {
  return checkRow(row).varint();
}

/** The row between `start` and `end`, known to be as it was written. */
export function retainedRowIn(bytes: Uint8Array, start: number, end: number): RetainedRow {
  return readRetained(new ByteReader(bytes, start + CRC_BYTES, end));
}

function readRetained(reader: ByteReader): RetainedRow {
  return { messageNumber: reader.varint(), message: readMessage(reader) };
}
