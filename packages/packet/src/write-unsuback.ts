/** Measures and writes the body of UNSUBACK (MQTT 5.0 and 3.1.1 section 3.11). */
import type { ByteWriter } from "./byte-writer.js";
import type { UnsubackPacket } from "./control-packet.js";
import { EncodeError } from "./encode-error.js";
import { checkPacketIdentifier } from "./measure-field.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { isReasonCodeOf } from "./reason-code-table.js";
import { measureProperties, writeProperties } from "./write-properties.js";

/** The Remaining Length. Throws `EncodeError`. */
export function measureUnsuback(packet: UnsubackPacket, version: ProtocolVersion, exact: boolean): number {
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
  return 2 + measureProperties(packet.properties, 1 << PacketType.UNSUBACK, exact) + reasonCodes.length;
}

/** Writes a body that was measured before. 3.x has no room for Reason Codes. */
export function writeUnsuback(packet: UnsubackPacket, version: ProtocolVersion, writer: ByteWriter): void {
  writer.writeUint16(packet.packetIdentifier);
  if (version !== 5) return;
  writeProperties(packet.properties, writer);
  for (const code of packet.reasonCodes) writer.writeByte(code); // [MQTT-3.11.3-1]
}
