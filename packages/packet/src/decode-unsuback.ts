/** Decodes UNSUBACK (MQTT 5.0 and 3.1.1 section 3.11). */
import { ByteReader } from "./byte-reader.js";
import type { UnsubackPacket } from "./control-packet.js";
import { decodeProperties } from "./decode-properties.js";
import { protocolError } from "./packet-error.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { readPacketIdentifier } from "./read-packet-identifier.js";
import { isReasonCodeFor } from "./reason-code-table.js";

/** Decodes the UNSUBACK whose body stands at `bodyStart`. Throws `PacketError`. */
export function decodeUnsuback(
  version: ProtocolVersion,
  bytes: Uint8Array,
  bodyStart: number,
  end: number,
): UnsubackPacket {
  const reader = new ByteReader(bytes, bodyStart, end);
  const packetIdentifier = readPacketIdentifier(reader, version);
  const packet: UnsubackPacket = { type: PacketType.UNSUBACK, packetIdentifier, reasonCodes: [] };
  if (version === 5) {
    const properties = decodeProperties(reader, 1 << PacketType.UNSUBACK);
    if (properties !== undefined) packet.properties = properties;
    if (reader.position === end) throw protocolError("UNSUBACK without Reason Code");
    while (reader.position < end) {
      const code = reader.readByte();
      // [MQTT-3.11.3-2]
      if (!isReasonCodeFor(PacketType.UNSUBACK, code)) throw protocolError(`${code} is no code of UNSUBACK`);
      packet.reasonCodes.push(code);
    }
  }
  reader.expectEnd();
  return packet;
}
