/** Enhanced authentication (MQTT 5.0 section 4.12), as a client sees it. */

/** A mechanism. `begin` is called for each connection and each re-authentication. */
export interface Authenticator {
  /** The Authentication Method: the name of the mechanism. */
  readonly method: string;
  begin(): Authentication;
}

/** One exchange. Whatever throws or rejects ends the connection. */
export interface Authentication {
  /** The Authentication Data of CONNECT, or of the AUTH that begins a re-authentication. */
  start(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** The server's data came, and these go back. */
  continue(data: Uint8Array | undefined): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** The server has accepted us, with this last word. Throw when it did not prove itself as it should. */
  finish(data: Uint8Array | undefined): void | Promise<void>;
}
