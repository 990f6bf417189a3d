/** MQTT.js's options as the client's. */
import type { ClientError, ConnectChanges, ConnectOptions, ConnectProperties, WillOptions } from "@tidings/client";
import type { IClientOptions } from "./client-options.js";
import { toOurs } from "./properties.js";

const RECONNECT_PERIOD_MS_DEFAULT = 1_000;

/** Options of MQTT.js that say nothing to TLS. */
const NOT_TLS = new Set([
  ...["protocol", "host", "hostname", "port", "path", "query", "auth", "servers", "unixSocket", "transformWsUrl"],
  ...["wsOptions", "socksProxy", "socksTimeout", "protocolId", "protocolVersion", "clientId", "clean", "keepalive"],
  ...["username", "password", "will", "properties", "reconnectPeriod", "reconnectOnConnackError", "connectTimeout"],
  ...["resubscribe", "manualConnect", "queueQoSZero", "customHandleAcks", "autoUseTopicAlias", "autoAssignTopicAlias"],
  ...["reschedulePings", "incomingStore", "outgoingStore", "authPacket", "createWebsocket", "subscribeBatchSize"],
  ...["messageIdProvider", "log", "timerVariant", "forceNativeWebSocket", "browserBufferSize", "browserBufferTimeout"],
  ...["objectMode", "writeCache", "encoding", "defaultProtocol", "binary"],
]);

const NOT_TLS_OF_WEB_SOCKETS = new Set(["headers", "origin", "perMessageDeflate", "maxPayload", "handshakeTimeout"]);

/** What stays as it is; `ConnectChanges` are asked for before each attempt. */
export function toConnectOptions(options: IClientOptions): ConnectOptions {
  const { reconnectPeriod = RECONNECT_PERIOD_MS_DEFAULT, wsOptions, clean = true } = options;
  const version = versionOf(options);
  const aliases = options.autoAssignTopicAlias !== false || options.autoUseTopicAlias !== false;
  return {
    protocolVersion: version,
    clientIdentifier: options.clientId,
    keepAlive: options.keepalive,
    cleanStart: clean,
    connectTimeoutMs: options.connectTimeout,
    // A session is kept as long as the program asks for it, and no longer.
    properties: connectProperties(options),
    reconnect: reconnectPeriod > 0 ? { delay: () => reconnectPeriod, isFatal: fatalFor(options) } : false,
    retryFirstConnect: true,
    tls: tlsOptions(options, wsOptions),
    headers: headersOf(wsOptions),
    resubscribe: options.resubscribe !== false,
    proxy: options.socksProxy,
    topicAliases: aliases,
    acknowledge: version === 5 && options.customHandleAcks !== undefined ? "manual" : "automatic",
  };
}

/** Read anew for each attempt: programs change `client.options` while they wait. */
export function toConnectChanges(options: IClientOptions): ConnectChanges {
  const { username, password, will } = options;
  return {
    username,
    password: username === undefined && password === undefined ? undefined : password,
    properties: versionOf(options) === 5 ? connectProperties(options) : undefined,
    will: will === undefined || will === null ? undefined : willOf(will),
  };
}

export function versionOf({ protocolVersion = 4, protocolId }: IClientOptions): 3 | 4 | 5 {
  return protocolId === "MQIsdp" ? 3 : protocolVersion;
}

function connectProperties({ properties = {} }: IClientOptions): ConnectProperties {
  const { authenticationMethod: _, authenticationData: __, ...rest } = properties;
  return { sessionExpiryInterval: 0, ...(toOurs(rest) as ConnectProperties | undefined) };
}

function willOf({ topic, payload, qos, retain, properties }: NonNullable<IClientOptions["will"]>): WillOptions {
  return { topic, payload: payload ?? "", qos, retain, properties: toOurs(properties) };
}

/** A CONNACK that refuses ends it all, unless the program wants to go on; nothing else does but nonsense. */
function fatalFor(options: IClientOptions): (error: ClientError) => boolean {
  return ({ code }) => {
    if (code === "TIDINGS_CLIENT_CONNECT_REFUSED") return options.reconnectOnConnackError !== true;
    return code === "TIDINGS_CLIENT_INVALID_ARGUMENT" || code === "TIDINGS_CLIENT_AUTHENTICATION_FAILED";
  };
}

function headersOf(wsOptions: IClientOptions["wsOptions"]): Record<string, string> | undefined {
  const { headers, origin } = wsOptions ?? {};
  return origin === undefined ? headers : { Origin: origin, ...headers };
}

function tlsOptions(...sources: (object | undefined)[]): object | undefined {
  const tls = Object.fromEntries(
    sources
      .flatMap((source) => Object.entries(source ?? {}))
      .filter(([name, value]) => !NOT_TLS.has(name) && !NOT_TLS_OF_WEB_SOCKETS.has(name) && value !== undefined),
  );
  return Object.keys(tls).length === 0 ? undefined : tls;
}
