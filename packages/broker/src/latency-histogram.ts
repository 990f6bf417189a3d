/** Counts durations in fixed classes, without an allocation per record. Resolution: one turn of the event loop. */

/** Upper bounds of the classes in milliseconds, each included; what is longer falls into one more class. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000,
];

export class LatencyHistogram {
  /** Records per class: one for each of `LATENCY_BOUNDS_MS`, and one above. */
  readonly counts = new Float64Array(LATENCY_BOUNDS_MS.length + 1);
  private readonly total = new Float64Array(1);

  /** Milliseconds of all records together. */
  get sumMs(): number {
    return this.total[0];
  }

  /** A clock that went back counts as no time. */
  record(elapsedMs: number): void {
    let index = 0;
    while (index < LATENCY_BOUNDS_MS.length && elapsedMs > LATENCY_BOUNDS_MS[index]) index += 1;
    this.counts[index] += 1;
    if (elapsedMs > 0) this.total[0] += elapsedMs;
  }
}
