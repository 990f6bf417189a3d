/** Hands what a store holds to whoever takes it up: sessions first, then the messages frame by frame. */
import type { RecoveryVisitor, StoredMessage } from "@tidings/session";
import { holdsMessage, messageIn, recordsOf, targetsIn } from "./frame-record.js";
import type { KeyValueDriver } from "./key-value-driver.js";
import { numberInKey, Table } from "./keys.js";
import { MessageReader } from "./message-reader.js";
import { identifierOf, RELEASED } from "./outstanding-deliveries.js";
import { RowReader } from "./read-rows.js";
import { decodeRetainedRow, type RetainedRow, retainedRowIn } from "./retained-row.js";
import { decodeSessionRow } from "./session-row.js";
import type { StoreError } from "./store-error.js";
import type { StoreProgress } from "./store-options.js";
import type { KeptSession, StoreState } from "./store-state.js";
import { decodeSubscriptionRow } from "./subscription-row.js";

/** `state` is what was loaded from the same rows. */
export async function visitState(
  driver: KeyValueDriver,
  state: StoreState,
  visitor: RecoveryVisitor,
  onProgress?: (progress: StoreProgress) => void,
  /** Told of rows that are damaged, which are left out then. Default: the first one is thrown. */
  onDamage: (error: StoreError) => void = (error) => {
    throw error;
  },
): Promise<void> {
  const rows = new RowReader(driver, "recover", onProgress);
  const sessions = new Map<number, KeptSession>();
  const report = (error: unknown): void => {
    if ((error as Partial<StoreError>).code !== "TIDINGS_STORE_DAMAGED") throw error;
    onDamage(error as StoreError);
  };
  const each = (table: Table, visit: (key: Uint8Array, row: Uint8Array) => void, from?: Uint8Array): Promise<void> =>
    rows.each(
      table,
      (key, row) => {
        try {
          visit(key, row);
        } catch (error) {
          report(error);
        }
      },
      from,
    );
  const messages = new MessageReader(driver, state);

  await each(Table.Sessions, (_key, row) => {
    const { session, sessionNumber } = decodeSessionRow(row);
    const kept = state.sessions.get(session.clientIdentifier);
    if (kept?.number !== sessionNumber) return;
    sessions.set(sessionNumber, kept);
    visitor.session(session, kept.deliveries.next);
    if (kept.inbound === undefined) return;
    for (const packetIdentifier of kept.inbound) visitor.inbound(session.clientIdentifier, packetIdentifier);
  });
  await each(Table.Subscriptions, (key, row) => {
    const session = sessions.get(numberInKey(key));
    if (session !== undefined) visitor.subscription(session.clientIdentifier, decodeSubscriptionRow(row));
  });
  await each(Table.Frames, (key, row) => {
    const content = Buffer.from(row); // other rows are read meanwhile
    for (const record of recordsOf(content, numberInKey(key), state.isSound)) {
      if (!state.frames.isLive(record.number)) continue;
      const { number, kind, messageNumber } = record;
      let message: StoredMessage | undefined;
      for (const { sessionNumber, ...delivery } of targetsIn(content, record)) {
        const session = sessions.get(sessionNumber);
        if (session === undefined || session.deliveries.recordOf(delivery.deliveryNumber) !== number) continue;
        message ??= holdsMessage(kind) ? messageIn(content, record) : messages.read(number);
        const progress = session.deliveries.stateOf(delivery.deliveryNumber);
        visitor.delivery(session.clientIdentifier, {
          ...delivery,
          messageNumber,
          message,
          packetIdentifier: identifierOf(progress),
          released: (progress & RELEASED) !== 0,
        });
      }
    }
  });
  const retained = ({ message, messageNumber }: RetainedRow): void => {
    if (!state.pendingRetained.has(message.topicName)) visitor.retained(message, messageNumber);
  };
  await rows.eachKept(state.retainedRows, (bytes, start, end) => {
    try {
      retained(retainedRowIn(bytes, start, end));
    } catch (error) {
      report(error);
    }
  });
  const { retainedRowsUpTo } = state;
  if (retainedRowsUpTo !== undefined) {
    await each(Table.Retained, (_key, row) => retained(decodeRetainedRow(row, state.isSound)), retainedRowsUpTo);
  }
  for (const { record, messageNumber } of state.pendingRetained.values()) {
    if (messageNumber > 0) visitor.retained(messages.read(record), messageNumber);
  }
}
