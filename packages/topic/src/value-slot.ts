/**
 * Where a trie keeps the values of one filter. Nearly every filter has one value, so the slot holds that value itself,
 * which saves an array per filter and a cache miss per match; from the second value on it holds a `ValueBag`.
 */
import { ValueBag } from "./value-bag.js";

/** The content of a slot without values. Not `undefined`, which is a value like any other. */
export const EMPTY: unique symbol = Symbol("empty");

export type ValueSlot<T> = typeof EMPTY | T | ValueBag<T>;

/** What the slot becomes when `value` joins it; nothing changes if it is there already. */
export function slotWith<T>(slot: ValueSlot<T>, value: T): ValueSlot<T> {
  if (slot === EMPTY) return value;
  if (slot instanceof ValueBag) {
    slot.add(value);
    return slot;
  }
  return slot === value ? slot : new ValueBag<T>(slot, value);
}

/** What the slot becomes when `value` leaves it; nothing changes if it is not there. */
export function slotWithout<T>(slot: ValueSlot<T>, value: T): ValueSlot<T> {
  if (slot instanceof ValueBag) {
    slot.remove(value);
    return slot.values.length > 1 ? slot : slot.values[0];
  }
  return slot === value ? EMPTY : slot;
}

export function slotSize<T>(slot: ValueSlot<T>): number {
  if (slot === EMPTY) return 0;
  return slot instanceof ValueBag ? slot.values.length : 1;
}

/** Appends the values to `into`, and gives it back. One by one: a spread would put every value on the call stack. */
export function appendSlot<T>(slot: ValueSlot<T>, into: T[]): T[] {
  if (slot === EMPTY) return into;
  if (slot instanceof ValueBag) {
    for (const value of slot.values) into.push(value);
  } else {
    into.push(slot);
  }
  return into;
}
