/**
 * The packet identifiers in use by one sender and what each waits for (MQTT 5.0 sections 2.2.1 and 4.3). PUBLISH,
 * SUBSCRIBE and UNSUBSCRIBE of one side share the space. A small ring that grows with what is in flight, never a
 * 65,536-slot array; no object per packet. Knows no quota and no bytes.
 */
import { assert } from "@tidings/packet";

/** What a packet identifier waits for. `Free` only inside the ring. */
export const Awaiting = { Free: 0, Puback: 1, Pubrec: 2, Pubcomp: 3, Suback: 4, Unsuback: 5 } as const;
export type Awaiting = (typeof Awaiting)[keyof typeof Awaiting];

const CAPACITY_INITIAL = 8;
const CAPACITY_MAX = 65_536;

/** The slots of a window, side by side. */
interface Ring {
  readonly identifiers: Uint16Array<ArrayBuffer>;
  readonly states: Uint8Array<ArrayBuffer>;
  readonly orders: Float64Array<ArrayBuffer>;
  readonly items: unknown[];
}

function createRing(capacity: number): Ring {
  return {
    identifiers: new Uint16Array(capacity),
    states: new Uint8Array(capacity),
    orders: new Float64Array(capacity),
    items: new Array(capacity).fill(undefined),
  };
}

/** What every window begins with: most sessions never send at QoS 1 or 2. Never written to. */
const NO_RING = /* @__PURE__ */ createRing(CAPACITY_INITIAL);

/** Rings that windows have given back when nothing was in flight: sessions are many, and most of them wait. */
const spareRings: Ring[] = [];
const SPARE_RINGS_MAX = 64;

/**
 * Packet identifiers of one sender (MQTT 5.0 section 2.2.1), each with what it waits for and an item of the owner's.
 * Part of the session. A ring of 19 bytes a slot, with two to four slots for each identifier that was in use at the same
 * time.
 */
export class InFlightWindow<T> {
  /** Identifiers in use, 0 to 65535. */
  size = 0;
  private mask = CAPACITY_INITIAL - 1;
  private ring = NO_RING;
  private identifiers = NO_RING.identifiers;
  private states = NO_RING.states;
  private orders = NO_RING.orders;
  private items = NO_RING.items as (T | undefined)[];
  private nextIdentifier = 1;
  private nextOrder = 1;

  /**
   * Takes the next unused identifier for `item`; 0 when all 65,535 are in use [MQTT-2.2.1-3] [MQTT-2.2.1-4]. Goes round:
   * an identifier comes again only when the others have had their turn, and one that is never released holds up nobody.
   */
  allocate(item: T, awaiting: Awaiting): number {
    if (this.size >= 65_535) return 0;
    if (this.size * 2 > this.mask && this.mask + 1 < CAPACITY_MAX) this.grow();
    let identifier = this.nextIdentifier;
    // A slot may still be held by an old identifier that was never acknowledged: pass over it.
    while (this.states[identifier & this.mask] !== Awaiting.Free)
      identifier = identifier === 65_535 ? 1 : identifier + 1;
    this.nextIdentifier = identifier === 65_535 ? 1 : identifier + 1;
    this.put(identifier, item, awaiting, this.nextOrder++);
    return identifier;
  }

  /**
   * Takes a given identifier, 1 to 65535, as a store remembered it. Call in the order of sending. False when it is in use.
   */
  restore(identifier: number, item: T, awaiting: Awaiting): boolean {
    assert(identifier >= 1 && identifier <= 65_535);
    if (this.stateOf(identifier) !== Awaiting.Free) return false;
    while (this.states[identifier & this.mask] !== Awaiting.Free) this.grow();
    this.put(identifier, item, awaiting, this.nextOrder++);
    this.nextIdentifier = identifier === 65_535 ? 1 : identifier + 1;
    return true;
  }

  /** What the identifier waits for; `Awaiting.Free` when it is not in use. */
  stateOf(identifier: number): Awaiting {
    const slot = identifier & this.mask;
    return this.identifiers[slot] === identifier ? (this.states[slot] as Awaiting) : Awaiting.Free;
  }

  /** What was given with the identifier; undefined when it is not in use. */
  itemOf(identifier: number): T | undefined {
    const slot = identifier & this.mask;
    return this.identifiers[slot] === identifier ? this.items[slot] : undefined;
  }

  /**
   * PUBREC came: the message may be forgotten, the identifier stays until PUBCOMP (section 4.3.3). `item` replaces the
   * message, so that a payload is not held for nothing. Only for an identifier that awaits PUBREC.
   */
  received(identifier: number, item: T | undefined): void {
    const slot = identifier & this.mask;
    assert(this.identifiers[slot] === identifier && this.states[slot] === Awaiting.Pubrec);
    this.states[slot] = Awaiting.Pubcomp;
    this.items[slot] = item;
  }

  /** Ends the use of an identifier, which must be in use. */
  release(identifier: number): void {
    const slot = identifier & this.mask;
    assert(this.identifiers[slot] === identifier && this.states[slot] !== Awaiting.Free);
    this.states[slot] = Awaiting.Free;
    this.items[slot] = undefined;
    this.size -= 1;
    if (this.size === 0 && this.mask === CAPACITY_INITIAL - 1) this.giveRingBack();
  }

  /** Identifiers in use, in the order in which they were first sent [MQTT-4.6.0-1]. Costs a sort: for a resumption. */
  inOrder(): number[] {
    const slots: number[] = [];
    for (let slot = 0; slot <= this.mask; slot++) if (this.states[slot] !== Awaiting.Free) slots.push(slot);
    slots.sort((a, b) => this.orders[a] - this.orders[b]);
    return slots.map((slot) => this.identifiers[slot]);
  }

  private put(identifier: number, item: T, awaiting: Awaiting, order: number): void {
    if (this.ring === NO_RING) this.allocateRing(CAPACITY_INITIAL);
    const slot = identifier & this.mask;
    this.identifiers[slot] = identifier;
    this.states[slot] = awaiting;
    this.orders[slot] = order;
    this.items[slot] = item;
    this.size += 1;
  }

  private grow(): void {
    const { identifiers, states, orders, items, mask } = this;
    const capacity = (mask + 1) * 2;
    assert(capacity <= CAPACITY_MAX);
    this.allocateRing(capacity);
    this.size = 0;
    for (let slot = 0; slot <= mask; slot++) {
      if (states[slot] !== Awaiting.Free) {
        this.put(identifiers[slot], items[slot] as T, states[slot] as Awaiting, orders[slot]);
      }
    }
  }

  /** All of its slots are free, and none of them holds an item. */
  private giveRingBack(): void {
    if (spareRings.length < SPARE_RINGS_MAX) spareRings.push(this.ring);
    this.use(NO_RING);
  }

  private allocateRing(capacity: number): void {
    this.mask = capacity - 1;
    this.use((capacity === CAPACITY_INITIAL ? spareRings.pop() : undefined) ?? createRing(capacity));
  }

  private use(ring: Ring): void {
    this.ring = ring;
    this.identifiers = ring.identifiers;
    this.states = ring.states;
    this.orders = ring.orders;
    this.items = ring.items as (T | undefined)[];
  }
}
