/** AUTH from the server (MQTT 5.0 sections 3.15 and 4.12). */
import { type AuthPacket, ReasonCode } from "@tidings/packet";
import type { ClientConnection } from "./client-connection.js";

export function handleAuth(connection: ClientConnection, { reasonCode, properties }: AuthPacket): void {
  const { authenticationMethod } = connection;
  if (authenticationMethod === undefined || (connection.isConnected && !connection.isReauthenticating)) {
    connection.refuse("sent AUTH unasked"); // [MQTT-4.12.0-7]
    return;
  }
  if (properties?.authenticationMethod !== authenticationMethod) {
    connection.refuse("sent another Authentication Method"); // [MQTT-4.12.0-5]
    return;
  }
  if (reasonCode === ReasonCode.ContinueAuthentication) {
    connection.host.wantsAuthentication(properties.authenticationData);
  } else if (reasonCode === ReasonCode.Success && connection.isConnected) {
    connection.host.wantsVerification(properties.authenticationData);
  } else {
    connection.refuse("sent AUTH with a wrong Reason Code");
  }
}
