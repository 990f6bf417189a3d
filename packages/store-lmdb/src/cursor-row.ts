/**
 * The row of a session's progress: which of its deliveries are done, which are sent and how far they have come, and its
 * inbound QoS 2 identifiers. Deliveries behind `next` are in frames alone: they are queued.
 */
import { decodeRow, encodeRow } from "./checked-row.js";
import { type DeliveryRun, identifierOf, RELEASED } from "./outstanding-deliveries.js";

const SENT = 1;
const PUBREC_CAME = 2;

export interface CursorRow {
  /** Behind the last delivery number that this row speaks of. */
  readonly next: number;
  /** Deliveries below `next` that are not done, in order. */
  readonly runs: readonly DeliveryRun[];
  /** Packet identifiers between PUBLISH and PUBREL. */
  readonly inbound: readonly number[] | ReadonlySet<number>;
}

export const EMPTY_CURSOR: CursorRow = { next: 1, runs: [], inbound: [] };

export function encodeCursorRow({ next, runs, inbound }: CursorRow): Uint8Array {
  return encodeRow((writer) => {
    writer.varint(next);
    writer.varint(runs.length);
    let behind = 0;
    for (const { first, length, state } of runs) {
      writer.varint(first - behind);
      writer.varint(length);
      writer.uint8((state === 0 ? 0 : SENT) | (state & RELEASED ? PUBREC_CAME : 0));
      if (state !== 0) writer.uint16(identifierOf(state));
      behind = first + length;
    }
    for (const packetIdentifier of inbound) writer.uint16(packetIdentifier);
  });
}

export function decodeCursorRow(row: Uint8Array): CursorRow {
  return decodeRow(row, (reader) => {
    const next = reader.varint();
    const runs: DeliveryRun[] = [];
    let behind = 0;
    for (let count = reader.varint(); count > 0; count--) {
      const first = behind + reader.varint();
      const length = reader.varint();
      const flags = reader.uint8();
      const state = flags & SENT ? reader.uint16() | (flags & PUBREC_CAME ? RELEASED : 0) : 0;
      runs.push({ first, length, state });
      behind = first + length;
    }
    const inbound: number[] = [];
    while (!reader.isAtEnd) inbound.push(reader.uint16());
    return { next, runs, inbound };
  });
}

/** How far a delivery has come; undefined: it is done. */
export function stateInCursor({ next, runs }: CursorRow, deliveryNumber: number): number | undefined {
  if (deliveryNumber >= next) return 0;
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (runs[middle].first + runs[middle].length <= deliveryNumber) low = middle + 1;
    else high = middle;
  }
  const run = runs[low];
  if (run === undefined || deliveryNumber < run.first) return undefined;
  return run.state === 0 ? 0 : run.state + (deliveryNumber - run.first);
}
