/** Rows of retained messages: written later than the frames that have them first, many together. */
import type { KeyValueChange, KeyValueDriver } from "./key-value-driver.js";
import { metaKey, retainedKey } from "./keys.js";
import { MessageReader } from "./message-reader.js";
import { encodeMetaRow, MetaName } from "./meta-row.js";
import { decodeRetainedRow, encodeRetainedRow } from "./retained-row.js";
import type { StoreState } from "./store-state.js";

export class RetainedRows {
  /** Numbers in rows that are on their way to the driver. */
  private readonly writtenRetained = new Map<string, number>();

  constructor(
    private readonly driver: KeyValueDriver,
    private readonly state: StoreState,
  ) {}

  /** The number of the message in a topic's row; 0: there is none. */
  numberIn(topicName: string): number {
    const onItsWay = this.writtenRetained.get(topicName);
    if (onItsWay !== undefined) return onItsWay;
    const row = this.driver.get(retainedKey(topicName));
    return row === undefined ? 0 : decodeRetainedRow(row).messageNumber;
  }

  /** Brings the rows of up to `count` topics up to date, those that wait longest. Answers with their numbers. */
  write(changes: KeyValueChange[], count: number): ReadonlyMap<string, number> {
    const { state } = this;
    const written = new Map<string, number>();
    const messages = new MessageReader(this.driver, state);
    const rows: KeyValueChange[] = [];
    let upTo = 0;
    for (const [topicName, pending] of state.pendingRetained) {
      if (rows.length === count) break;
      const { record, messageNumber } = pending;
      let value: Uint8Array | undefined;
      if (messageNumber > 0) value = encodeRetainedRow({ messageNumber, message: messages.read(record) });
      rows.push({ key: retainedKey(topicName), value });
      written.set(topicName, messageNumber);
      this.writtenRetained.set(topicName, messageNumber);
      upTo = record;
      state.deletePending(topicName, pending);
    }
    if (rows.length === 0) return written;
    rows.sort((a, b) => Buffer.compare(a.key, b.key));
    for (const row of rows) changes.push(row);
    changes.push({ key: metaKey(MetaName.RetainedUpTo), value: encodeMetaRow(upTo) });
    return written;
  }

  /** What `write` answered with is durable. */
  durable(written: ReadonlyMap<string, number>): void {
    for (const [topicName, messageNumber] of written) {
      if (this.writtenRetained.get(topicName) === messageNumber) this.writtenRetained.delete(topicName);
    }
  }
}
