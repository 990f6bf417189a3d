/** CONNACK in MQTT.js's form, of what the client knows of the server. */
import type { ServerInfo } from "@tidings/client";
import type { IConnackPacket } from "./packets.js";
import { toTheirs } from "./properties.js";

/** Properties that say what is assumed without them are left out, as servers do. */
export function showConnack(server: ServerInfo, clientId: string | undefined): IConnackPacket {
  const { sessionPresent } = server;
  if (server.protocolVersion !== 5) return { cmd: "connack", sessionPresent, returnCode: 0 };
  const properties = toTheirs({
    assignedClientIdentifier: clientId ? undefined : server.clientIdentifier,
    receiveMaximum: unless(65_535, server.receiveMaximum),
    maximumQoS: unless(2, server.maximumQoS),
    retainAvailable: unless(true, server.retainAvailable),
    maximumPacketSize: unless(Number.POSITIVE_INFINITY, server.maximumPacketSize),
    topicAliasMaximum: unless(0, server.topicAliasMaximum),
    sessionExpiryInterval: unless(0, server.sessionExpiryInterval),
    serverKeepAlive: server.keepAlive,
    wildcardSubscriptionAvailable: unless(true, server.wildcardSubscriptionAvailable),
    subscriptionIdentifierAvailable: unless(true, server.subscriptionIdentifierAvailable),
    sharedSubscriptionAvailable: unless(true, server.sharedSubscriptionAvailable),
    responseInformation: server.responseInformation,
    serverReference: server.serverReference,
    reasonString: server.reasonString,
    userProperties: server.userProperties.length === 0 ? undefined : server.userProperties,
  });
  return { cmd: "connack", sessionPresent, reasonCode: 0, properties };
}

function unless<T>(assumed: T, value: T): T | undefined {
  return value === assumed ? undefined : value;
}
