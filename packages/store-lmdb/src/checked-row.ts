/** The value of a row: CRC-32 of the rest, then the rest. */
import { ByteReader } from "./byte-reader.js";
import { ByteWriter } from "./byte-writer.js";
import { crc32 } from "./crc32.js";
import { damaged } from "./store-error.js";

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

/** What `read` makes of the row. Throws for a row that is not as it was written. */
export function decodeRow<T>(row: Uint8Array, read: (reader: ByteReader) => T): T {
  const reader = new ByteReader(row);
  if (reader.uint32() !== crc32(row.subarray(4))) throw damaged("a row is not as it was written (CRC)");
  const value = read(reader);
  if (!reader.isAtEnd) throw damaged("a row is longer than what it says");
  return value;
}
