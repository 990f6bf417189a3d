/** Reads a Packet Identifier (MQTT 5.0 section 2.2.1, 3.1.1 section 2.3.1). Whether it is in use is not known here. */
import type { ByteReader } from "./byte-reader.js";
import { malformed, type PacketError, protocolError } from "./packet-error.js";
import type { ProtocolVersion } from "./packet-type.js";

export function readPacketIdentifier(reader: ByteReader, version: ProtocolVersion): number {
  const value = reader.readUint16();
  if (value === 0) throw zeroPacketIdentifier(version);
  return value;
}

/** [MQTT-2.2.1-3] [MQTT-2.2.1-4] [3.1.1 MQTT-2.3.1-1] */
export function zeroPacketIdentifier(version: ProtocolVersion): PacketError {
  return version === 5 ? protocolError("Packet Identifier is 0") : malformed("Packet Identifier is 0");
}
