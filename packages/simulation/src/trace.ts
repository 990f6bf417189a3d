/**
 * What happened, line by line, and a hash over all of it: two runs are the same when their hashes are. Lines are kept up
 * to a limit, the last ones.
 */

const LINES_KEPT = 400;
const FNV_PRIME = 0x0100_0193;

export class Trace {
  /** Lines so far. */
  count = 0;
  private readonly kept: string[] = [];
  private low = 0x811c_9dc5;
  private high = 0x2f0b_4471;

  /** `print` is given each line as it comes. */
  constructor(
    private readonly time: () => number,
    private readonly print?: (line: string) => void,
  ) {}

  add(who: string, what: string): void {
    const line = `${String(this.time()).padStart(8)} ${who.padEnd(8)} ${what}`;
    this.count += 1;
    for (let i = 0; i < line.length; i++) {
      const code = line.charCodeAt(i);
      this.low = Math.imul(this.low ^ code, FNV_PRIME);
      this.high = Math.imul(this.high ^ (code + (this.low >>> 24)), FNV_PRIME);
    }
    this.print?.(line);
    this.kept.push(line);
    if (this.kept.length >= 2 * LINES_KEPT) this.kept.splice(0, LINES_KEPT);
  }

  /** 16 hexadecimal digits over all lines, in their order. */
  get hash(): string {
    return [this.high, this.low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  }

  /** The last lines, at most this many. */
  last(count: number): readonly string[] {
    return this.kept.slice(-count);
  }
}
