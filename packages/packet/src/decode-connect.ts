/**
 * Decodes CONNECT (MQTT 5.0 and 3.1.1 section 3.1). The packet itself says its version. What a server may refuse by
 * policy (client identifiers, Keep Alive, authentication) is not judged here.
 */
import { ByteReader } from "./byte-reader.js";
import type { ConnectPacket, Will } from "./control-packet.js";
import { decodeProperties } from "./decode-properties.js";
import { malformed, PacketError, protocolError } from "./packet-error.js";
import { PacketType, type ProtocolVersion, type QoS } from "./packet-type.js";
import { WILL_BIT } from "./property-table.js";
import { ReasonCode } from "./reason-code.js";
import { hasWildcard } from "./topic-name.js";

const BRIDGE_BIT = 0x80;

/**
 * Decodes the CONNECT at `start`. Throws `PacketError`; once the protocol level was read, the error's
 * `protocolVersion` says in which format to answer.
 */
export function decodeConnect(bytes: Uint8Array, start: number, bodyStart: number, end: number): ConnectPacket {
  const reader = new ByteReader(bytes, bodyStart, end);
  const name = readProtocolName(reader);
  const level = reader.readByte();
  const version = level & ~BRIDGE_BIT;
  try {
    if (!isSupported(name, level)) throw unsupported();
    return decodeFields(reader, version as ProtocolVersion, level >= BRIDGE_BIT, bytes[start] & 0x0f);
  } catch (error) {
    if (error instanceof PacketError) error.protocolVersion = version;
    throw error;
  }
}

/** The offset of the name; its bytes may be anything, as an unknown protocol is answered, not parsed. */
function readProtocolName(reader: ByteReader): "MQTT" | "MQIsdp" | "other" {
  const { bytes, end } = reader;
  const length = reader.readUint16();
  const start = reader.position;
  if (start + length > end) throw malformed("Protocol Name is cut short");
  reader.position = start + length;
  if (spells(bytes, start, length, "MQTT")) return "MQTT";
  if (spells(bytes, start, length, "MQIsdp")) return "MQIsdp";
  return "other";
}

function spells(bytes: Uint8Array, start: number, length: number, name: string): boolean {
  if (length !== name.length) return false;
  for (let index = 0; index < length; index += 1) {
    if (bytes[start + index] !== name.charCodeAt(index)) return false;
  }
  return true;
}

/** [MQTT-3.1.2-1] [MQTT-3.1.2-2]; the high bit marks a bridge in 3.1 and 3.1.1. */
function isSupported(name: string, level: number): boolean {
  if (name === "MQTT") return level === 4 || level === 5 || level === (4 | BRIDGE_BIT);
  return name === "MQIsdp" && (level === 3 || level === (3 | BRIDGE_BIT));
}

function unsupported(): PacketError {
  const message = "CONNECT names an unknown protocol or version";
  return new PacketError("TIDINGS_UNSUPPORTED_PROTOCOL_VERSION", ReasonCode.UnsupportedProtocolVersion, message);
}

function decodeFields(
  reader: ByteReader,
  version: ProtocolVersion,
  bridge: boolean,
  headerFlags: number,
): ConnectPacket {
  if (headerFlags !== 0 && version !== 3) throw malformed("fixed header flags of CONNECT are not 0"); // [MQTT-2.1.3-1]
  const flags = reader.readByte();
  checkConnectFlags(flags, version);
  const keepAlive = reader.readUint16();
  const properties = version === 5 ? decodeProperties(reader, 1 << PacketType.CONNECT) : undefined;
  if (properties?.authenticationData !== undefined && properties.authenticationMethod === undefined) {
    throw protocolError("Authentication Data without Authentication Method");
  }
  const packet: ConnectPacket = {
    type: PacketType.CONNECT,
    protocolVersion: version,
    cleanStart: (flags & 0x02) !== 0,
    keepAlive,
    clientIdentifier: reader.readString(), // [MQTT-3.1.3-3] [MQTT-3.1.3-4]
  };
  if (bridge) packet.bridge = true;
  if (properties !== undefined) packet.properties = properties;
  if ((flags & 0x04) !== 0) packet.will = decodeWill(reader, version, flags);
  if ((flags & 0x80) !== 0 && !mayEnd(reader, version)) packet.userName = reader.readString(); // [MQTT-3.1.3-12]
  if ((flags & 0x40) !== 0 && !mayEnd(reader, version)) packet.password = reader.readBinary();
  reader.expectEnd(); // [MQTT-3.1.2-16] [MQTT-3.1.2-18]
  return packet;
}

function checkConnectFlags(flags: number, version: ProtocolVersion): void {
  if (version !== 3) {
    if ((flags & 0x01) !== 0) throw malformed("reserved connect flag is set"); // [MQTT-3.1.2-3]
    if ((flags & 0x04) === 0 && (flags & 0x38) !== 0) {
      throw malformed("Will QoS or Will Retain without Will Flag"); // [MQTT-3.1.2-11] [MQTT-3.1.2-13]
    }
  }
  if ((flags & 0x1c) === 0x1c) throw malformed("Will QoS is 3"); // [MQTT-3.1.2-12]
  if (version !== 5 && (flags & 0xc0) === 0x40) {
    throw malformed("password without user name"); // [3.1.1 MQTT-3.1.2-22]
  }
}

function decodeWill(reader: ByteReader, version: ProtocolVersion, flags: number): Will {
  const properties = version === 5 ? decodeProperties(reader, WILL_BIT) : undefined;
  const topic = reader.readString(); // [MQTT-3.1.3-11]
  if (topic === "") throw protocolError("Will Topic is empty"); // [MQTT-4.7.3-1]
  if (hasWildcard(topic)) throw malformed("Will Topic holds a wildcard"); // [MQTT-4.7.0-1]
  const will: Will = {
    topic,
    payload: reader.readBinary(),
    qos: ((flags >> 3) & 0x03) as QoS,
    retain: (flags & 0x20) !== 0,
  };
  if (properties !== undefined) will.properties = properties;
  return will;
}

/** In 3.1 a flagged user name or password may be missing: the Remaining Length wins. */
function mayEnd(reader: ByteReader, version: ProtocolVersion): boolean {
  return version === 3 && reader.position === reader.end;
}
