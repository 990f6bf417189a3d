/** A bound on work that goes on at a time, with a bounded queue before it. */
import { AuthError } from "./auth-error.js";

export class WorkLimit {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly runningMax: number,
    private readonly waitingMax: number,
    /** For the message: what is being done. */
    private readonly what: string,
  ) {}

  /** Rejects with `TIDINGS_AUTH_BUSY` when too many wait. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.running < this.runningMax) this.running += 1;
    else {
      if (this.waiting.length >= this.waitingMax) {
        throw new AuthError("TIDINGS_AUTH_BUSY", `${this.waitingMax} wait already for ${this.what}`);
      }
      // Whoever ends hands its place on.
      await new Promise<void>((resume) => this.waiting.push(resume));
    }
    try {
      return await task();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.running -= 1;
      else next();
    }
  }
}

export function isBusy(error: unknown): boolean {
  return (error as { code?: unknown }).code === "TIDINGS_AUTH_BUSY";
}
