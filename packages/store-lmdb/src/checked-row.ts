/** The value of a row: CRC-32 of the rest, then the rest. */
import { ByteReader } from "./byte-reader.js";
import { ByteWriter } from "./byte-writer.js";
import { crc32 } from "./crc32.js";
import { damaged } from "./store-error.js";

export const CRC_BYTES = 4;

const scratch = new ByteWriter(4096);

/** The row that `write` writes. */
export function encodeRow(write: (writer: ByteWriter) => void): Uint8Array {
  scratch.clear();
  scratch.uint32(0);
  write(scratch);
  const row = scratch.copy() as Buffer;
  row.writeUInt32LE(crc32(row.subarray(4)), 0);
  return row;
}

/** Throws for a row that is not as it was written. */
export function checkRow(row: Uint8Array): ByteReader {
  const reader = new ByteReader(row);
  const { buffer, byteOffset, length } = row;
  // A plain view costs less than one of a Buffer, and there is one for every row.
  const rest = new Uint8Array(buffer, byteOffset + CRC_BYTES, Math.max(0, length - CRC_BYTES));
  if (reader.uint32() !== crc32(rest)) throw damaged("a row is not as it was written (CRC)");
  return reader;
}

/** What `read` makes of the row. Throws for a row that is not as it was written; `isChecked`: it is known to be. */
export function decodeRow<T>(row: Uint8Array, read: (reader: ByteReader) => T, isChecked = false): T {
  const reader = isChecked ? new ByteReader(row, CRC_BYTES) : checkRow(row);
  const value = read(reader);
  if (!reader.isAtEnd) throw damaged("a row is longer than what it says");
  return value;
}
