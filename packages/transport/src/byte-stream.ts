/**
 * The byte stream MQTT runs over: ordered, lossless, both ways (MQTT 5.0 section 4.2). Everything above this package
 * knows only this interface. It frames nothing: a range of bytes handed to `onBytes` is wherever the network cut it
 * and says nothing about packets [MQTT-6.0.0-2].
 */
import type { PeerInfo } from "./peer-info.js";

export interface ByteStream {
  /** Where the peer is and how it came; for logs, hooks and limits. Fixed when the stream is made. */
  readonly peer: PeerInfo;

  /** Begins reading. Called once; nothing reaches a handler before, not even the end of the stream. */
  start(handler: ByteStreamHandler): void;

  /**
   * Writes one range. True: all of it was handed on (kernel or peer) and the caller may reuse the bytes at once. False:
   * they are held until `onDrain` (after `end()`, until `onClose`); leave them untouched until then. After the end of the stream, or after `end()` or
   * `destroy()`, the bytes are dropped and the answer is true: nobody holds them.
   */
  write(bytes: Uint8Array): boolean;

  /** Several ranges as one gathered write (`writev`; the fragments of one WebSocket message). Same answer as `write`. */
  writeAll(parts: readonly Uint8Array[]): boolean;

  /** Bytes accepted by `write` but not yet handed on. Exact enough for limits; framing overhead may be included. */
  readonly bufferedBytes: number;

  /** Stops `onBytes`, so that the peer is slowed down. A few bytes already under way may wait inside the stream. */
  pause(): void;
  resume(): void;

  /**
   * Hands on what was written, then closes. Bytes that still arrive are discarded, but read, so that they cannot destroy
   * the last ones of ours on their way. If the peer has not closed after the linger time-out, the stream is destroyed.
   */
  end(): void;

  /** Closes at once; what is still buffered is lost. `onClose` follows in a later turn, without an error. */
  destroy(): void;
}

/**
 * What a stream tells its owner. None of these is called from inside `start`, `write` or another method of the stream,
 * and after `end()` or `destroy()` only `onClose` follows. Handlers must not throw.
 */
export interface ByteStreamHandler {
  /** `bytes[start, end)` are valid during this call only: the stream may reuse its read buffer. Copy what outlives it. */
  onBytes(bytes: Uint8Array, start: number, end: number): void;

  /** `bufferedBytes` has fallen to 0 after a write returned false. */
  onDrain(): void;

  /** The stream is over; called exactly once, nothing follows. `error` only when it was not a clean end. */
  onClose(error?: Error): void;
}
