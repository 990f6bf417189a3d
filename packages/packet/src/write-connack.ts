/** Measures and writes the body of CONNACK (MQTT 5.0 and 3.1.1 section 3.2). */
import type { ConnackPacket } from "./control-packet.js";
import { EncodeError } from "./encode-error.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { isConnectReturnCode, isReasonCodeOf } from "./reason-code-table.js";
import { measureProperties, writeProperties } from "./write-properties.js";

const CONNACK_BIT = 1 << PacketType.CONNACK;

/** The Remaining Length. Throws `EncodeError`. */
export function measureConnack(packet: ConnackPacket, version: ProtocolVersion): number {
  const { reasonCode } = packet;
  const known = version === 5 ? isReasonCodeOf(PacketType.CONNACK, reasonCode) : isConnectReturnCode(reasonCode);
  if (!known) throw new EncodeError(`${reasonCode} is no code of CONNACK in this version`); // [MQTT-3.2.2-8]
  if (packet.sessionPresent && reasonCode !== 0) throw new EncodeError("Session Present with a refusal"); // [MQTT-3.2.2-6]
  if (version === 5) return 2 + measureProperties(packet.properties, CONNACK_BIT);
  if (packet.properties !== undefined) throw new EncodeError("properties exist in 5.0 only");
  return 2;
}

/** Writes a body that was measured before; returns the offset behind it. 3.1 has no room for Session Present. */
export function writeConnack(
  packet: ConnackPacket,
  version: ProtocolVersion,
  target: Uint8Array,
  offset: number,
): number {
  target[offset] = packet.sessionPresent && version !== 3 ? 1 : 0; // [MQTT-3.2.2-1]
  target[offset + 1] = packet.reasonCode;
  return version === 5 ? writeProperties(packet.properties, target, offset + 2) : offset + 2;
}
