/** The row of a retained message: its number, and the message. */
import type { StoredMessage } from "@tidings/session";
import type { ByteReader } from "./byte-reader.js";
import { checkRow, decodeRow, encodeRow } from "./checked-row.js";
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

function readRetained(reader: ByteReader): RetainedRow {
  return { messageNumber: reader.varint(), message: readMessage(reader) };
}
