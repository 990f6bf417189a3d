/** The values of one filter once there are two or more, in no particular order, compared with `===`. */

/** From this many values on a bag keeps an index as well, so that thousands can leave one filter without a search each. */
const INDEXED_FROM = 32;

export class ValueBag<T> {
  /** Reading is free; only the bag itself writes. */
  readonly values: T[];
  private positions: Map<T, number> | undefined = undefined;

  constructor(first: T, second: T) {
    this.values = [first, second];
  }

  /** No effect if the value is there already. */
  add(value: T): void {
    if (this.positionOf(value) >= 0) return;
    this.values.push(value);
    if (this.positions !== undefined) this.positions.set(value, this.values.length - 1);
    else if (this.values.length >= INDEXED_FROM)
      this.positions = new Map(this.values.map((each, index) => [each, index]));
  }

  /** No effect if there is no such value. The last value takes the place of the one that leaves. */
  remove(value: T): void {
    const position = this.positionOf(value);
    if (position < 0) return;
    const last = this.values.pop() as T;
    this.positions?.delete(value);
    if (position === this.values.length) return;
    this.values[position] = last;
    this.positions?.set(last, position);
  }

  private positionOf(value: T): number {
    return this.positions === undefined ? this.values.indexOf(value) : (this.positions.get(value) ?? -1);
  }
}
