/** Decodes SUBACK (MQTT 5.0 and 3.1.1 section 3.9). Whether it answers a request is the client's business. */
import { ByteReader } from "./byte-reader.js";
import type { SubackPacket } from "./control-packet.js";
import { decodeProperties } from "./decode-properties.js";
import { protocolError } from "./packet-error.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { readPacketIdentifier } from "./read-packet-identifier.js";
import { isReasonCodeFor, isSubscribeReturnCode } from "./reason-code-table.js";

/** Decodes the SUBACK whose body stands at `bodyStart`. Throws `PacketError`. */
export function decodeSuback(
  version: ProtocolVersion,
  bytes: Uint8Array,
  bodyStart: number,
  end: number,
): SubackPacket {
  const reader = new ByteReader(bytes, bodyStart, end);
  const packetIdentifier = readPacketIdentifier(reader, version);
  const properties = version === 5 ? decodeProperties(reader, 1 << PacketType.SUBACK) : undefined;
  if (reader.position === end) throw protocolError("SUBACK without Reason Code");
  const reasonCodes: number[] = [];
  while (reader.position < end) {
    const code = reader.readByte();
    const known = version === 5 ? isReasonCodeFor(PacketType.SUBACK, code) : isSubscribeReturnCode(version, code);
    if (!known) throw protocolError(`${code} is no code of SUBACK`); // [MQTT-3.9.3-2]
    reasonCodes.push(code);
  }
  const packet: SubackPacket = { type: PacketType.SUBACK, packetIdentifier, reasonCodes };
  if (properties !== undefined) packet.properties = properties;
  return packet;
}
