import type { LevelNode } from "./level-node.js";
import { EMPTY } from "./value-slot.js";

/** One level of the names in a `NameTrie`. */
export class NameNode<T> implements LevelNode<NameNode<T>> {
  readonly level: string;
  children: NameNode<T> | Map<string, NameNode<T>> | undefined = undefined;
  /** The value of the name that ends here. */
  value: T | typeof EMPTY = EMPTY;

  constructor(level: string) {
    this.level = level;
  }
}
