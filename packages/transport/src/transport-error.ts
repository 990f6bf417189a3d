/** The one error class of this package. Test by `code`: messages may change, codes do not. */

export type TransportErrorCode =
  /** `start()` was called a second time: a mistake in the calling code. */
  | "TIDINGS_STREAM_STARTED"
  /** Another process (or listener) holds the port or the socket file. */
  | "TIDINGS_ADDRESS_IN_USE"
  /** The address does not belong to this machine, or the name does not resolve to one. */
  | "TIDINGS_ADDRESS_NOT_AVAILABLE"
  /** The system does not permit it: a port below 1024, or a directory without write permission. */
  | "TIDINGS_ADDRESS_DENIED"
  /** Listening failed for another reason; `cause` has it. */
  | "TIDINGS_LISTEN_FAILED"
  /** One connection could not be accepted; the listener goes on. */
  | "TIDINGS_ACCEPT_FAILED"
  /** Somebody connects more often than allowed; the connection was cut. */
  | "TIDINGS_CONNECTION_RATE"
  /** A connection that should come through a proxy has no PROXY protocol header, a wrong one, or comes from elsewhere. */
  | "TIDINGS_PROXY_PROTOCOL"
  /** Key or certificate cannot be used. */
  | "TIDINGS_TLS_CONFIGURATION"
  /** Nobody listens there. */
  | "TIDINGS_CONNECT_REFUSED"
  /** `connectTimeoutMs` passed first. */
  | "TIDINGS_CONNECT_TIMEOUT"
  /** The given `AbortSignal` fired. */
  | "TIDINGS_CONNECT_ABORTED"
  /** The host name does not resolve. */
  | "TIDINGS_HOST_NOT_FOUND"
  /** The peer's certificate was not accepted, or the TLS handshake failed. */
  | "TIDINGS_TLS_HANDSHAKE"
  /** The server answered the WebSocket upgrade with something else, or without the subprotocol. */
  | "TIDINGS_WEBSOCKET_HANDSHAKE"
  /** Connecting failed for another reason; `cause` has it. */
  | "TIDINGS_CONNECT_FAILED"
  /** The peer vanished: reset, broken pipe, network time-out. */
  | "TIDINGS_CONNECTION_LOST"
  /** The peer sent what the transport forbids, for instance a text frame. */
  | "TIDINGS_TRANSPORT_VIOLATION"
  /** The peer did not close within the linger time-out after `end()`. */
  | "TIDINGS_LINGER_TIMEOUT";

export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
