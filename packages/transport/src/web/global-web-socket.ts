/**
 * The part that is used of the `WebSocket` which browsers, workers, Deno, Bun and Node 22 have. Spelled out so that the
 * types need no DOM, and so that a test can bring its own.
 */
export interface GlobalWebSocket {
  binaryType: string;
  readonly bufferedAmount: number;
  readonly readyState: number;
  readonly protocol: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
}

/** What its events carry, as far as it matters. */
export interface GlobalWebSocketEvent {
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
}
