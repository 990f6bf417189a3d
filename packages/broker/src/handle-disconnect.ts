/**
 * DISCONNECT from a client (MQTT 5.0 section 3.14).
 */
import { type DisconnectPacket, protocolError, ReasonCode } from "@tidings/packet";
import type { Connection } from "./connection.js";

export function handleDisconnect(connection: Connection, packet: DisconnectPacket): void {
  const { session } = connection;
  const expiry = packet.properties?.sessionExpiryInterval;
  if (session !== undefined && expiry !== undefined) {
    if (connection.requestedSessionExpiryInterval === 0 && expiry !== 0) {
      // No valid DISCONNECT then: the will stays [MQTT-3.14.4-3] [MQTT-3.14.2-2].
      throw protocolError("DISCONNECT sets a Session Expiry Interval that CONNECT left at 0");
    }
    session.sessionExpiryInterval = Math.min(expiry, connection.limits.sessionExpiryIntervalMax);
  }
  const keepWill = connection.protocolVersion === 5 && packet.reasonCode !== ReasonCode.NormalDisconnection;
  // Nothing is answered; the client closes, and this side does if it does not [MQTT-3.14.4-2].
  connection.leave(packet.reasonCode, keepWill);
}
