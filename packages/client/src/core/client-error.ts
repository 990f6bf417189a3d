/**
 * The one error class of this package. Test by `code`: messages may change, codes do not. What the transport, the codec
 * or the application threw is the `cause`.
 */

/** Stable identifiers of what went wrong. */
export type ClientErrorCode =
  /** A topic, filter, payload or option that MQTT does not allow. Nothing was sent. */
  | "TIDINGS_CLIENT_INVALID_ARGUMENT"
  /** The server said in CONNACK that it does not offer this, or the platform lacks what it needs. Nothing was sent. */
  | "TIDINGS_CLIENT_NOT_SUPPORTED"
  /** Larger than the server's Maximum Packet Size. Nothing was sent. */
  | "TIDINGS_CLIENT_PACKET_TOO_LARGE"
  /** The transport could not be opened; `cause` is a `TransportError`. */
  | "TIDINGS_CLIENT_CONNECT_FAILED"
  /** No CONNACK within `connectTimeoutMs`. */
  | "TIDINGS_CLIENT_CONNECT_TIMEOUT"
  /** CONNACK refused the connection; `reasonCode` says why. */
  | "TIDINGS_CLIENT_CONNECT_REFUSED"
  /** Enhanced authentication failed on our side: the server did not prove itself, or the mechanism threw. */
  | "TIDINGS_CLIENT_AUTHENTICATION_FAILED"
  /** The transport ended without a DISCONNECT. */
  | "TIDINGS_CLIENT_CONNECTION_LOST"
  /** The server was silent for too long after a PINGREQ. */
  | "TIDINGS_CLIENT_KEEP_ALIVE_TIMEOUT"
  /** The server sent DISCONNECT; `reasonCode` says why. */
  | "TIDINGS_CLIENT_DISCONNECTED"
  /** The server broke the protocol; the connection was closed. */
  | "TIDINGS_CLIENT_PROTOCOL_ERROR"
  /** PUBACK, PUBREC or PUBCOMP with a failure; `reasonCode` says which. */
  | "TIDINGS_CLIENT_PUBLISH_REFUSED"
  /** SUBACK refused a Topic Filter; `reasonCode` says why. */
  | "TIDINGS_CLIENT_SUBSCRIBE_REFUSED"
  /** UNSUBACK refused a Topic Filter; `reasonCode` says why. */
  | "TIDINGS_CLIENT_UNSUBSCRIBE_REFUSED"
  /** The queue was full, or the message made room for a newer one. It was not sent. */
  | "TIDINGS_CLIENT_QUEUE_FULL"
  /** There is no connection and the offline queue is off. */
  | "TIDINGS_CLIENT_NOT_CONNECTED"
  /** The Message Expiry Interval passed before it could be sent. */
  | "TIDINGS_CLIENT_MESSAGE_EXPIRED"
  /** The session was gone after a reconnect: whether the server took this QoS 2 message cannot be known any more. */
  | "TIDINGS_CLIENT_SESSION_LOST"
  /** The client was closed. */
  | "TIDINGS_CLIENT_CLOSED"
  /** The given `AbortSignal` fired. */
  | "TIDINGS_CLIENT_ABORTED"
  /** No response within `timeoutMs`. */
  | "TIDINGS_CLIENT_REQUEST_TIMEOUT"
  /** A handler, hook or `beforeConnect` of the application threw. */
  | "TIDINGS_CLIENT_HANDLER_FAILED"
  /** The client session store cannot do its work any more. */
  | "TIDINGS_CLIENT_STORE_FAILED";

/** What more is known of a failure. */
export interface ClientErrorDetails {
  reasonCode?: number;
  reasonString?: string;
  /** Where the server wants the client to go: with 0x9C and 0x9D. */
  serverReference?: string;
  cause?: unknown;
}

/** Every failure of a client. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;
  /** The Reason Code of MQTT 5.0, or the return code of a 3.1 or 3.1.1 CONNACK, where the server gave one. */
  readonly reasonCode: number | undefined;
  /** What the server said about it, 5.0 only. */
  readonly reasonString: string | undefined;
  readonly serverReference: string | undefined;

  constructor(code: ClientErrorCode, message: string, details: ClientErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.reasonCode = details.reasonCode;
    this.reasonString = details.reasonString;
    this.serverReference = details.serverReference;
  }
}
