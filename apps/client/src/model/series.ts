/** Numbers over time for one plot line: the newest points, bounded. Points that come faster than the eye are merged. */

const POINTS_MAX_DEFAULT = 3_000;
/** Of points that are closer, the newest stays, once there are enough to draw a line. */
const POINT_INTERVAL_MS = 20;
const MERGED_FROM_POINTS = 200;

interface SeriesSummary {
  readonly last: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
}

export class Series {
  /** Seconds since 1970, as the plot wants them. */
  times: number[] = [];
  values: number[] = [];
  /** Values that were merged into a later one or made room for newer ones. */
  dropped = 0;
  #lastPointMs = Number.NEGATIVE_INFINITY;

  constructor(readonly pointsMax = POINTS_MAX_DEFAULT) {}

  get length(): number {
    return this.values.length;
  }

  add(atMs: number, value: number): void {
    if (this.values.length >= MERGED_FROM_POINTS && atMs - this.#lastPointMs < POINT_INTERVAL_MS) {
      this.values[this.values.length - 1] = value;
      this.dropped += 1;
      return;
    }
    this.#lastPointMs = atMs;
    this.times.push(atMs / 1_000);
    this.values.push(value);
    // A tenth at a time: moving the whole array for each point would cost more than the plot.
    if (this.values.length > this.pointsMax) this.#dropOldest(Math.ceil(this.pointsMax / 10));
  }

  summary(): SeriesSummary | undefined {
    if (this.values.length === 0) return undefined;
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    let sum = 0;
    for (const value of this.values) {
      min = Math.min(min, value);
      max = Math.max(max, value);
      sum += value;
    }
    return { last: this.values[this.values.length - 1], min, max, mean: sum / this.values.length };
  }

  #dropOldest(count: number): void {
    this.times = this.times.slice(count);
    this.values = this.values.slice(count);
    this.dropped += count;
  }
}
