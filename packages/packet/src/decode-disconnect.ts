/**
 * Decodes DISCONNECT (MQTT 5.0 and 3.1.1 section 3.14). What only one side may send in it (a Session Expiry Interval,
 * some Reason Codes) depends on who reads it and is not judged here.
 */
import { ByteReader } from "./byte-reader.js";
import type { DisconnectPacket } from "./control-packet.js";
import { decodeProperties } from "./decode-properties.js";
import { protocolError } from "./packet-error.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { isReasonCodeFor } from "./reason-code-table.js";

/** Decodes the DISCONNECT whose body stands at `bodyStart`. Throws `PacketError`. */
export function decodeDisconnect(
  version: ProtocolVersion,
  bytes: Uint8Array,
  bodyStart: number,
  end: number,
): DisconnectPacket {
  const reader = new ByteReader(bytes, bodyStart, end);
  const packet: DisconnectPacket = { type: PacketType.DISCONNECT, reasonCode: 0 };
  if (version === 5 && reader.position < end) {
    const reasonCode = reader.readByte();
    // [MQTT-3.14.2-1]
    if (!isReasonCodeFor(PacketType.DISCONNECT, reasonCode))
      throw protocolError(`${reasonCode} is no code of DISCONNECT`);
    packet.reasonCode = reasonCode;
    if (reader.position < end) {
      const properties = decodeProperties(reader, 1 << PacketType.DISCONNECT);
      if (properties !== undefined) packet.properties = properties;
    }
  }
  reader.expectEnd();
  return packet;
}
