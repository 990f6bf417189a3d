/**
 * Keep Alive of one connection (MQTT 5.0 section 3.1.2.10), judged by the clock: whoever calls `check` late, because a
 * tab was throttled or a machine slept, loses nothing but time. Sends nothing itself.
 */

/** What is to be done now. */
export const KeepAliveAction = { None: 0, Ping: 1, Dead: 2 } as const;
export type KeepAliveAction = (typeof KeepAliveAction)[keyof typeof KeepAliveAction];

/** A PINGREQ goes out this much before it must, so that a late timer is not too late; at most a quarter of it. */
const MARGIN_MS_MAX = 5_000;
/** A check that comes later than this was not merely late: the machine slept, and so the peer gets another chance. */
const SLEEP_MS = 2_000;

export class KeepAlive {
  lastSentAtMs: number;
  lastReceivedAtMs: number;
  /** The peer cannot be heard, because we do not read: its silence proves nothing. */
  isDeaf = false;
  readonly #intervalMs: number;
  readonly #pingTimeoutMs: number;
  /** When a PINGREQ without an answer was sent; 0: none. */
  #pingSentAtMs = 0;

  /** `keepAlive` is the one in force, in seconds; 0: off. `pingTimeoutMs` is how long a PINGRESP may take. */
  constructor(keepAlive: number, pingTimeoutMs: number, nowMs: number) {
    const fullMs = keepAlive * 1000;
    this.#intervalMs = fullMs - Math.min(fullMs / 4, MARGIN_MS_MAX);
    this.#pingTimeoutMs = Math.min(pingTimeoutMs, fullMs);
    this.lastSentAtMs = nowMs;
    this.lastReceivedAtMs = nowMs;
  }

  /** When `check` has something to do; Infinity: never. */
  get deadlineMs(): number {
    if (this.#intervalMs === 0) return Number.POSITIVE_INFINITY;
    const idle = this.lastSentAtMs + this.#intervalMs; // [MQTT-3.1.2-20]
    if (this.#pingSentAtMs !== 0) return this.isDeaf ? idle : Math.min(idle, this.#answerDueMs);
    return Math.min(idle, this.lastReceivedAtMs + this.#intervalMs);
  }

  check(nowMs: number): KeepAliveAction {
    if (nowMs < this.deadlineMs) return KeepAliveAction.None;
    const answerMissing = this.#pingSentAtMs !== 0 && !this.isDeaf && nowMs >= this.#answerDueMs;
    if (answerMissing) {
      if (nowMs - this.#answerDueMs < SLEEP_MS) return KeepAliveAction.Dead;
      this.#pingSentAtMs = 0; // asleep, perhaps with the answer waiting to be read: begin again
    }
    return KeepAliveAction.Ping;
  }

  pingSent(nowMs: number): void {
    if (this.#pingSentAtMs === 0) this.#pingSentAtMs = nowMs; // one that waits goes on waiting
    this.lastSentAtMs = nowMs;
  }

  pingAnswered(): void {
    this.#pingSentAtMs = 0;
  }

  /** Data that arrive meanwhile are a sign of life: the answer may be behind them. */
  get #answerDueMs(): number {
    return Math.max(this.#pingSentAtMs, this.lastReceivedAtMs) + this.#pingTimeoutMs;
  }
}
