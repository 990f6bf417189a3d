/** The seam to @tidings/client: settings in, a connected client out. */
import { type Client, type ConnectOptions, connect, scramSha256 } from "@tidings/client";
import { usage } from "../failure.js";
import { type ConnectionSettings, connectionUrl } from "./connection-settings.js";
import { loadTls } from "./load-tls.js";

/** Rejects with a `ClientError` when the first connection fails. `extra` goes on top of the settings. */
export function openClient(settings: ConnectionSettings, extra: ConnectOptions = {}): Promise<Client> {
  return connect(connectionUrl(settings), { ...connectOptions(settings), ...extra });
}

export function connectOptions(settings: ConnectionSettings): ConnectOptions {
  const { username, password, properties } = settings;
  const { authenticationMethod, ...otherProperties } = properties;
  return {
    protocolVersion: settings.protocolVersion,
    clientIdentifier: settings.clientIdentifier,
    ...(authenticationMethod === undefined ? { username, password } : authentication(settings)),
    keepAlive: settings.keepAlive,
    cleanStart: settings.cleanStart,
    properties: otherProperties,
    will: settings.will,
    tls: settings.scheme === "mqtts" || settings.scheme === "wss" ? loadTls(settings.tls) : undefined,
    proxy: settings.proxy,
    headers: settings.headers,
    connectTimeoutMs: settings.connectTimeoutMs,
    reconnect: settings.reconnects ? {} : false,
  };
}

/** The password proves itself and is not sent. */
function authentication({ username, password, properties }: ConnectionSettings): ConnectOptions {
  if (properties.authenticationMethod !== "SCRAM-SHA-256") {
    throw usage(`--authentication-method ${properties.authenticationMethod} is not known. Use SCRAM-SHA-256.`);
  }
  if (username === undefined || password === undefined) {
    throw usage("SCRAM-SHA-256 needs a user name (-u) and a password (TIDINGS_PASSWORD or --password-file).");
  }
  return { authentication: scramSha256({ username, password }) };
}
