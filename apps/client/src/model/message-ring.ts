/** The newest records, bounded by count and by bytes. The oldest make room; how many went is counted. */
import { type MessageRecord, sizeOfRecord } from "./message-record.js";

export interface MessageRingLimits {
  readonly messagesMax: number;
  readonly bytesMax: number;
}

export class MessageRing {
  /** What is kept costs about this much memory. */
  bytes = 0;
  length = 0;
  /** Records that made room for newer ones, or that alone were beyond the limit. */
  dropped = 0;
  readonly #slots: (MessageRecord | undefined)[] = [];
  #first = 0;

  constructor(readonly limits: MessageRingLimits) {}

  push(record: MessageRecord): void {
    const bytes = sizeOfRecord(record);
    if (bytes > this.limits.bytesMax) {
      this.dropped += 1;
      return;
    }
    while (this.length === this.limits.messagesMax || this.bytes + bytes > this.limits.bytesMax) this.#dropOldest();
    const { messagesMax } = this.limits;
    this.#slots[(this.#first + this.length) % messagesMax] = record;
    this.length += 1;
    this.bytes += bytes;
  }

  /** 0 is the oldest. */
  at(index: number): MessageRecord | undefined {
    if (index < 0 || index >= this.length) return undefined;
    return this.#slots[(this.#first + index) % this.limits.messagesMax];
  }

  /** The place of the first record with this sequence number or a higher one. */
  indexOf(sequence: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle)!.sequence < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The newest record on the same topic and in the same direction before this one. */
  previousOf(record: MessageRecord): MessageRecord | undefined {
    for (let index = this.indexOf(record.sequence) - 1; index >= 0; index -= 1) {
      const candidate = this.at(index)!;
      if (candidate.topic === record.topic && candidate.direction === record.direction) return candidate;
    }
    return undefined;
  }

  toArray(): MessageRecord[] {
    return Array.from({ length: this.length }, (_, index) => this.at(index)!);
  }

  clear(): void {
    this.#slots.length = 0;
    this.#first = 0;
    this.length = 0;
    this.bytes = 0;
  }

  #dropOldest(): void {
    const oldest = this.#slots[this.#first]!;
    this.#slots[this.#first] = undefined;
    this.#first = (this.#first + 1) % this.limits.messagesMax;
    this.length -= 1;
    this.bytes -= sizeOfRecord(oldest);
    this.dropped += 1;
  }
}
