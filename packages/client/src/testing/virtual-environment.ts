/**
 * A platform that is nothing but memory: a clock that moves when told to, chance that repeats, and servers that a test
 * plays itself. Nothing happens but in `settle` and `advance`.
 */
import { createMemoryPair, TransportError } from "@tidings/transport";
import type { ClientEnvironment, OpenOptions } from "../client-environment.js";
import type { ServerAddress } from "../server-address.js";
import { ServerConnection } from "./server-connection.js";

interface Timer {
  dueMs: number;
  task: () => void;
}

/** Microtasks may follow each other; this many rounds without a task, and all are done. */
const MICROTASK_ROUNDS = 30;

export class VirtualEnvironment implements ClientEnvironment {
  /** Milliseconds since 1970. */
  nowMs = 1_700_000_000_000;
  /** All connections so far, the last one included. */
  readonly connections: ServerConnection[] = [];
  /** Where each attempt to open a stream went, and how. */
  readonly opened: { readonly address: ServerAddress; readonly options: OpenOptions }[] = [];
  /** Plays the server: called with each new connection. */
  onConnection: (connection: ServerConnection) => void = () => {};
  /** True: nobody listens at that address. */
  refuses: (address: ServerAddress) => boolean = () => false;
  /** What `random` answers with; undefined: a fixed sequence. */
  fixedRandom: number | undefined;
  private tasks: (() => void)[] = [];
  private timers: Timer[] = [];
  private seed = 1;

  now(): number {
    return this.nowMs;
  }

  afterTurn<T>(task: (of: T) => void, of: T): void {
    this.tasks.push(() => task(of));
  }

  after<T>(delayMs: number, task: (of: T) => void, of: T): object {
    const timer = { dueMs: this.nowMs + delayMs, task: () => task(of) };
    this.timers.push(timer);
    return timer;
  }

  cancel(timer: object | number): void {
    this.timers = this.timers.filter((other) => other !== timer);
  }

  random(): number {
    if (this.fixedRandom !== undefined) return this.fixedRandom;
    this.seed = (this.seed * 48_271) % 2_147_483_647;
    return this.seed / 2_147_483_647;
  }

  async open(address: ServerAddress, options: OpenOptions) {
    this.opened.push({ address, options });
    if (this.refuses(address)) {
      throw new TransportError("TIDINGS_CONNECT_REFUSED", `Cannot connect to ${address.url}: nobody listens there.`);
    }
    const schedule = (task: () => void): void => void this.tasks.push(task);
    const [near, far] = createMemoryPair({ schedule, staticReadBuffer: true });
    const connection = new ServerConnection(far, schedule);
    this.connections.push(connection);
    this.onConnection(connection);
    return near;
  }

  /** The newest connection. Throws when there is none. */
  get connection(): ServerConnection {
    const last = this.connections.at(-1);
    if (last === undefined) throw new Error("nobody has connected yet");
    return last;
  }

  /** Timers that are set. */
  get timerCount(): number {
    return this.timers.length;
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let idle = 0; idle < MICROTASK_ROUNDS; ) {
      await Promise.resolve();
      const tasks = this.tasks.splice(0);
      for (const task of tasks) task();
      idle = tasks.length === 0 ? idle + 1 : 0;
    }
  }

  /** Lets time pass, timer by timer. */
  async advance(milliseconds: number): Promise<void> {
    const endMs = this.nowMs + milliseconds;
    await this.settle();
    for (;;) {
      const next = this.timers.reduce<Timer | undefined>(
        (first, timer) => (first === undefined || timer.dueMs < first.dueMs ? timer : first),
        undefined,
      );
      if (next === undefined || next.dueMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      await this.fire(next);
    }
    this.nowMs = endMs;
  }

  /** The machine sleeps: time passes, and timers that were due meanwhile fire afterwards, late. */
  async sleep(milliseconds: number): Promise<void> {
    this.nowMs += milliseconds;
    const late = this.timers.filter((timer) => timer.dueMs <= this.nowMs);
    for (const timer of late) if (this.timers.includes(timer)) await this.fire(timer);
  }

  private async fire(timer: Timer): Promise<void> {
    this.timers = this.timers.filter((other) => other !== timer);
    timer.task();
    await this.settle();
  }
}
