/**
 * Enhanced authentication and re-authentication (MQTT 5.0 sections 3.15 and 4.12): one exchange of AUTH packets, before
 * CONNACK or under the old identity.
 */
import { type AuthPacket, type ConnectPacket, PacketType, protocolError, ReasonCode } from "@tidings/packet";
import type { Connection } from "./connection.js";
import { ConnectionStatus } from "./connection-status.js";
import { copyOf } from "./copy-bytes.js";
import type { BrokerHooks, EnhancedAuthenticateAnswer, EnhancedAuthenticateStep } from "./hooks.js";

export interface EnhancedAuthentication {
  /** Named in CONNECT; every AUTH repeats it [MQTT-4.12.0-5]. */
  readonly method: string;
  /** An exchange goes on. */
  running: boolean;
  step: number;
  /** Who answered the first step. */
  hook: BrokerHooks | undefined;
  state: unknown;
  /** Goes on with CONNECT; undefined once CONNACK was sent. */
  admit: ((answer: EnhancedAuthenticateAnswer) => void) | undefined;
}

/** CONNECT names a method. `admit` is called with the final answer when the exchange ended well. */
export function beginAuthentication(
  connection: Connection,
  packet: ConnectPacket,
  admit: (answer: EnhancedAuthenticateAnswer) => void,
): void {
  const method = packet.properties?.authenticationMethod as string;
  connection.authentication = { method, running: true, step: 0, hook: undefined, state: undefined, admit };
  takeStep(connection, connection.authentication, packet.properties?.authenticationData, packet);
}

export function handleAuth(connection: Connection, packet: AuthPacket): void {
  const { authentication } = connection;
  const method = packet.properties?.authenticationMethod;
  if (authentication === undefined) throw protocolError("AUTH without an Authentication Method in CONNECT"); // [MQTT-4.12.0-6]
  if (method !== authentication.method) throw protocolError("AUTH names another Authentication Method than CONNECT");
  if (
    packet.reasonCode === ReasonCode.ReAuthenticate &&
    authentication.admit === undefined &&
    !authentication.running
  ) {
    authentication.running = true;
    authentication.step = 0;
    authentication.hook = undefined;
    authentication.state = undefined;
  } else if (packet.reasonCode !== ReasonCode.ContinueAuthentication || !authentication.running) {
    throw protocolError("this AUTH belongs to no exchange that goes on");
  }
  takeStep(connection, authentication, packet.properties?.authenticationData, packet);
}

function takeStep(
  connection: Connection,
  authentication: EnhancedAuthentication,
  data: Uint8Array | undefined,
  packet: ConnectPacket | AuthPacket,
): void {
  authentication.step += 1;
  const step: EnhancedAuthenticateStep = {
    client: connection,
    method: authentication.method,
    data: data === undefined ? undefined : copyOf(data),
    step: authentication.step,
    reauthentication: authentication.admit === undefined,
    packet,
    state: authentication.state,
  };
  connection.settle(connection.broker.hooks.authenticateEnhanced(step, authentication), (answer) => {
    authentication.state = step.state;
    takeAnswer(connection, authentication, answer);
  });
}

function takeAnswer(
  connection: Connection,
  authentication: EnhancedAuthentication,
  answer: EnhancedAuthenticateAnswer,
): void {
  const { admit, method } = authentication;
  const { reasonCode, data } = answer;
  if (reasonCode >= 0x80) {
    // A refusal ends the connection, before CONNACK [MQTT-4.12.0-4] and after it [MQTT-4.12.1-2].
    authentication.running = false;
    connection.disconnect(reasonCode, answer);
    return;
  }
  const properties: AuthPacket["properties"] = { authenticationMethod: method, authenticationData: data };
  if (connection.requestProblemInformation) {
    properties.reasonString = answer.reasonString; // [MQTT-3.1.2-29]
    properties.userProperties = answer.userProperties;
  }
  if (reasonCode === ReasonCode.ContinueAuthentication) {
    if (admit !== undefined) connection.status = ConnectionStatus.Authenticating;
    connection.send({ type: PacketType.AUTH, reasonCode, properties }); // [MQTT-4.12.0-2]
    return;
  }
  authentication.running = false;
  if (admit !== undefined) {
    authentication.admit = undefined;
    connection.status = ConnectionStatus.Connecting;
    admit(answer);
  } else {
    const isOther = answer.userName !== undefined && answer.userName !== connection.userName;
    if (isOther && connection.broker.sessionsBelongToUsers) {
      connection.disconnect(ReasonCode.NotAuthorized, { reasonString: "re-authentication names another user" });
      return;
    }
    connection.identify(answer);
    if (connection.session !== undefined) connection.session.userName = connection.userName;
    connection.session?.identify(connection.principalForReceive);
    connection.send({ type: PacketType.AUTH, reasonCode: ReasonCode.Success, properties });
  }
}
