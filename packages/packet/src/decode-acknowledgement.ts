/** Decodes PUBACK, PUBREC, PUBREL and PUBCOMP (MQTT 5.0 and 3.1.1 sections 3.4 to 3.7). */
import { ByteReader } from "./byte-reader.js";
import type { AcknowledgementPacket } from "./control-packet.js";
import { decodeProperties } from "./decode-properties.js";
import { protocolError } from "./packet-error.js";
import type { ProtocolVersion } from "./packet-type.js";
import { readPacketIdentifier } from "./read-packet-identifier.js";
import { isReasonCodeFor } from "./reason-code-table.js";

/** Decodes the body at `bodyStart` as the acknowledgement `type`. Throws `PacketError`. */
export function decodeAcknowledgement(
  type: AcknowledgementPacket["type"],
  version: ProtocolVersion,
  bytes: Uint8Array,
  bodyStart: number,
  end: number,
): AcknowledgementPacket {
  const reader = new ByteReader(bytes, bodyStart, end);
  const packetIdentifier = readPacketIdentifier(reader, version);
  const packet: AcknowledgementPacket = { type, packetIdentifier, reasonCode: 0 };
  if (version === 5 && reader.position < end) {
    const reasonCode = reader.readByte();
    // [MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-3.6.2-1] [MQTT-3.7.2-1]
    if (!isReasonCodeFor(type, reasonCode)) throw protocolError(`${reasonCode} is no Reason Code of this packet`);
    packet.reasonCode = reasonCode;
    if (reader.position < end) {
      const properties = decodeProperties(reader, 1 << type);
      if (properties !== undefined) packet.properties = properties;
    }
  }
  reader.expectEnd();
  return packet;
}
