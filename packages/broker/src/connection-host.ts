/**
 * What a connection asks of whoever owns its transport. The core does no IO of its own: bytes come in through
 * `Connection.receive` and go out through `write`.
 */
export interface ConnectionHost {
  /** The connection has output: call its `flush` before this turn of the event loop ends. Asked once until then. */
  wantsFlush(): void;
  /**
   * Takes bytes, now. True: they were handed on and may be reused at once. False: they are held until
   * `Connection.transportDrained`.
   */
  write(bytes: Uint8Array): boolean;
  /** Several ranges as one write. */
  writeAll(parts: readonly Uint8Array[]): boolean;
  /** Everything is flushed: close gracefully. `Connection.transportClosed` may or may not follow. */
  wantsClose(): void;
  /** Stop or resume reading. */
  wantsPause(paused: boolean): void;
}
