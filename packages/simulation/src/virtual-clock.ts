/**
 * Time, timers and turns of an event loop that exists once for everybody in a simulation. Two clocks: `elapsedMs` runs
 * evenly and drives the timers, as a monotonic clock does; `now` is the wall clock, which may jump either way.
 *
 * Between two tasks all promises settle whose time has come: one hop of the real event loop is behind all microtasks, so
 * their order is the only one that JavaScript allows, and nothing depends on how long anything really takes.
 */

interface Timer {
  readonly dueMs: number;
  /** Timers of one moment run in the order in which they were set. */
  readonly number: number;
  readonly task: () => void;
  isCancelled: boolean;
}

const BEGINNING_MS = 1_700_000_000_000;

export class VirtualClock {
  /** Milliseconds since the beginning. */
  elapsedMs = 0;
  /** Turns so far. */
  turns = 0;
  /** Called at the end of every turn. */
  onTurn: () => void = () => {};
  private offsetMs = 0;
  private nextNumber = 0;
  /** A binary heap. */
  private readonly timers: Timer[] = [];
  private tasks: (() => void)[] = [];

  /** Milliseconds since 1970. */
  now(): number {
    return BEGINNING_MS + this.elapsedMs + this.offsetMs;
  }

  /** The wall clock jumps, forward or backward. Timers do not notice. */
  jump(byMs: number): void {
    this.offsetMs += byMs;
  }

  /** Runs the task in a later turn; the answer calls it off. */
  after(delayMs: number, task: () => void): () => void {
    const timer = {
      dueMs: this.elapsedMs + Math.max(0, Math.ceil(delayMs)),
      number: this.nextNumber++,
      task,
      isCancelled: false,
    };
    this.push(timer);
    return () => {
      timer.isCancelled = true;
    };
  }

  /** Runs the task at the end of this turn. */
  afterTurn(task: () => void): void {
    this.tasks.push(task);
  }

  /** Lets this much time pass, turn by turn. */
  async pass(milliseconds: number): Promise<void> {
    const endMs = this.elapsedMs + milliseconds;
    await this.endTurn();
    while (this.timers.length > 0 && this.timers[0].dueMs <= endMs) {
      this.elapsedMs = Math.max(this.elapsedMs, this.timers[0].dueMs);
      const due: Timer[] = [];
      while (this.timers.length > 0 && this.timers[0].dueMs <= this.elapsedMs) due.push(this.shift());
      for (const timer of due) {
        if (timer.isCancelled) continue;
        timer.task();
        await settled();
      }
      await this.endTurn();
    }
    this.elapsedMs = endMs;
  }

  private async endTurn(): Promise<void> {
    await settled();
    while (this.tasks.length > 0) {
      for (const task of this.tasks.splice(0)) {
        task();
        await settled();
      }
    }
    this.turns += 1;
    this.onTurn();
  }

  private push(timer: Timer): void {
    const { timers } = this;
    let index = timers.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (isBefore(timers[parent], timer)) break;
      timers[index] = timers[parent];
      index = parent;
    }
    timers[index] = timer;
  }

  private shift(): Timer {
    const { timers } = this;
    const first = timers[0];
    const last = timers.pop() as Timer;
    if (timers.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= timers.length) break;
      if (child + 1 < timers.length && isBefore(timers[child + 1], timers[child])) child += 1;
      if (isBefore(last, timers[child])) break;
      timers[index] = timers[child];
      index = child;
    }
    timers[index] = last;
    return first;
  }
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.number < other.number);
}

/** Every promise that can settle has, and what it leads to. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
