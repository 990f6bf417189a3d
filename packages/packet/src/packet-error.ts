/**
 * The error for bytes that break the protocol. It carries the Reason Code with which the standard wants it answered
 * (MQTT 5.0 section 4.13); 3.1 and 3.1.1 know no reason and just close.
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

export class PacketError extends Error {
  override readonly name = "PacketError";
  constructor(
    readonly code: PacketErrorCode,
    /** What to put into CONNACK or DISCONNECT. */
    readonly reasonCode: ReasonCode,
    message: string,
  ) {
    super(message);
  }
}

export function malformed(message: string): PacketError {
  return new PacketError("TIDINGS_MALFORMED_PACKET", ReasonCode.MalformedPacket, message);
}

export function protocolError(message: string, reasonCode: ReasonCode = ReasonCode.ProtocolError): PacketError {
  return new PacketError("TIDINGS_PROTOCOL_ERROR", reasonCode, message);
}
