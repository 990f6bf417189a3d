/** Measures and writes the body of AUTH (MQTT 5.0 section 3.15). */
import type { ByteWriter } from "./byte-writer.js";
import type { AuthPacket } from "./control-packet.js";
import { EncodeError } from "./encode-error.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { isReasonCodeOf } from "./reason-code-table.js";
import { measureProperties, writeProperties } from "./write-properties.js";

/** The Remaining Length. Throws `EncodeError`. */
export function measureAuth(packet: AuthPacket, version: ProtocolVersion, exact: boolean): number {
  if (version !== 5) throw new EncodeError("AUTH exists in 5.0 only");
  if (!isReasonCodeOf(PacketType.AUTH, packet.reasonCode)) {
    throw new EncodeError(`${packet.reasonCode} is no code of AUTH`); // [MQTT-3.15.2-1]
  }
  if (packet.properties?.authenticationMethod === undefined)
    throw new EncodeError("AUTH without Authentication Method");
  return 1 + measureProperties(packet.properties, 1 << PacketType.AUTH, exact);
}

/** Writes a body that was measured before. */
export function writeAuth(packet: AuthPacket, writer: ByteWriter): void {
  writer.writeByte(packet.reasonCode);
  writeProperties(packet.properties, writer);
}
