/** Bytes as people read them: offset, sixteen bytes in hex, the same as ASCII. */

const ROW_BYTES = 16;
const DUMP_BYTES_MAX = 16_384;

export function hexDump(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, DUMP_BYTES_MAX);
  const rows: string[] = [];
  for (let offset = 0; offset < shown.length; offset += ROW_BYTES) {
    rows.push(dumpRow(offset, shown.subarray(offset, offset + ROW_BYTES)));
  }
  if (bytes.length > shown.length) rows.push(`… ${bytes.length - shown.length} more bytes`);
  return rows.join("\n");
}

function dumpRow(offset: number, row: Uint8Array): string {
  const cells = Array.from(row, (byte) => byte.toString(16).padStart(2, "0"));
  const left = cells.slice(0, 8).join(" ");
  const right = cells.slice(8).join(" ");
  const ascii = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
  return `${offset.toString(16).padStart(6, "0")}  ${left.padEnd(23)}  ${right.padEnd(23)}  ${ascii}`;
}
