/**
 * PUBACK, PUBREC and PUBCOMP for what this side sent; PUBREL for what the client sent (MQTT 5.0 sections 3.4 to 3.7).
 */
import { decodePacket, PacketType, type PubackPacket, ReasonCode } from "@tidings/packet";
import type { AcknowledgementType, Connection } from "./connection.js";
import type { Session } from "./session.js";

export function handleAcknowledgement(
  connection: Connection,
  bytes: Uint8Array,
  start: number,
  bodyStart: number,
  end: number,
): void {
  const type = (bytes[start] >> 4) as AcknowledgementType;
  const flags = bytes[start] & 0x0f;
  const packetIdentifier = (bytes[bodyStart] << 8) | bytes[bodyStart + 1];
  if (end - bodyStart === 2 && packetIdentifier > 0 && flags === (type === PacketType.PUBREL ? 2 : 0)) {
    // The common form: an identifier and nothing else.
    settleAcknowledgement(connection, type, packetIdentifier, 0);
    return;
  }
  const packet = decodePacket(connection.protocolVersion, bytes, start, bodyStart, end) as PubackPacket;
  settleAcknowledgement(connection, type, packet.packetIdentifier, packet.reasonCode);
}

function settleAcknowledgement(
  connection: Connection,
  type: AcknowledgementType,
  packetIdentifier: number,
  reasonCode: number,
): void {
  const session = connection.session as Session;
  const { nowMs, tracer } = connection.broker;
  tracer?.acknowledgementReceived(session.clientIdentifier, type, packetIdentifier, reasonCode);
  switch (type) {
    case PacketType.PUBACK:
      session.outbound.handlePuback(packetIdentifier, reasonCode, nowMs);
      return;
    case PacketType.PUBREC:
      if (session.outbound.handlePubrec(packetIdentifier, reasonCode, nowMs) || reasonCode >= 0x80) return;
      // Unknown identifier: lead the client to the end of its handshake.
      if (connection.protocolVersion === 5) {
        connection.send({
          type: PacketType.PUBREL,
          packetIdentifier,
          reasonCode: ReasonCode.PacketIdentifierNotFound,
        });
      } else {
        connection.writeAcknowledgement(PacketType.PUBREL, packetIdentifier);
      }
      return;
    case PacketType.PUBREL:
      handlePubrel(connection, session, packetIdentifier);
      return;
    default:
      session.outbound.handlePubcomp(packetIdentifier, reasonCode, nowMs);
  }
}

/** Always answered by PUBCOMP [MQTT-4.3.3-11]; an unknown identifier is no reason to disconnect. */
function handlePubrel(connection: Connection, session: Session, packetIdentifier: number): void {
  const known = session.endInbound(packetIdentifier);
  const reasonCode = known ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound;
  connection.acknowledge(PacketType.PUBCOMP, packetIdentifier, reasonCode);
}
