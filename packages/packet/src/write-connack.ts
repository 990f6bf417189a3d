/** Measures and writes the body of CONNACK (MQTT 5.0 and 3.1.1 section 3.2). */
import type { ByteWriter } from "./byte-writer.js";
import type { ConnackPacket } from "./control-packet.js";
import { EncodeError } from "./encode-error.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { isConnectReturnCode, isReasonCodeOf } from "./reason-code-table.js";
import { measureProperties, writeProperties } from "./write-properties.js";

const CONNACK_BIT = 1 << PacketType.CONNACK;

/** The Remaining Length. Throws `EncodeError`. */
export function measureConnack(packet: ConnackPacket, version: ProtocolVersion, exact: boolean): number {
  const { reasonCode } = packet;
  const known = version === 5 ? isReasonCodeOf(PacketType.CONNACK, reasonCode) : isConnectReturnCode(reasonCode);
  if (!known) throw new EncodeError(`${reasonCode} is no code of CONNACK in this version`); // [MQTT-3.2.2-8]
  if (packet.sessionPresent && reasonCode !== 0) throw new EncodeError("Session Present with a refusal"); // [MQTT-3.2.2-6]
  if (version === 5) return 2 + measureProperties(packet.properties, CONNACK_BIT, exact);
  if (packet.properties !== undefined) throw new EncodeError("properties exist in 5.0 only");
  return 2;
}

/** Writes a body that was measured before. 3.1 has no room for Session Present. */
export function writeConnack(packet: ConnackPacket, version: ProtocolVersion, writer: ByteWriter): void {
  writer.writeByte(packet.sessionPresent && version !== 3 ? 1 : 0); // [MQTT-3.2.2-1]
  writer.writeByte(packet.reasonCode);
  if (version === 5) writeProperties(packet.properties, writer);
}
