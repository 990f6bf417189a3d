/**
 * What the message list shows of the ring: all or the matches of a search, live or paused. Paused, it holds on to the
 * records it showed, at most as many as the ring holds, while the ring goes on.
 */
import type { MessageRecord } from "./message-record.js";
import type { MessageRing } from "./message-ring.js";
import { type MessageTest, parseSearch } from "./message-search.js";

export class MessageList {
  query = "";
  #test: MessageTest | undefined;
  /** Matches of the search in the live ring, in order; the oldest, up to `#head`, have left the ring. */
  #matches: MessageRecord[] = [];
  #head = 0;
  #nextSequence = 0;
  #frozen: MessageRecord[] | undefined;
  #shown: MessageRecord[] | undefined;
  #pausedAt = 0;

  constructor(private readonly ring: MessageRing) {}

  get isPaused(): boolean {
    return this.#frozen !== undefined;
  }

  /** Call after the ring has changed, before reading. */
  update(): void {
    if (this.#test === undefined || this.#frozen !== undefined) return;
    const { ring } = this;
    for (let index = ring.indexOf(this.#nextSequence); index < ring.length; index += 1) {
      const record = ring.at(index)!;
      if (this.#test(record)) this.#matches.push(record);
      this.#nextSequence = record.sequence + 1;
    }
    const oldest = ring.at(0)?.sequence ?? Number.POSITIVE_INFINITY;
    while (this.#head < this.#matches.length && this.#matches[this.#head].sequence < oldest) this.#head += 1;
    if (this.#head * 2 > this.#matches.length) {
      this.#matches = this.#matches.slice(this.#head);
      this.#head = 0;
    }
  }

  get length(): number {
    if (this.#shown !== undefined) return this.#shown.length;
    return this.#test === undefined ? this.ring.length : this.#matches.length - this.#head;
  }

  /** 0 is the oldest. */
  at(index: number): MessageRecord | undefined {
    if (this.#shown !== undefined) return this.#shown[index];
    return this.#test === undefined ? this.ring.at(index) : this.#matches[this.#head + index];
  }

  /** The place of the record, or -1. */
  indexOf(sequence: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle)!.sequence < sequence) low = middle + 1;
      else high = middle;
    }
    return this.at(low)?.sequence === sequence ? low : -1;
  }

  search(query: string): void {
    this.query = query;
    this.#test = parseSearch(query);
    this.#matches = [];
    this.#head = 0;
    this.#nextSequence = 0;
    this.#showFrozen();
    this.update();
  }

  pause(): void {
    if (this.isPaused) return;
    this.#frozen = this.ring.toArray();
    this.#pausedAt = (this.#frozen.at(-1)?.sequence ?? 0) + 1;
    this.#showFrozen();
  }

  resume(): void {
    this.#frozen = undefined;
    this.#shown = undefined;
    this.update();
  }

  /** Messages that came since the pause began. */
  missed(newestSequence: number): number {
    return this.isPaused ? Math.max(0, newestSequence - this.#pausedAt + 1) : 0;
  }

  /** After the ring was cleared. */
  clear(): void {
    this.resume();
    this.search(this.query);
  }

  records(): MessageRecord[] {
    return Array.from({ length: this.length }, (_, index) => this.at(index)!);
  }

  #showFrozen(): void {
    this.#shown = this.#test === undefined ? this.#frozen : this.#frozen?.filter(this.#test);
  }
}
