/**
 * The error for bytes that break the protocol. It carries the Reason Code with which the standard wants it answered
 * (MQTT 5.0 section 4.13); 3.1 and 3.1.1 know no reason and just close. Misuse by our caller is `EncodeError`.
 */
import { ReasonCode } from "./reason-code.js";

/** Stable identifiers; messages may change, these do not. */
export type PacketErrorCode =
  /** The bytes cannot be parsed (0x81). */
  | "TIDINGS_MALFORMED_PACKET"
  /** Parsed, but the standard forbids it (0x82 or a narrower code). */
  | "TIDINGS_PROTOCOL_ERROR"
  /** The fixed header announces more than the maximum packet size (0x95). */
  | "TIDINGS_PACKET_TOO_LARGE"
  /** CONNECT names a protocol or version that this codec does not speak (0x84). */
  | "TIDINGS_UNSUPPORTED_PROTOCOL_VERSION";

/** The peer broke the protocol. Test by `code`, not by `instanceof`. */
export class PacketError extends Error {
  override readonly name = "PacketError";
  readonly code: PacketErrorCode;
  /** What to put into CONNACK or DISCONNECT (5.0). */
  readonly reasonCode: ReasonCode;
  /**
   * Set for errors inside CONNECT once its protocol level was read: the level byte without the bridge bit, 0 to 127.
   * Answer a level of 5 or more in the format of 5.0, a lower one in the format of 3.x, and just close without one.
   */
  protocolVersion?: number;

  /** For codes of your own making too; `malformed` and `protocolError` make the usual ones. */
  constructor(code: PacketErrorCode, reasonCode: ReasonCode, message: string, protocolVersion?: number) {
    super(message);
    this.code = code;
    this.reasonCode = reasonCode;
    if (protocolVersion !== undefined) this.protocolVersion = protocolVersion;
  }
}

/** A Malformed Packet: the bytes cannot be parsed (0x81). */
export function malformed(message: string): PacketError {
  return new PacketError("TIDINGS_MALFORMED_PACKET", ReasonCode.MalformedPacket, message);
}

/** A Protocol Error: parsed, but forbidden. `reasonCode` defaults to 0x82; give the narrower code where one exists. */
export function protocolError(message: string, reasonCode: ReasonCode = ReasonCode.ProtocolError): PacketError {
  return new PacketError("TIDINGS_PROTOCOL_ERROR", reasonCode, message);
}
