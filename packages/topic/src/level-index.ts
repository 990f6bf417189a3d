/**
 * A hash table from level text to entry, for the levels that have many texts. A `Map` follows a chain of entries and
 * reads each one's text for its hash, and with 100,000 texts nearly every step is a cache miss; here the hashes lie side
 * by side, so that a text is found with three misses and most absent ones with one.
 *
 * Its hash is not seeded, so whoever chooses the texts can make them collide. A text that finds no place within
 * `PROBES_MAX` is refused, which tells the owner to use a `Map` instead: the engine seeds those.
 */
import { LevelText } from "./level-text.js";

/**
 * The longest way from where a text belongs to where it is put, in places. With millions of ordinary texts the longest is
 * some hundreds; somebody who makes texts collide gains the time to compare as many numbers.
 */
const PROBES_MAX = 1_024;
const CAPACITY_MIN = 16;

export class LevelIndex<Entry> {
  size = 0;
  /** The hash of the text in each place; 0 is a free one. At most four fifths are taken. */
  private hashes: Int32Array;
  /** Text and entry of each place, by turns. */
  private slots: (string | Entry | undefined)[];
  /** No text is further than this from where it belongs. */
  private probes = 0;

  constructor(capacity = CAPACITY_MIN) {
    this.hashes = new Int32Array(capacity);
    this.slots = new Array<undefined>(2 * capacity).fill(undefined);
  }

  /** True when it would be worth its while to start again with a smaller one. */
  get isSparse(): boolean {
    return this.hashes.length > CAPACITY_MIN && 8 * this.size < this.hashes.length;
  }

  get(level: LevelText): Entry | undefined {
    const place = this.placeOf(level);
    return place < 0 ? undefined : (this.slots[2 * place + 1] as Entry);
  }

  /** Stores `entry`, in place of the one before. False, and no change, if the text finds no place. */
  set(text: string, entry: Entry): boolean {
    const level = new LevelText(text);
    const place = this.placeOf(level);
    if (place >= 0) {
      this.slots[2 * place + 1] = entry;
      return true;
    }
    if (5 * (this.size + 1) > 4 * this.hashes.length && !this.grow()) return false;
    return this.put(level.getHash(), text, entry);
  }

  delete(text: string): void {
    let free = this.placeOf(new LevelText(text));
    if (free < 0) return;
    const { hashes, slots } = this;
    const mask = hashes.length - 1;
    this.size -= 1;
    // Whatever follows without a gap and may stand in the free place moves there, so that no search ends too early.
    for (let place = (free + 1) & mask; hashes[place] !== 0; place = (place + 1) & mask) {
      const gap = (place - free) & mask;
      if (gap > this.probes) break;
      if (((place - hashes[place]) & mask) < gap) continue;
      hashes[free] = hashes[place];
      slots[2 * free] = slots[2 * place];
      slots[2 * free + 1] = slots[2 * place + 1];
      free = place;
    }
    hashes[free] = 0;
    slots[2 * free] = undefined;
    slots[2 * free + 1] = undefined;
  }

  forEach(visit: (entry: Entry, text: string) => void): void {
    const { hashes, slots } = this;
    for (let place = 0; place < hashes.length; place += 1) {
      if (hashes[place] !== 0) visit(slots[2 * place + 1] as Entry, slots[2 * place] as string);
    }
  }

  private placeOf(level: LevelText): number {
    const { hashes } = this;
    const hash = level.getHash();
    const mask = hashes.length - 1;
    for (let probe = 0; probe <= this.probes; probe += 1) {
      const place = (hash + probe) & mask;
      const found = hashes[place];
      if (found === 0) return -1;
      if (found === hash && this.slots[2 * place] === level.getText()) return place;
    }
    return -1;
  }

  /** The text is not here yet, and there is a free place somewhere. */
  private put(hash: number, text: string, entry: Entry): boolean {
    const mask = this.hashes.length - 1;
    for (let probe = 0; probe < PROBES_MAX; probe += 1) {
      const place = (hash + probe) & mask;
      if (this.hashes[place] !== 0) continue;
      this.hashes[place] = hash;
      this.slots[2 * place] = text;
      this.slots[2 * place + 1] = entry;
      this.size += 1;
      if (probe > this.probes) this.probes = probe;
      return true;
    }
    return false;
  }

  /** Doubles the capacity. False, and no change, if a text finds no place there. */
  private grow(): boolean {
    const { hashes, slots } = this;
    const grown = new LevelIndex<Entry>(2 * hashes.length);
    for (let place = 0; place < hashes.length; place += 1) {
      if (hashes[place] === 0) continue;
      if (!grown.put(hashes[place], slots[2 * place] as string, slots[2 * place + 1] as Entry)) return false;
    }
    this.hashes = grown.hashes;
    this.slots = grown.slots;
    this.probes = grown.probes;
    return true;
  }
}
