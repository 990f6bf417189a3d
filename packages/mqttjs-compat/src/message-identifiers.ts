/** Numbers for messages that wait for their acknowledgement: 1 to 65,535 in turn, none twice at a time. */
const IDENTIFIER_MAX = 65_535;

export class MessageIdentifiers<T> {
  /** The newest. */
  last = 0;
  readonly #waiting = new Map<number, T>();

  get size(): number {
    return this.#waiting.size;
  }

  /** With more waiting than there are numbers, 0, and nothing is kept. */
  allocate(waiting: T): number {
    if (this.#waiting.size === IDENTIFIER_MAX) return 0;
    do {
      this.last = (this.last % IDENTIFIER_MAX) + 1;
    } while (this.#waiting.has(this.last));
    this.#waiting.set(this.last, waiting);
    return this.last;
  }

  get(identifier: number): T | undefined {
    return this.#waiting.get(identifier);
  }

  release(identifier: number): void {
    this.#waiting.delete(identifier);
  }
}
