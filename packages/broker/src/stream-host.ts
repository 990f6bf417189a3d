/**
 * Drives a broker core over byte streams: hands it what comes in, writes what goes out once per turn of the event loop,
 * tells it the time. Knows no sockets and no timers of its own: these are in `Scheduler`.
 */
import type { ByteStream, ByteStreamHandler } from "@tidings/transport";
import type { Broker } from "./broker.js";
import type { Connection } from "./connection.js";
import type { ConnectionHost } from "./connection-host.js";
import type { ListenerFacts } from "./listener-facts.js";

export interface Scheduler {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `task` when the input of this turn is handled, before waiting for more. */
  afterTurn(task: () => void): void;
  /** Runs `task` after `delayMs`, without keeping a process alive; the answer calls it off. */
  after(delayMs: number, task: () => void): () => void;
}

/** Time never stands still for longer than this while anything waits for a deadline. */
const TICK_MS_MAX = 1000;
const TICK_MS_MIN = 10;

export class StreamHost {
  private readonly streams = new Set<StreamConnection>();
  private dirty: Connection[] = [];
  private turnScheduled = false;
  /** Reads of this turn. */
  private readsInTurn = 0;
  /** Inside `read`, which asks for the end of the turn itself. */
  private isReading = false;
  /** The last turn brought bytes of one stream at most, so this one is likely to do so too. */
  private expectsOneRead = true;
  private cancelTick: (() => void) | undefined;
  /** When it comes, in milliseconds since 1970. */
  private tickAtMs = 0;
  private closing: (() => void) | undefined;
  private isOver = false;
  private readonly endTurn = (): void => {
    this.turnScheduled = false;
    this.expectsOneRead = this.readsInTurn <= 1;
    this.readsInTurn = 0;
    this.flush();
    this.tick();
  };

  constructor(
    readonly broker: Broker,
    private readonly scheduler: Scheduler,
  ) {
    broker.onWantsEndOfTurn = () => this.wantsTurnEnd();
  }

  /** Takes up what the broker's store holds, and keeps the deadlines in it. Call once, before anything else. */
  async recover(): Promise<void> {
    await this.broker.recover(this.scheduler.now());
    this.tick();
  }

  /** Serves a stream from now on. False: the broker takes no more connections; the stream was destroyed. */
  accept(stream: ByteStream, listener?: ListenerFacts): boolean {
    const host = new StreamConnection(this, stream);
    const connection = this.broker.accept(host, this.scheduler.now(), stream.peer, listener);
    if (connection === undefined) {
      stream.destroy();
      return false;
    }
    host.connection = connection;
    this.streams.add(host);
    stream.start(host);
    this.tick();
    return true;
  }

  /**
   * Says goodbye to all clients and waits until they are gone, `graceMs` at most; then cuts the rest off. Listeners are
   * the caller's to close, before.
   */
  async close(graceMs = 2000): Promise<void> {
    this.broker.close(this.scheduler.now());
    this.flush();
    if (this.streams.size > 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.scheduler.after(graceMs, resolve);
        this.closing = () => {
          cancel();
          resolve();
        };
      });
    }
    for (const { stream } of this.streams) stream.destroy();
    this.isOver = true;
    this.cancelTick?.();
    await this.broker.closeStore();
  }

  /** @internal */
  get nowMs(): number {
    return this.scheduler.now();
  }

  /** @internal */
  wantsFlush(connection: Connection): void {
    this.dirty.push(connection);
    if (!this.isReading) this.wantsTurnEnd();
  }

  /** @internal Bytes came. What they lead to is written at once if they are likely to be all, else when the turn ends. */
  read(connection: Connection, bytes: Uint8Array, start: number, end: number): void {
    this.isReading = true;
    connection.receive(bytes, start, end, this.scheduler.now());
    this.isReading = false;
    this.readsInTurn += 1;
    if (this.readsInTurn === 1 && this.expectsOneRead) this.flush();
    this.wantsTurnEnd();
  }

  /** @internal */
  wantsTurnEnd(): void {
    if (this.turnScheduled) return;
    this.turnScheduled = true;
    this.scheduler.afterTurn(this.endTurn);
  }

  /** @internal */
  closed(host: StreamConnection): void {
    this.streams.delete(host);
    if (this.streams.size === 0) this.closing?.();
    this.tick();
  }

  private flush(): void {
    this.broker.endTurn();
    const { dirty } = this;
    this.dirty = [];
    for (let i = 0; i < dirty.length; i++) dirty[i].flush();
    this.tick();
  }

  /** One timer for everything, as long as anything waits. */
  private tick(): void {
    const deadlineMs = this.isOver ? Number.POSITIVE_INFINITY : this.broker.nextDeadline();
    if (deadlineMs === Number.POSITIVE_INFINITY) return;
    if (this.cancelTick !== undefined && deadlineMs >= this.tickAtMs) return;
    const nowMs = this.scheduler.now();
    const waitMs = Math.min(Math.max(deadlineMs - nowMs, TICK_MS_MIN), TICK_MS_MAX);
    if (this.cancelTick !== undefined) {
      // Never later than before: what is overdue must not be put off by every turn.
      if (nowMs + waitMs >= this.tickAtMs) return;
      this.cancelTick();
    }
    this.tickAtMs = nowMs + waitMs;
    this.cancelTick = this.scheduler.after(waitMs, () => {
      this.cancelTick = undefined;
      this.broker.advance(this.scheduler.now());
      this.wantsTurnEnd();
      this.tick();
    });
  }
}

class StreamConnection implements ConnectionHost, ByteStreamHandler {
  connection!: Connection;

  constructor(
    private readonly host: StreamHost,
    readonly stream: ByteStream,
  ) {}

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    this.host.read(this.connection, bytes, start, end);
  }

  onDrain(): void {
    this.connection.transportDrained(this.host.nowMs);
    this.host.broker.wantsEndOfTurn();
  }

  onClose(error?: Error): void {
    this.connection.transportClosed(this.host.nowMs, error);
    this.host.broker.wantsEndOfTurn();
    this.host.closed(this);
  }

  wantsFlush(): void {
    this.host.wantsFlush(this.connection);
  }

  write(bytes: Uint8Array): boolean {
    return this.stream.write(bytes);
  }

  writeAll(parts: readonly Uint8Array[]): boolean {
    return this.stream.writeAll(parts);
  }

  wantsClose(): void {
    this.stream.end();
  }

  wantsPause(paused: boolean): void {
    if (paused) this.stream.pause();
    else this.stream.resume();
  }
}
