/** Measures and writes the body of SUBACK (MQTT 5.0 and 3.1.1 section 3.9). */
import type { ByteWriter } from "./byte-writer.js";
import type { SubackPacket } from "./control-packet.js";
import { EncodeError } from "./encode-error.js";
import { checkPacketIdentifier } from "./measure-field.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { isReasonCodeOf, isSubscribeReturnCode } from "./reason-code-table.js";
import { measureProperties, writeProperties } from "./write-properties.js";

/** The Remaining Length. Throws `EncodeError`. */
export function measureSuback(packet: SubackPacket, version: ProtocolVersion, exact: boolean): number {
  checkPacketIdentifier(packet.packetIdentifier);
  const { reasonCodes } = packet;
  if (reasonCodes.length === 0) throw new EncodeError("SUBACK without Reason Code"); // [MQTT-3.8.4-6]
  for (const code of reasonCodes) {
    const known = version === 5 ? isReasonCodeOf(PacketType.SUBACK, code) : isSubscribeReturnCode(version, code);
    if (!known) throw new EncodeError(`${code} is no code of SUBACK in this version`); // [MQTT-3.9.3-2]
  }
  if (version === 5)
    return 2 + measureProperties(packet.properties, 1 << PacketType.SUBACK, exact) + reasonCodes.length;
  if (packet.properties !== undefined) throw new EncodeError("properties exist in 5.0 only");
  return 2 + reasonCodes.length;
}

/** Writes a body that was measured before. */
export function writeSuback(packet: SubackPacket, version: ProtocolVersion, writer: ByteWriter): void {
  writer.writeUint16(packet.packetIdentifier);
  if (version === 5) writeProperties(packet.properties, writer);
  for (const code of packet.reasonCodes) writer.writeByte(code); // [MQTT-3.9.3-1]
}
