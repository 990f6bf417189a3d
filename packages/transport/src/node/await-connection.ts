/** Waits until a socket is connected, for a limited time, and can be called off. */
import type { Socket } from "node:net";
import { TransportError } from "../transport-error.js";
import { connectError } from "./connect-error.js";

export const CONNECT_TIMEOUT_MS_DEFAULT = 10_000;

export interface ConnectOptions {
  /** Until the stream is ready, handshakes included, in milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Gives up connecting; afterwards it has no effect on the stream. */
  readonly signal?: AbortSignal;
  /** After `end()`, how long the peer has to take the last bytes and to close, in milliseconds. Default 2,000. */
  readonly lingerMs?: number;
}

/** Something that announces one event when it is ready, or 'error'. */
interface Connecting {
  once(event: string, listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  off(event: string, listener: (error: Error) => void): unknown;
}

/**
 * Calls `ready` inside the ready event, so that nothing the peer sends next is missed, and resolves with its result.
 * Rejects with a `TransportError` after `giveUp`.
 */
export function awaitConnection<T>(
  connecting: Connecting,
  event: "connect" | "secureConnect" | "open",
  place: string,
  options: ConnectOptions,
  ready: () => T,
  giveUp: () => void,
): Promise<T> {
  const { signal, connectTimeoutMs = CONNECT_TIMEOUT_MS_DEFAULT } = options;
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      connecting.off(event, onReady);
    };
    const fail = (error: TransportError): void => {
      settle();
      giveUp(); // 'error' stays listened to: giving up may emit another one
      reject(error);
    };
    const onReady = (): void => {
      settle();
      const result = ready();
      connecting.off("error", onError);
      resolve(result);
    };
    const onError = (cause: Error): void => fail(connectError(cause, place));
    const onAbort = (): void =>
      fail(new TransportError("TIDINGS_CONNECT_ABORTED", `Connecting to ${place} was aborted.`, signal?.reason));
    const timer = setTimeout(
      () =>
        fail(
          new TransportError(
            "TIDINGS_CONNECT_TIMEOUT",
            `${place} did not answer within ${connectTimeoutMs} ms. Check the address and the firewall between.`,
          ),
        ),
      connectTimeoutMs,
    );
    connecting.once(event, onReady);
    connecting.on("error", onError);
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) onAbort();
  });
}

export function awaitSocket<T>(
  socket: Socket,
  event: "connect" | "secureConnect",
  place: string,
  options: ConnectOptions,
  ready: () => T,
): Promise<T> {
  return awaitConnection(socket, event, place, options, ready, () => socket.destroy());
}
