/** Fetches single messages by the record that holds or refers to them. */
import type { StoredMessage } from "@tidings/session";
import { type FrameRecord, holdsMessage, messageIn, recordsOf } from "./frame-record.js";
import type { Frame } from "./frame-table.js";
import type { KeyValueDriver } from "./key-value-driver.js";
import { frameKey } from "./keys.js";
import { damaged } from "./store-error.js";
import type { StoreState } from "./store-state.js";

/** Keeps the frame that it read last: who asks in the order of the records reads and checks each frame once. */
export class MessageReader {
  private frame: Frame | undefined = undefined;
  private content: Uint8Array = new Uint8Array();
  private readonly records = new Map<number, FrameRecord>();

  constructor(
    private readonly driver: KeyValueDriver,
    private readonly state: StoreState,
  ) {}

  /** The answer's bytes are views of the frame. */
  read(record: number): StoredMessage {
    const { state } = this;
    const holder = state.holders.get(record) ?? record;
    const frame = state.frames.find(holder);
    if (frame !== undefined) {
      if (frame !== this.frame) this.take(frame);
      const found = this.records.get(holder);
      if (found !== undefined) return messageIn(this.content, found);
    }
    throw damaged(`message ${holder} is missing`);
  }

  private take(frame: Frame): void {
    const content = frame.content ?? this.driver.get(frameKey(frame.first));
    if (content === undefined) throw damaged(`frame ${frame.first} is missing`);
    this.frame = undefined;
    this.records.clear();
    for (const record of recordsOf(content, frame.first)) {
      if (holdsMessage(record.kind)) this.records.set(record.number, record);
    }
    this.content = content;
    this.frame = frame;
  }
}
