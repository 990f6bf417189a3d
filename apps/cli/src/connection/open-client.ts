/** The seam to @tidings/client: settings in, a connected client out. */
import { type Client, type ConnectOptions, connect } from "@tidings/client";
import { type ConnectionSettings, connectionUrl } from "./connection-settings.js";
import { loadTls } from "./load-tls.js";

/** Rejects with a `ClientError` when the first connection fails. `extra` goes on top of the settings. */
export function openClient(settings: ConnectionSettings, extra: ConnectOptions = {}): Promise<Client> {
  return connect(connectionUrl(settings), { ...connectOptions(settings), ...extra });
}

function connectOptions(settings: ConnectionSettings): ConnectOptions {
  const { username, password, properties, scheme } = settings;
  return {
    protocolVersion: settings.protocolVersion,
    clientIdentifier: settings.clientIdentifier,
    ...{ username, password },
    keepAlive: settings.keepAlive,
    cleanStart: settings.cleanStart,
    properties,
    will: settings.will,
    tls: scheme === "mqtts" || scheme === "wss" ? loadTls(settings.tls) : undefined,
    proxy: settings.proxy,
    headers: settings.headers,
    connectTimeoutMs: settings.connectTimeoutMs,
    reconnect: settings.reconnects ? {} : false,
    topicAliases: settings.topicAliases,
  };
}
