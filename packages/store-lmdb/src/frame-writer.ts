/** The frames of the batch that is being told: full ones, and the one that records are added to. */
import type { StorableMessage, StoredDelivery, StoredMessage } from "@tidings/session";
import { ByteWriter } from "./byte-writer.js";
import { FRAME_BYTES } from "./compact-frames.js";
import { RecordKind, writeRecordEnd, writeRecordStart, writeTarget } from "./frame-record.js";
import { Frame } from "./frame-table.js";
import type { KeyValueChange } from "./key-value-driver.js";
import { frameKey } from "./keys.js";
import type { RetainedRows } from "./retained-rows.js";
import type { KeptSession, StoreState } from "./store-state.js";

export class FrameWriter {
  private readonly writer = new ByteWriter(2 * FRAME_BYTES);
  private frame: Frame | undefined = undefined;
  /** The record that is being written; 0: none. */
  private tail = 0;
  private tailMessage = 0;
  private tailStart = 0;
  private tailIndex = 0;
  private fullFrames: Frame[] = [];
  private fullBytes = 0;

  constructor(
    private readonly state: StoreState,
    private readonly retainedRows: RetainedRows,
  ) {}

  /** Of all frames of the batch. */
  get bytes(): number {
    return this.writer.length + this.fullBytes;
  }

  /** Queues the message for a session, behind the record that holds it, or refers to it. */
  addDelivery(session: KeptSession, delivery: StoredDelivery, message: StorableMessage): void {
    const record = this.recordFor(message);
    writeTarget(this.writer, session.number, delivery);
    this.state.frames.reference(this.frame as Frame, this.tailIndex);
    session.deliveries.add(delivery.deliveryNumber, record);
  }

  /** Begins the record of a message that no frame holds. */
  takeIn(message: StorableMessage, content: StoredMessage, retained: boolean): number {
    const { topicName } = content;
    const { messageNumber } = message;
    const isInRow =
      messageNumber > 0 &&
      !this.state.pendingRetained.has(topicName) &&
      this.retainedRows.numberIn(topicName) === messageNumber;
    if (isInRow) {
      const record = this.openRecord(RecordKind.MessageAgain, messageNumber, content);
      this.state.again.set(messageNumber, record);
      this.state.againNumbers.set(record, messageNumber);
      return record;
    }
    const record = this.openRecord(retained ? RecordKind.RetainedMessage : RecordKind.Message, 0, content);
    message.messageNumber = record;
    this.tailMessage = record;
    return record;
  }

  /** Begins a record, and answers with its number. */
  openRecord(kind: RecordKind, messageNumber: number, content: StoredMessage | string | undefined): number {
    this.closeRecord();
    if (this.writer.length >= FRAME_BYTES) this.closeFrame();
    const { state, writer } = this;
    const number = state.nextNumber++;
    if (this.frame === undefined) {
      this.frame = new Frame(number);
      state.frames.append(this.frame);
    }
    this.tail = number;
    this.tailMessage = messageNumber;
    this.tailStart = writer.length;
    this.tailIndex = this.frame.addRecord(number);
    writeRecordStart(writer, kind, number - this.frame.first, messageNumber, content);
    return number;
  }

  /** Nothing is added any more to what was told so far. */
  closeFrame(): void {
    this.closeRecord();
    if (this.frame === undefined) return;
    this.frame.content = this.writer.copy();
    this.fullFrames.push(this.frame);
    this.fullBytes += this.writer.length;
    this.writer.clear();
    this.frame = undefined;
  }

  /** Ends the batch. `written` gets the frames that have to become durable; `generation` is that of the commit queue. */
  write(changes: KeyValueChange[], written: Frame[], generation: number): void {
    const { state } = this;
    for (const frame of this.fullFrames) {
      if (frame.live === 0) {
        state.frames.remove(frame);
        frame.content = undefined;
        continue;
      }
      frame.sealed = true;
      frame.change = { key: frameKey(frame.first), value: frame.content, generation };
      changes.push(frame.change);
      written.push(frame);
    }
    for (const frame of state.deadFrames) {
      // One that is not on its way yet need not be written at all.
      if (frame.change?.generation === generation) frame.change.value = undefined;
      else changes.push({ key: frameKey(frame.first), value: undefined });
    }
    state.deadFrames = [];
    this.fullFrames = [];
    this.fullBytes = 0;
  }

  /** The record to which a delivery of this message is to be added: it is the tail. */
  private recordFor(message: StorableMessage): number {
    const { messageNumber } = message;
    if (messageNumber > 0) {
      if (this.tail > 0 && messageNumber === this.tailMessage) {
        if ((this.frame as Frame).references[this.tailIndex] > 0) return this.tail;
      }
      const holder = this.state.holderOf(messageNumber);
      if (holder > 0) {
        const record = this.openRecord(RecordKind.Reference, messageNumber, undefined);
        this.state.holders.set(record, holder);
        this.state.reference(holder);
        return record;
      }
    }
    return this.takeIn(message, message.stored(), false);
  }

  private closeRecord(): void {
    if (this.tail === 0) return;
    writeRecordEnd(this.writer, this.tailStart);
    this.state.frames.grow(this.frame as Frame, this.tailIndex, this.writer.length - this.tailStart);
    this.tail = 0;
  }
}
