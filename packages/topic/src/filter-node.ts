import type { LevelNode } from "./level-node.js";
import { EMPTY, type ValueSlot } from "./value-slot.js";

/** One level of the filters in a `FilterTrie`. A `#` has no node of its own: its values are kept one level higher. */
export class FilterNode<T> implements LevelNode<FilterNode<T>> {
  readonly level: string;
  children: FilterNode<T> | Map<string, FilterNode<T>> | undefined = undefined;
  /** The child for a `+` level. */
  plus: FilterNode<T> | undefined = undefined;
  /** Values of the filter that ends here. */
  values: ValueSlot<T> = EMPTY;
  /** Values of the filter that ends with a `#` below this level. */
  hashValues: ValueSlot<T> = EMPTY;

  constructor(level: string) {
    this.level = level;
  }
}

export function isEmptyNode<T>(node: FilterNode<T>): boolean {
  return node.children === undefined && node.plus === undefined && node.values === EMPTY && node.hashValues === EMPTY;
}
