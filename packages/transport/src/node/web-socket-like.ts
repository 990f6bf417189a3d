/**
 * The part of a `ws` WebSocket that a stream uses. Spelled out so that the published types need no `@types/ws`; a WebSocket of
 * the `ws` library fits as it is, one of a browser does not.
 */
export interface WebSocketLike {
  binaryType: "nodebuffer" | "arraybuffer" | "fragments";
  readonly bufferedAmount: number;
  readonly readyState: number;
  readonly OPEN: number;
  readonly CLOSED: number;
  send(
    bytes: Uint8Array,
    options: { readonly binary?: boolean; readonly fin?: boolean; readonly compress?: boolean },
    sent: (error?: Error) => void,
  ): void;
  pause(): void;
  resume(): void;
  close(code: number): void;
  terminate(): void;
  /** "message", "error" and "close". */
  on(event: string, listener: (...args: never[]) => void): unknown;
}
