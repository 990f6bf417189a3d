/** Events per second, smoothed over some seconds, in two numbers and without a timer. */

const WINDOW_MS = 4_000;

export class DecayingRate {
  #weight = 0;
  #atMs = Number.NEGATIVE_INFINITY;

  add(nowMs: number, events = 1): void {
    this.#weight = this.#weightAt(nowMs) + events;
    this.#atMs = nowMs;
  }

  /** Falls towards zero by itself; below one event in a minute it is zero. */
  perSecond(nowMs: number): number {
    const rate = (this.#weightAt(nowMs) * 1_000) / WINDOW_MS;
    return rate < 1 / 60 ? 0 : rate;
  }

  #weightAt(nowMs: number): number {
    return this.#weight === 0 ? 0 : this.#weight * Math.exp(-Math.max(0, nowMs - this.#atMs) / WINDOW_MS);
  }
}
