/** CONNACK (MQTT 5.0 and 3.1.1 section 3.2). */
import { type ConnackPacket, decodeServerPacket, ReasonCode } from "@tidings/packet";
import type { ClientConnection } from "./client-connection.js";
import { refusalError } from "./refusal-error.js";

export function handleConnack(
  connection: ClientConnection,
  bytes: Uint8Array,
  start: number,
  bodyStart: number,
  end: number,
): void {
  const oldCode = oldReturnCode(connection, bytes, bodyStart, end);
  if (oldCode !== 0) {
    refused(connection, oldCode, undefined);
    return;
  }
  const packet = decodeServerPacket(connection.version, bytes, start, bodyStart, end) as ConnackPacket;
  if (packet.reasonCode !== 0) {
    refused(connection, packet.reasonCode, packet.properties);
    return;
  }
  const { authenticationMethod } = connection;
  const theirs = packet.properties?.authenticationMethod;
  if (
    theirs !== authenticationMethod &&
    (theirs !== undefined || packet.properties?.authenticationData !== undefined)
  ) {
    connection.refuse("sent another Authentication Method"); // [MQTT-4.12.0-5]
    return;
  }
  if (packet.sessionPresent && connection.isCleanStart) {
    connection.refuse("has a session, but the client has none"); // [MQTT-3.2.2-4]
    return;
  }
  connection.granted(packet, authenticationMethod !== undefined);
}

/** A server that knows no 5.0 refuses in the form of 3.1.1: two bytes, and a code that 5.0 does not have. */
function oldReturnCode(connection: ClientConnection, bytes: Uint8Array, bodyStart: number, end: number): number {
  if (connection.version !== 5 || end - bodyStart !== 2) return 0;
  const code = bytes[bodyStart + 1];
  return code >= 1 && code <= 5 ? code : 0;
}

function refused(connection: ClientConnection, reasonCode: number, properties: ConnackPacket["properties"]): void {
  const error = refusalError("TIDINGS_CLIENT_CONNECT_REFUSED", "refused the connection", reasonCode, properties);
  connection.fail(error, ReasonCode.UnspecifiedError);
}
