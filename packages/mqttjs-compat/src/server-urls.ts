/** Where to connect: MQTT.js takes a URL, or its parts as options, or both; a part in the options wins. */
import type { IClientOptions } from "./client-options.js";

const SECURE: Readonly<Record<string, string>> = { mqtt: "mqtts", tcp: "mqtts", ws: "wss" };
const PROTOCOLS = ["mqtt", "mqtts", "tcp", "tls", "ssl", "ws", "wss", "unix"];

/** The options, with the parts of the URL in them. Throws for a URL without a protocol. */
export function withUrl(url: string | undefined, options: IClientOptions): IClientOptions {
  const merged = { ...partsOf(url), ...options };
  if (typeof merged.auth === "string") {
    const [, username, password] = /^([^:]*)(?::(.*))?$/s.exec(merged.auth) ?? [];
    merged.username = username;
    if (password !== undefined) merged.password = password;
  }
  const clientId = merged.query?.clientId;
  if (typeof clientId === "string") merged.clientId = clientId;
  if (merged.clean === false && !merged.clientId) {
    throw new Error("Missing clientId for unclean clients: a session that is kept needs the option `clientId`.");
  }
  return merged;
}

/** The URLs to try in turn, without credentials. */
export function serverUrls(options: IClientOptions): string[] {
  const { servers } = options;
  if (servers === undefined || servers.length === 0) return [urlOf(options)];
  return servers.map(({ host, port, protocol }) =>
    urlOf({ ...options, host, hostname: host, port, protocol: protocol ?? options.protocol }),
  );
}

function partsOf(url: string | undefined): IClientOptions {
  if (url === undefined || url === "") return {};
  const [, scheme, rest] = /^([a-z0-9+]+):\/\/(.*)$/i.exec(url) ?? [];
  if (scheme === undefined) throw new Error("Missing protocol: the URL of a server begins with mqtt://, say.");
  const protocol = scheme.toLowerCase() as IClientOptions["protocol"];
  if (isUnix(protocol)) {
    const [path, query] = rest.split("?");
    return { protocol, unixSocket: true, path: path.replace(/^[^/]*/, ""), query: queryOf(query) };
  }
  const { hostname, port, username, password, pathname, search } = new URL(`http://${rest}`);
  const explicitPort = port === "" ? new URL(`https://${rest}`).port : port;
  const parts: IClientOptions = { protocol, host: hostname, hostname, query: queryOf(search) };
  if (explicitPort !== "") parts.port = Number(explicitPort);
  if (username !== "") parts.username = decodeURIComponent(username);
  if (password !== "") parts.password = decodeURIComponent(password);
  if (protocol === "ws" || protocol === "wss") parts.path = pathname + search;
  return parts;
}

function queryOf(search: string | undefined): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search ?? ""));
}

function isUnix(protocol: string | undefined): boolean {
  return protocol === "unix" || protocol?.endsWith("+unix") === true;
}

function urlOf(options: IClientOptions): string {
  const { path, port, unixSocket } = options;
  const given = options.protocol?.replace(/:$/, "");
  if (unixSocket === true || isUnix(given)) {
    if (given?.startsWith("ws") === true) throw unknown(given);
    return `unix:${path ?? ""}`;
  }
  const isSecured = options.cert !== undefined && options.key !== undefined;
  const plain = given ?? (typeof location === "object" ? "ws" : "mqtt");
  if (!PROTOCOLS.includes(plain)) throw unknown(plain);
  const protocol = isSecured ? (SECURE[plain] ?? plain) : plain;
  const name = options.hostname ?? options.host ?? "localhost";
  const host = name.includes(":") && !name.startsWith("[") ? `[${name}]` : name;
  const isWeb = protocol === "ws" || protocol === "wss";
  return `${protocol}://${host}${port === undefined ? "" : `:${port}`}${isWeb ? (path ?? "/") : ""}`;
}

function unknown(protocol: string): Error {
  return new Error(`Unknown protocol ${JSON.stringify(protocol)}: there are ${PROTOCOLS.join(", ")} and mqtt+unix.`);
}
