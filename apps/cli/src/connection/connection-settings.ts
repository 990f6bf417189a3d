/** Where and how to connect, whatever command line it came from. Plain data; nothing is read or opened yet. */
import type { Properties, QoS } from "@tidings/packet";

export type Scheme = "mqtt" | "mqtts" | "ws" | "wss" | "unix";

export interface WillSettings {
  topic: string;
  payload: Uint8Array;
  qos: QoS;
  retain: boolean;
  properties?: Properties;
}

/** Files by their paths. */
export interface TlsSettings {
  caFile?: string;
  caFolder?: string;
  certFile?: string;
  keyFile?: string;
  /** For an encrypted key; from the environment or a file alone. */
  keyPassphrase?: string;
  ciphers?: string;
  minimumVersion?: "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
  /** What is not verified: that the certificate is for this name, or anything at all. */
  insecure?: "name" | "certificate";
  alpnProtocol?: string;
  /** Pre-shared key, in hexadecimal. */
  psk?: string;
  pskIdentity?: string;
}

export interface ConnectionSettings {
  scheme: Scheme;
  /** Without the brackets of an IPv6 address. Not for `unix`. */
  host: string;
  /** Undefined: the default of the scheme. */
  port?: number;
  /** Of the WebSocket, or of the Unix socket. */
  path?: string;
  /** The local address to connect from. */
  bindAddress?: string;
  /** Undefined: 5.0, and 3.1.1 when the server does not know that. */
  protocolVersion?: 3 | 4 | 5;
  clientIdentifier?: string;
  username?: string;
  password?: string;
  /** Seconds. */
  keepAlive: number;
  cleanStart: boolean;
  properties: Properties;
  disconnectProperties?: Properties;
  will?: WillSettings;
  tls: TlsSettings;
  /** `socks5://user:password@host:port` or `http://host:port`. */
  proxy?: string;
  /** Of the WebSocket's upgrade request. */
  headers?: Record<string, string>;
  connectTimeoutMs?: number;
  /** False: topics are always sent whole. */
  topicAliases?: boolean;
  /** False: the end of the first connection is the end. */
  reconnects: boolean;
}

const DEFAULT_PORTS: Record<Scheme, number | undefined> = {
  mqtt: 1883,
  mqtts: 8883,
  ws: 8083,
  wss: 8084,
  unix: undefined,
};

/** What the user may read, without secrets: `mqtt://localhost:1883`. */
export function connectionUrl({ scheme, host, port, path }: ConnectionSettings): string {
  if (scheme === "unix") return `mqtt+unix://${encodeURI(path ?? "")}`;
  const place = `${host.includes(":") ? `[${host}]` : host}:${port ?? DEFAULT_PORTS[scheme]}`;
  return `${scheme}://${place}${scheme === "ws" || scheme === "wss" ? (path ?? "/mqtt") : ""}`;
}
