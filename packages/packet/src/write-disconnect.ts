/** Measures and writes the body of DISCONNECT (MQTT 5.0 and 3.1.1 section 3.14). */
import type { ByteWriter } from "./byte-writer.js";
import type { DisconnectPacket } from "./control-packet.js";
import { EncodeError } from "./encode-error.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { isReasonCodeOf } from "./reason-code-table.js";
import { measureProperties, writeProperties } from "./write-properties.js";

/** The Remaining Length: the shortest form that carries what the packet holds. Throws `EncodeError`. */
export function measureDisconnect(packet: DisconnectPacket, version: ProtocolVersion, exact: boolean): number {
  const { reasonCode, properties } = packet;
  if (version !== 5) {
    if (reasonCode !== 0 || properties !== undefined) {
      throw new EncodeError("DISCONNECT has no Reason Code and no properties before 5.0");
    }
    return 0;
  }
  if (!isReasonCodeOf(PacketType.DISCONNECT, reasonCode)) {
    throw new EncodeError(`${reasonCode} is no code of DISCONNECT`); // [MQTT-3.14.2-1]
  }
  const propertiesLength = measureProperties(properties, 1 << PacketType.DISCONNECT, exact);
  if (propertiesLength > 1) return 1 + propertiesLength;
  return reasonCode === 0 ? 0 : 1;
}

/** Writes a body that was measured as `remainingLength`. */
export function writeDisconnect(packet: DisconnectPacket, remainingLength: number, writer: ByteWriter): void {
  if (remainingLength > 0) writer.writeByte(packet.reasonCode);
  if (remainingLength > 1) writeProperties(packet.properties, writer);
}
