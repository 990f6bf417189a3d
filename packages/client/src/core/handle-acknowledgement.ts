/** PUBACK, PUBREC, PUBREL and PUBCOMP (MQTT 5.0 sections 3.4 to 3.7 and 4.3). */
import { type AcknowledgementPacket, decodeServerPacket, PacketType, ReasonCode } from "@tidings/packet";
import type { ClientConnection } from "./client-connection.js";

/** First bytes of the four, with the flags that each must have [MQTT-2.1.3-1]. */
const PLAIN_FIRST_BYTES = [0, 0, 0, 0, 0x40, 0x50, 0x62, 0x70];

export function handleAcknowledgement(
  connection: ClientConnection,
  bytes: Uint8Array,
  start: number,
  bodyStart: number,
  end: number,
): void {
  const { session, version, nowMs } = connection;
  const type = (bytes[start] >> 4) as AcknowledgementPacket["type"];
  let packetIdentifier = 0;
  let reasonCode = 0;
  if (end - bodyStart === 2 && bytes[start] === PLAIN_FIRST_BYTES[type]) {
    packetIdentifier = (bytes[bodyStart] << 8) | bytes[bodyStart + 1];
  }
  if (packetIdentifier === 0) {
    const packet = decodeServerPacket(version, bytes, start, bodyStart, end) as AcknowledgementPacket;
    packetIdentifier = packet.packetIdentifier;
    reasonCode = packet.reasonCode;
    session.acknowledgementProperties = packet.properties;
  }
  let known = true;
  switch (type) {
    case PacketType.PUBACK:
      known = session.outbound.handlePuback(packetIdentifier, reasonCode, nowMs);
      break;
    case PacketType.PUBREC:
      known = session.outbound.handlePubrec(packetIdentifier, reasonCode, nowMs);
      // Whatever it stands for over there, it is to be forgotten.
      if (!known && reasonCode < 0x80 && !session.awaitsOtherwise(packetIdentifier)) {
        connection.sendAcknowledgement(PacketType.PUBREL, packetIdentifier, ReasonCode.PacketIdentifierNotFound);
        known = true;
      }
      break;
    case PacketType.PUBREL: {
      const found = session.releaseInbound(packetIdentifier);
      if (found && !session.takeEarlierInbound(packetIdentifier)) connection.receiveQuota.giveBack();
      connection.sendAcknowledgement(
        PacketType.PUBCOMP, // [MQTT-4.3.3-11]
        packetIdentifier,
        found ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound,
      );
      break;
    }
    case PacketType.PUBCOMP:
      known = session.outbound.handlePubcomp(packetIdentifier, reasonCode, nowMs);
      break;
  }
  session.acknowledgementProperties = undefined;
  if (!known && session.awaitsOtherwise(packetIdentifier)) {
    connection.refuseAcknowledgement(packetIdentifier);
  }
}
