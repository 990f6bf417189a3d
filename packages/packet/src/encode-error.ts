/**
 * The error for a packet that our caller may not send: thrown by the encoder before a byte is written. Bytes of a peer
 * never cause it; those are `PacketError`.
 */

/** The caller asked for a packet that the standard does not allow. Test by `code`, not by `instanceof`. */
export class EncodeError extends Error {
  override readonly name = "EncodeError";
  readonly code = "TIDINGS_INVALID_PACKET";
}
