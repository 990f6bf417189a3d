/** Wrong passwords of the current minute, by address. Bounded: beyond it all count together. */
const MINUTE_MS = 60_000;
const ADDRESSES_MAX = 1000;
const EVERYBODY = "";

export class WrongPasswords {
  private counts = new Map<string, number>();
  private minuteEndsMs = 0;

  constructor(private readonly max: number) {}

  isFull(address: string, nowMs: number): boolean {
    this.turn(nowMs);
    return (this.counts.get(this.keyOf(address)) ?? 0) >= this.max;
  }

  add(address: string, nowMs: number): void {
    this.turn(nowMs);
    const key = this.keyOf(address);
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  private keyOf(address: string): string {
    return this.counts.has(address) || this.counts.size < ADDRESSES_MAX ? address : EVERYBODY;
  }

  private turn(nowMs: number): void {
    if (nowMs < this.minuteEndsMs) return;
    this.counts = new Map();
    this.minuteEndsMs = nowMs + MINUTE_MS;
  }
}
