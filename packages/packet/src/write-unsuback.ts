/** Measures and writes the body of UNSUBACK (MQTT 5.0 and 3.1.1 section 3.11). */
import type { UnsubackPacket } from "./control-packet.js";
import { EncodeError } from "./encode-error.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { isReasonCodeOf } from "./reason-code-table.js";
import { checkPacketIdentifier, writeUint16 } from "./write-field.js";
import { measureProperties, writeProperties } from "./write-properties.js";

/** The Remaining Length. Throws `EncodeError`. */
export function measureUnsuback(packet: UnsubackPacket, version: ProtocolVersion): number {
  checkPacketIdentifier(packet.packetIdentifier);
  if (version !== 5) {
    if (packet.properties !== undefined) throw new EncodeError("properties exist in 5.0 only");
    return 2;
  }
  const { reasonCodes } = packet;
  if (reasonCodes.length === 0) throw new EncodeError("UNSUBACK without Reason Code");
  for (const code of reasonCodes) {
    if (!isReasonCodeOf(PacketType.UNSUBACK, code)) {
      throw new EncodeError(`${code} is no code of UNSUBACK`); // [MQTT-3.11.3-2]
    }
  }
  return 2 + measureProperties(packet.properties, 1 << PacketType.UNSUBACK) + reasonCodes.length;
}

/** Writes a body that was measured before; returns the offset behind it. 3.x has no room for Reason Codes. */
export function writeUnsuback(
  packet: UnsubackPacket,
  version: ProtocolVersion,
  target: Uint8Array,
  offset: number,
): number {
  offset = writeUint16(packet.packetIdentifier, target, offset);
  if (version !== 5) return offset;
  offset = writeProperties(packet.properties, target, offset);
  for (const code of packet.reasonCodes) target[offset++] = code; // [MQTT-3.11.3-1]
  return offset;
}
