/**
 * Rows that were read and checked, one behind the other in a few large pieces of memory, until somebody has taken them:
 * reading them from the driver again costs more.
 */

const PIECE_BYTES = 1_048_576;

interface Piece {
  readonly bytes: Buffer;
  /** Where each row ends; it begins where the one before ends. */
  readonly ends: number[];
}

export class RowSlab {
  size = 0;
  private bytes = 0;
  private readonly pieces: Piece[] = [];

  constructor(private readonly bytesMax: number) {}

  /** Copies a row. False: there is no room; nothing was changed. */
  add(row: Uint8Array): boolean {
    const { length } = row;
    if (this.bytes + length > this.bytesMax) return false;
    let piece = this.pieces.at(-1);
    let begin = piece?.ends.at(-1) ?? 0;
    if (piece === undefined || begin + length > piece.bytes.length) {
      piece = { bytes: Buffer.allocUnsafeSlow(Math.max(length, PIECE_BYTES)), ends: [] };
      this.pieces.push(piece);
      begin = 0;
    }
    piece.bytes.set(row, begin);
    piece.ends.push(begin + length);
    this.bytes += length;
    this.size += 1;
    return true;
  }

  /** Hands out the rows that came first, a piece of memory at a time, and forgets them. Answers with how many. */
  take(visit: (bytes: Buffer, start: number, end: number) => void): number {
    const piece = this.pieces.shift();
    if (piece === undefined) return 0;
    const { bytes, ends } = piece;
    let start = 0;
    for (const end of ends) {
      visit(bytes, start, end);
      start = end;
    }
    this.bytes -= start;
    this.size -= ends.length;
    return ends.length;
  }
}
