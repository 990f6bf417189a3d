/** Decodes CONNACK (MQTT 5.0 and 3.1.1 section 3.2). */
import { ByteReader } from "./byte-reader.js";
import type { ConnackPacket } from "./control-packet.js";
import { decodeProperties } from "./decode-properties.js";
import { malformed, protocolError } from "./packet-error.js";
import { PacketType, type ProtocolVersion } from "./packet-type.js";
import { isConnectReturnCode, isReasonCodeFor } from "./reason-code-table.js";

/** Decodes the CONNACK whose body stands at `bodyStart`. Throws `PacketError`. */
export function decodeConnack(
  version: ProtocolVersion,
  bytes: Uint8Array,
  bodyStart: number,
  end: number,
): ConnackPacket {
  const reader = new ByteReader(bytes, bodyStart, end);
  const flags = version === 3 ? reader.readByte() & 0 : reader.readByte(); // 3.1 has none and ignores the byte
  if (flags > 1) throw malformed("reserved CONNACK flags are set"); // [MQTT-3.2.2-1]
  const reasonCode = reader.readByte();
  const known = version === 5 ? isReasonCodeFor(PacketType.CONNACK, reasonCode) : isConnectReturnCode(reasonCode);
  if (!known) throw protocolError(`${reasonCode} is no code of CONNACK`); // [MQTT-3.2.2-8]
  if (version === 5 && flags === 1 && reasonCode !== 0) {
    throw protocolError("Session Present with a refusal"); // [MQTT-3.2.2-6]
  }
  const packet: ConnackPacket = { type: PacketType.CONNACK, sessionPresent: flags === 1, reasonCode };
  if (version === 5) {
    const properties = decodeProperties(reader, 1 << PacketType.CONNACK);
    if (properties !== undefined) {
      if (properties.authenticationData !== undefined && properties.authenticationMethod === undefined) {
        throw protocolError("Authentication Data without Authentication Method");
      }
      packet.properties = properties;
    }
  }
  reader.expectEnd();
  return packet;
}
