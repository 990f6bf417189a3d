/** The seam to @tidings/client: settings in, a connected client out. */
import { type Client, type ConnectOptions, connect, scramSha256 } from "@tidings/client";
import type { Properties } from "@tidings/packet";
import { usage } from "../failure.js";
import { type ConnectionSettings, connectionUrl } from "./connection-settings.js";
import { loadTls } from "./load-tls.js";

/** Rejects with a `ClientError` when the first connection fails. `extra` goes on top of the settings. */
export function openClient(settings: ConnectionSettings, extra: ConnectOptions = {}): Promise<Client> {
  return connect(connectionUrl(settings), { ...connectOptions(settings), ...extra });
}

/** The one method with more than one step; others are sent as they were given, and a server that answers is refused. */
const SCRAM = "SCRAM-SHA-256";

function connectOptions(settings: ConnectionSettings): ConnectOptions {
  const { username, password, properties, scheme } = settings;
  return {
    protocolVersion: settings.protocolVersion,
    clientIdentifier: settings.clientIdentifier,
    ...(properties.authenticationMethod === SCRAM ? scram(settings) : { username, password }),
    keepAlive: settings.keepAlive,
    cleanStart: settings.cleanStart,
    properties: properties.authenticationMethod === SCRAM ? withoutMethod(properties) : properties,
    will: settings.will,
    tls: scheme === "mqtts" || scheme === "wss" ? loadTls(settings.tls) : undefined,
    proxy: settings.proxy,
    localAddress: settings.bindAddress,
    headers: settings.headers,
    connectTimeoutMs: settings.connectTimeoutMs,
    reconnect: settings.reconnects ? {} : false,
    topicAliases: settings.topicAliases,
  };
}

/** The password proves itself and is not sent. */
function scram({ username, password }: ConnectionSettings): ConnectOptions {
  if (username === undefined || password === undefined) {
    throw usage(`${SCRAM} needs a user name (-u) and a password (TIDINGS_PASSWORD or --password-file).`);
  }
  return { authentication: scramSha256({ username, password }) };
}

function withoutMethod({ authenticationMethod: _, ...rest }: Properties): Properties {
  return rest;
}
