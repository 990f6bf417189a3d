/** The row of a retained message: its number, and the message. */
import type { StoredMessage } from "@tidings/session";
import { decodeRow, encodeRow } from "./checked-row.js";
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

export function decodeRetainedRow(row: Uint8Array): RetainedRow {
  return decodeRow(row, (reader) => ({ messageNumber: reader.varint(), message: readMessage(reader) }));
}
