/**
 * The form of the codec's test vectors: rows of name, version, bytes, and the packet or the error that they give. A name
 * begins with the statements of the standards that the row proves, as `[MQTT-2.1.3-1]` for 5.0 and
 * `[3.1.1 MQTT-2.2.2-1]` for 3.1.1.
 */
import type { ControlPacket } from "../control-packet.js";
import type { PacketErrorCode } from "../packet-error.js";
import type { ProtocolVersion } from "../packet-type.js";

/** Bytes that decode to `packet`, and unless `decodeOnly` are what the encoder makes of it. */
export interface PacketVector {
  name: string;
  /** Of the connection; CONNECT brings its own. */
  version: ProtocolVersion;
  /** Hexadecimal digits, blanks, and ASCII text in single quotes; read it with `vectorBytes`. */
  hex: string;
  packet: ControlPacket;
  /** The bytes are a valid form that the encoder does not choose. */
  decodeOnly: boolean;
}

/** Bytes that the decoder refuses. */
export interface ErrorVector {
  name: string;
  version: ProtocolVersion;
  hex: string;
  code: PacketErrorCode;
  reasonCode: number;
  /** What the error says of the peer's version; undefined outside CONNECT and before its level. */
  protocolVersion?: number;
}

/** The bytes of a row's `hex`. */
export function vectorBytes(hex: string): Uint8Array {
  const bytes: number[] = [];
  for (const [, text, pair, other] of hex.matchAll(/'([^']*)'|([0-9a-fA-F]{2})|(\S)/g)) {
    if (other !== undefined) throw new Error(`not hexadecimal: ${other} in ${hex}`);
    if (pair !== undefined) bytes.push(Number.parseInt(pair, 16));
    else for (const character of text) bytes.push(character.charCodeAt(0));
  }
  return Uint8Array.from(bytes);
}

/** A row whose bytes the encoder gives back. */
export function accept(name: string, version: ProtocolVersion, hex: string, packet: ControlPacket): PacketVector {
  return { name, version, hex, packet, decodeOnly: false };
}

/** A row whose bytes the encoder does not choose. */
export function acceptForm(name: string, version: ProtocolVersion, hex: string, packet: ControlPacket): PacketVector {
  return { name, version, hex, packet, decodeOnly: true };
}

/** A Malformed Packet, 0x81. */
export function malformedRow(name: string, version: ProtocolVersion, hex: string): ErrorVector {
  return row(name, version, hex, "TIDINGS_MALFORMED_PACKET", 0x81);
}

/** A Protocol Error, 0x82 or a narrower Reason Code. */
export function protocolErrorRow(
  name: string,
  version: ProtocolVersion,
  hex: string,
  reasonCode: number = 0x82,
): ErrorVector {
  return row(name, version, hex, "TIDINGS_PROTOCOL_ERROR", reasonCode);
}

/** A version that is not spoken, 0x84. */
export function unsupportedRow(name: string, hex: string, protocolVersion: number): ErrorVector {
  return { ...row(name, 5, hex, "TIDINGS_UNSUPPORTED_PROTOCOL_VERSION", 0x84), protocolVersion };
}

/** Marks rows of broken CONNECT packets with the version that was read before the fault. */
export function inConnect(protocolVersion: number, rows: ErrorVector[]): ErrorVector[] {
  return rows.map((entry) => ({ ...entry, protocolVersion }));
}

function row(
  name: string,
  version: ProtocolVersion,
  hex: string,
  code: PacketErrorCode,
  reasonCode: number,
): ErrorVector {
  return { name, version, hex, code, reasonCode };
}
