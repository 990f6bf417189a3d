/**
 * The deliveries of one session that are not done, by number: which record holds each, and how far it has come. A ring of
 * numbers, 12 bytes for each, because a queue may be long; what hangs behind while thousands pass by leaves the ring.
 */

/** The packet identifier of a delivery that was sent, 0 before; and whether PUBREC came for it. */
export type DeliveryState = number;

export const RELEASED = 0x1_0000;
const IDENTIFIER = 0xffff;

export function identifierOf(state: DeliveryState): number {
  return state & IDENTIFIER;
}

/** Deliveries with consecutive numbers, all queued; or all sent, with consecutive packet identifiers, released or not. */
export interface DeliveryRun {
  readonly first: number;
  readonly length: number;
  /** Of the first one. */
  readonly state: DeliveryState;
}

const CAPACITY_INITIAL = 8;
const CAPACITY_KEPT = 64;
const NO_RECORDS = new Float64Array();
const NO_STATES = new Int32Array();

export class OutstandingDeliveries {
  /** Behind the last number. */
  next = 1;
  /** Deliveries that are not done. */
  size = 0;
  /** Record numbers; 0: done. The delivery with number n has its place at n modulo the capacity. */
  private records = NO_RECORDS;
  private states = NO_STATES;
  /** The ring holds the numbers from here up to `next`. */
  private start = 1;
  /** Up to this number some may be done or sent; all behind it are queued. */
  private settledUpTo = 0;
  /** Lower numbers than `start`, in their order. */
  private readonly stragglers = new Map<number, { readonly record: number; state: DeliveryState }>();

  /** Takes a number that is not below `next`. */
  add(deliveryNumber: number, record: number, state: DeliveryState = 0): void {
    if (this.start === this.next) this.start = this.next = deliveryNumber;
    else if (deliveryNumber > this.next) this.settledUpTo = deliveryNumber - 1;
    for (; this.next < deliveryNumber; this.next++) this.place(0, 0);
    this.place(record, state);
    this.next += 1;
    this.size += 1;
    if (state !== 0) this.settledUpTo = deliveryNumber;
  }

  /** Numbers below this one have been used. */
  skipTo(next: number): void {
    if (next <= this.next) return;
    if (this.start === this.next) this.start = this.next = next;
    else {
      for (; this.next < next; this.next++) this.place(0, 0);
      this.settledUpTo = next - 1;
    }
  }

  /** The record that holds a delivery; 0: done, or never there. */
  recordOf(deliveryNumber: number): number {
    if (deliveryNumber >= this.next) return 0;
    if (deliveryNumber < this.start) return this.stragglers.get(deliveryNumber)?.record ?? 0;
    return this.records[deliveryNumber % this.records.length];
  }

  stateOf(deliveryNumber: number): DeliveryState {
    if (deliveryNumber < this.start) return this.stragglers.get(deliveryNumber)?.state ?? 0;
    return this.states[deliveryNumber % this.states.length];
  }

  setState(deliveryNumber: number, state: DeliveryState): void {
    const straggler = this.stragglers.get(deliveryNumber);
    if (straggler !== undefined) straggler.state = state;
    else this.states[deliveryNumber % this.states.length] = state;
    if (deliveryNumber > this.settledUpTo) this.settledUpTo = deliveryNumber;
  }

  /** Takes out a delivery that is there. */
  remove(deliveryNumber: number): void {
    this.size -= 1;
    if (deliveryNumber > this.settledUpTo) this.settledUpTo = deliveryNumber;
    if (deliveryNumber < this.start) {
      this.stragglers.delete(deliveryNumber);
      return;
    }
    const { records } = this;
    records[deliveryNumber % records.length] = 0;
    while (this.start < this.next && records[this.start % records.length] === 0) this.start += 1;
    // An empty queue gives back what a burst took.
    if (this.start === this.next && records.length > CAPACITY_KEPT) {
      this.records = NO_RECORDS;
      this.states = NO_STATES;
    }
  }

  /** How many have lower numbers. */
  sizeBelow(deliveryNumber: number): number {
    let size = 0;
    for (const { first, length } of this.runs()) size += Math.max(0, Math.min(length, deliveryNumber - first));
    return size;
  }

  /** Record numbers of all. */
  *allRecords(): IterableIterator<number> {
    for (const { record } of this.stragglers.values()) yield record;
    for (let number = this.start; number < this.next; number++) {
      const record = this.records[number % this.records.length];
      if (record !== 0) yield record;
    }
  }

  /** What is outstanding, in order. Costs what is sent or lies between, not what is queued behind. */
  runs(): DeliveryRun[] {
    const runs: { first: number; length: number; state: DeliveryState }[] = [];
    const append = (number: number, length: number, state: DeliveryState): void => {
      const last = runs.at(-1);
      if (last !== undefined && last.first + last.length === number && continues(last, state)) last.length += length;
      else runs.push({ first: number, length, state });
    };
    for (const [number, { state }] of this.stragglers) append(number, 1, state);
    const { records, states, start, next } = this;
    const settled = Math.min(this.settledUpTo, next - 1);
    for (let number = start; number <= settled; number++) {
      if (records[number % records.length] !== 0) append(number, 1, states[number % states.length]);
    }
    const queuedFrom = Math.max(start, settled + 1);
    if (queuedFrom < next) append(queuedFrom, next - queuedFrom, 0);
    return runs;
  }

  private place(record: number, state: DeliveryState): void {
    if (this.next - this.start === this.records.length) this.makeRoom();
    this.records[this.next % this.records.length] = record;
    this.states[this.next % this.states.length] = state;
  }

  private makeRoom(): void {
    const { records, states, start, next } = this;
    const capacity = records.length;
    if (capacity > CAPACITY_KEPT && this.size - this.stragglers.size < capacity / 4) {
      // Few hang behind: the ring is for the many that pass by.
      this.start = start + capacity / 2;
      for (let number = start; number < this.start; number++) {
        const record = records[number % capacity];
        if (record !== 0) this.stragglers.set(number, { record, state: states[number % capacity] });
      }
      return;
    }
    const larger = Math.max(CAPACITY_INITIAL, capacity * 2);
    this.records = new Float64Array(larger);
    this.states = new Int32Array(larger);
    for (let number = start; number < next; number++) {
      this.records[number % larger] = records[number % capacity];
      this.states[number % larger] = states[number % capacity];
    }
  }
}

/** The state follows those of the run. */
function continues(run: DeliveryRun, state: DeliveryState): boolean {
  if (run.state === 0 || state === 0) return run.state === state;
  return identifierOf(run.state) + run.length === identifierOf(state) && (run.state & RELEASED) === (state & RELEASED);
}
