/**
 * A rate per minute, smoothed over 1, 5 and 15 minutes as an operating system smooths its load: what came in the last
 * interval counts by how much of the window that interval is.
 */
export const LOAD_WINDOWS_MINUTES = [1, 5, 15] as const;

export class LoadAverage {
  /** Per minute, one for each of `LOAD_WINDOWS_MINUTES`. */
  readonly rates = [0, 0, 0];
  private last: number;

  constructor(private readonly read: () => number) {
    this.last = read();
  }

  /** Takes in what was counted since the last call. */
  advance(elapsedMs: number): void {
    if (elapsedMs <= 0) return;
    const minutes = elapsedMs / 60_000;
    const value = this.read();
    const rate = (value - this.last) / minutes;
    this.last = value;
    for (const [index, window] of LOAD_WINDOWS_MINUTES.entries()) {
      const kept = Math.exp(-minutes / window);
      this.rates[index] = this.rates[index] * kept + rate * (1 - kept);
    }
  }
}
