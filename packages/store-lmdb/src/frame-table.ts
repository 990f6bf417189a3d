/**
 * Which frames there are, and how many references each of their records has: deliveries, other records, and the retained
 * place of a topic. A frame goes with its last record. 16 bytes for each record, and no object.
 */

import type { PendingChange } from "./commit-queue.js";

export class Frame {
  /** Where its references are counted, by the record's place in the frame. */
  readonly references: number[] = [];
  /** Bytes of each record. */
  readonly lengths: number[] = [];
  /** Record numbers, in order; undefined while they are consecutive. */
  numbers: number[] | undefined = undefined;
  /** Records with references. */
  live = 0;
  /** Bytes of these. */
  liveBytes = 0;
  /** Bytes of all. */
  bytes = 0;
  /** As it is to be written; dropped when it is durable. */
  content: Uint8Array | undefined = undefined;
  /** Gone from the table. */
  removed = false;
  /** Its batch is sealed: it is written, or waits to be. */
  sealed = false;
  /** How it waits to be written. */
  change: PendingChange | undefined = undefined;

  /** @param first number of its first record, which is also its key. */
  constructor(readonly first: number) {}

  /** The place of a record; -1: it is not here. */
  indexOf(number: number): number {
    const { numbers } = this;
    if (numbers === undefined) {
      const index = number - this.first;
      return index >= 0 && index < this.references.length ? index : -1;
    }
    let low = 0;
    let high = numbers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (numbers[middle] < number) low = middle + 1;
      else high = middle;
    }
    return numbers[low] === number ? low : -1;
  }

  /** Adds a record behind the others, without references. Answers with its place. */
  addRecord(number: number): number {
    const index = this.references.length;
    if (this.numbers === undefined && number !== this.first + index) {
      this.numbers = Array.from({ length: index }, (_, i) => this.first + i);
    }
    this.numbers?.push(number);
    this.references.push(0);
    this.lengths.push(0);
    return index;
  }
}

export class FrameTable {
  /** Bytes of all frames. */
  bytes = 0;
  /** Bytes of the records with references. */
  liveBytes = 0;
  /** Records with references. */
  live = 0;
  /** By their first numbers. Removed ones stay until there are many of them. */
  private frames: Frame[] = [];
  private removedCount = 0;
  private lastFound: Frame | undefined = undefined;

  get size(): number {
    return this.frames.length - this.removedCount;
  }

  /** Adds a frame behind the others. */
  append(frame: Frame): void {
    this.frames.push(frame);
  }

  /** The frame that holds a record; undefined: it is gone. */
  find(number: number): Frame | undefined {
    const { frames, lastFound } = this;
    if (lastFound !== undefined && !lastFound.removed && lastFound.indexOf(number) >= 0) return lastFound;
    let low = 0;
    let high = frames.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (frames[middle].first <= number) low = middle + 1;
      else high = middle;
    }
    const frame = frames[low - 1];
    if (frame === undefined || frame.removed || frame.indexOf(number) < 0) return undefined;
    this.lastFound = frame;
    return frame;
  }

  /** Something refers to the record. */
  isLive(number: number): boolean {
    const frame = this.find(number);
    return frame !== undefined && frame.references[frame.indexOf(number)] > 0;
  }

  reference(frame: Frame, index: number): void {
    if (frame.references[index]++ > 0) return;
    frame.live += 1;
    frame.liveBytes += frame.lengths[index];
    this.live += 1;
    this.liveBytes += frame.lengths[index];
  }

  /** True: it was the last reference. */
  unreference(frame: Frame, index: number): boolean {
    frame.references[index] -= 1;
    if (frame.references[index] > 0) return false;
    frame.live -= 1;
    frame.liveBytes -= frame.lengths[index];
    this.live -= 1;
    this.liveBytes -= frame.lengths[index];
    return true;
  }

  /** The record is so many bytes longer. */
  grow(frame: Frame, index: number, by: number): void {
    frame.lengths[index] += by;
    frame.bytes += by;
    this.bytes += by;
    if (frame.references[index] === 0) return;
    frame.liveBytes += by;
    this.liveBytes += by;
  }

  /** Counts a record whose references and length are there already. */
  adopt(frame: Frame, index: number): void {
    const length = frame.lengths[index];
    frame.bytes += length;
    this.bytes += length;
    if (frame.references[index] === 0) return;
    frame.live += 1;
    frame.liveBytes += length;
    this.live += 1;
    this.liveBytes += length;
  }

  /** Takes a frame out, with whatever it holds. */
  remove(frame: Frame): void {
    this.forget(frame);
    this.removedCount += 1;
    if (this.removedCount < 64 || this.removedCount * 2 < this.frames.length) return;
    this.frames = this.frames.filter(({ removed }) => !removed);
    this.removedCount = 0;
  }

  /** Puts a frame in the place of the first of `merged`, and takes the others out. */
  replace(merged: readonly Frame[], frame: Frame): void {
    this.frames[this.frames.indexOf(merged[0])] = frame;
    this.forget(merged[0]);
    for (const other of merged.slice(1)) this.remove(other);
  }

  /** Frames in the order of their keys, from the one at `from` on, and where to go on after `count` of them. */
  slice(from: number, count: number): { frames: Frame[]; next: number } {
    const start = from < this.frames.length ? from : 0;
    const frames = this.frames.slice(start, start + count).filter(({ removed }) => !removed);
    return { frames, next: start + count < this.frames.length ? start + count : 0 };
  }

  private forget(frame: Frame): void {
    frame.removed = true;
    this.bytes -= frame.bytes;
    this.live -= frame.live;
    this.liveBytes -= frame.liveBytes;
  }
}
