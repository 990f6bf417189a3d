/** CRC-32 (IEEE 802.3), as zlib has it: Node's own from 20.15 on, before that a table. */
import * as zlib from "node:zlib";

type Crc32 = (bytes: Uint8Array) => number;

export const crc32: Crc32 = (zlib as { crc32?: Crc32 }).crc32 ?? crc32ByTable;

let table: Uint32Array | undefined;

/** The portable path. */
export function crc32ByTable(bytes: Uint8Array): number {
  table ??= makeTable();
  let crc = 0xffff_ffff;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffff_ffff) >>> 0;
}

function makeTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb8_8320 : value >>> 1;
    return value >>> 0;
  });
}
