/** Measures and writes PUBACK, PUBREC, PUBREL and PUBCOMP (MQTT 5.0 and 3.1.1 sections 3.4 to 3.7). */
import type { ByteWriter } from "./byte-writer.js";
import type { AcknowledgementPacket } from "./control-packet.js";
import { EncodeError } from "./encode-error.js";
import { checkPacketIdentifier } from "./measure-field.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { isReasonCodeOf } from "./reason-code-table.js";
import { measureProperties, writeProperties } from "./write-properties.js";

/**
 * Writes a whole acknowledgement of four bytes, which means Success and no properties in every version, and returns
 * the offset behind it. Nothing is checked: `packetIdentifier` is 1 to 65535 and four bytes are free at `offset`.
 */
export function writeAcknowledgement(
  type: AcknowledgementPacket["type"],
  packetIdentifier: number,
  target: Uint8Array,
  offset: number,
): number {
  target[offset] = type === PacketType.PUBREL ? 0x62 : type << 4; // [MQTT-3.6.1-1]
  target[offset + 1] = 2;
  target[offset + 2] = packetIdentifier >> 8;
  target[offset + 3] = packetIdentifier;
  return offset + 4;
}

/** The Remaining Length: the shortest form that carries what the packet holds. Throws `EncodeError`. */
export function measureAcknowledgement(
  packet: AcknowledgementPacket,
  version: ProtocolVersion,
  exact: boolean,
): number {
  checkPacketIdentifier(packet.packetIdentifier);
  const { type, reasonCode, properties } = packet;
  if (version !== 5) {
    if (reasonCode !== 0 || properties !== undefined) {
      throw new EncodeError("acknowledgements have no Reason Code and no properties before 5.0");
    }
    return 2;
  }
  if (!isReasonCodeOf(type, reasonCode)) throw new EncodeError(`${reasonCode} is no Reason Code of this packet`);
  const propertiesLength = measureProperties(properties, 1 << type, exact);
  if (propertiesLength > 1) return 3 + propertiesLength;
  return reasonCode === 0 ? 2 : 3;
}

/** Writes a body that was measured as `remainingLength`. */
export function writeAcknowledgementBody(
  packet: AcknowledgementPacket,
  remainingLength: number,
  writer: ByteWriter,
): void {
  writer.writeUint16(packet.packetIdentifier);
  if (remainingLength > 2) writer.writeByte(packet.reasonCode);
  if (remainingLength > 3) writeProperties(packet.properties, writer);
}
