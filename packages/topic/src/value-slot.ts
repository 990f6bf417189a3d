/**
 * Where a trie keeps the values of one filter. Nearly every filter has one value, so the slot is that value itself, which
 * saves an array per filter and a cache miss per match; from the second value on it is a `ValueBag`.
 */
import { ValueBag } from "./value-bag.js";

/** What can be stored: anything that tells itself from an absent entry. */
export type Value = NonNullable<unknown> | null;

/** A filter without values has no slot. */
export type ValueSlot<T extends Value> = T | ValueBag<T>;

/** What the slot becomes when `value` joins it; the same if it is there already. */
export function slotWith<T extends Value>(slot: ValueSlot<T> | undefined, value: T): ValueSlot<T> {
  if (slot === undefined) return value;
  if (slot instanceof ValueBag) {
    slot.add(value);
    return slot;
  }
  return slot === value ? slot : new ValueBag<T>(slot, value);
}

/** What the slot becomes when `value` leaves it; the same if it is not there. */
export function slotWithout<T extends Value>(slot: ValueSlot<T>, value: T): ValueSlot<T> | undefined {
  if (slot instanceof ValueBag) {
    slot.remove(value);
    return slot.values.length > 1 ? slot : slot.values[0];
  }
  return slot === value ? undefined : slot;
}

export function slotSize<T extends Value>(slot: ValueSlot<T> | undefined): number {
  if (slot === undefined) return 0;
  return slot instanceof ValueBag ? slot.values.length : 1;
}

/** Appends the values to `into`. One by one, because a spread would put every value on the call stack. */
export function appendSlot<T extends Value>(slot: ValueSlot<T> | undefined, into: T[]): void {
  if (slot === undefined) return;
  if (slot instanceof ValueBag) {
    for (const value of slot.values) into.push(value);
  } else {
    into.push(slot);
  }
}
