/** Fetches single records by their numbers. Keeps the frame that it read last: neighbours are read and checked once. */
import { type FrameRecord, recordsOf } from "./frame-record.js";
import type { Frame } from "./frame-table.js";
import type { KeyValueDriver } from "./key-value-driver.js";
import { frameKey } from "./keys.js";
import { damaged } from "./store-error.js";
import type { StoreState } from "./store-state.js";

export class FrameReader {
  /** Of the frame that was read last. */
  content: Uint8Array = new Uint8Array();
  /** Bytes of all frames that were read. */
  bytesRead = 0;
  private frame: Frame | undefined = undefined;
  private readonly records = new Map<number, FrameRecord>();

  constructor(
    private readonly driver: KeyValueDriver,
    private readonly state: StoreState,
  ) {}

  /** The record, which lies in `content`. Its frame is closed. */
  find(number: number): FrameRecord {
    const frame = this.state.frames.find(number);
    if (frame !== undefined && frame !== this.frame) this.take(frame);
    const record = frame === undefined ? undefined : this.records.get(number);
    if (record === undefined) throw damaged(`record ${number} is missing`);
    return record;
  }

  private take(frame: Frame): void {
    this.frame = undefined;
    this.records.clear();
    const content = frame.content ?? this.driver.get(frameKey(frame.first));
    if (content === undefined) throw damaged(`frame ${frame.first} is missing`);
    for (const record of recordsOf(content, frame.first)) this.records.set(record.number, record);
    this.content = content;
    this.bytesRead += content.length;
    this.frame = frame;
  }
}
