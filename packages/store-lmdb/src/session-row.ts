/** The row of a session: its number, and what it is. */
import type { StoredSession } from "@tidings/session";
import { decodeRow, encodeRow } from "./checked-row.js";

const DISCONNECTED = 1;
const USER_NAME = 2;
const WILL = 4;
const WILL_DUE = 8;

export interface SessionRow {
  readonly sessionNumber: number;
  readonly session: StoredSession;
}

export function encodeSessionRow({ sessionNumber, session }: SessionRow): Uint8Array {
  const { clientIdentifier, sessionExpiryInterval, disconnectedAtMs, userName, will } = session;
  return encodeRow((writer) => {
    writer.uint8(
      (disconnectedAtMs === undefined ? 0 : DISCONNECTED) |
        (userName === undefined ? 0 : USER_NAME) |
        (will === undefined ? 0 : WILL) |
        (will?.publishAtMs === undefined ? 0 : WILL_DUE),
    );
    writer.varint(sessionNumber);
    writer.text(clientIdentifier);
    writer.varint(sessionExpiryInterval);
    if (disconnectedAtMs !== undefined) writer.float64(disconnectedAtMs);
    if (userName !== undefined) writer.text(userName);
    if (will !== undefined) {
      writer.varint(will.delayInterval);
      if (will.publishAtMs !== undefined) writer.float64(will.publishAtMs);
      writer.block(will.packet);
    }
  });
}

export function decodeSessionRow(row: Uint8Array): SessionRow {
  return decodeRow(row, (reader) => {
    const flags = reader.uint8();
    const sessionNumber = reader.varint();
    const clientIdentifier = reader.text();
    const sessionExpiryInterval = reader.varint();
    const disconnectedAtMs = flags & DISCONNECTED ? reader.float64() : undefined;
    const userName = flags & USER_NAME ? reader.text() : undefined;
    let will: StoredSession["will"];
    if (flags & WILL) {
      const delayInterval = reader.varint();
      const publishAtMs = flags & WILL_DUE ? reader.float64() : undefined;
      will = { packet: reader.block(), delayInterval, publishAtMs };
    }
    const session = { clientIdentifier, sessionExpiryInterval, disconnectedAtMs, userName, will };
    return { sessionNumber, session };
  });
}
