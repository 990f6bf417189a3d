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
  const isUnixSocket = merged.unixSocket === true || isUnix(merged.protocol);
  merged.socksProxy ??= isUnixSocket ? undefined : proxyOfEnvironment();
  if (merged.socksProxy?.startsWith("socks4")) {
    throw new Error("There is no SOCKS 4: `socksProxy` is a URL with socks5://, socks5h:// or http://.");
  }
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

/** Platforms without a process have no environment either. */
function proxyOfEnvironment(): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.MQTTJS_SOCKS_PROXY || undefined;
}

function partsOf(url: string | undefined): IClientOptions {
  if (url === undefined || url === "") return {};
  if (url.startsWith("/") && typeof location === "object") {
    const { pathname, search } = new URL(url, "http://server");
    return { path: pathname + search, query: queryOf(search) };
  }
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
  const { path, unixSocket } = options;
  const given = options.protocol?.replace(/:$/, "");
  if (unixSocket === true || isUnix(given)) {
    if (given?.startsWith("ws") === true) throw unknown(given);
    return `unix:${path ?? ""}`;
  }
  const isSecured = options.cert !== undefined && options.key !== undefined;
  const page = typeof location === "object" ? location : undefined;
  const plain = given ?? (page === undefined ? "mqtt" : page.protocol === "https:" ? "wss" : "ws");
  if (!PROTOCOLS.includes(plain)) throw unknown(plain);
  const protocol = isSecured ? (SECURE[plain] ?? plain) : plain;
  const isHere = options.hostname === undefined && options.host === undefined;
  const name = options.hostname ?? options.host ?? (page?.hostname || "localhost");
  const port = options.port ?? (isHere && page?.port ? Number(page.port) : undefined);
  const host = name.includes(":") && !name.startsWith("[") ? `[${name}]` : name;
  const isWeb = protocol === "ws" || protocol === "wss";
  return `${protocol}://${host}${port === undefined ? "" : `:${port}`}${isWeb ? (path ?? "/") : ""}`;
}

function unknown(protocol: string): Error {
  const known = `there are ${PROTOCOLS.join(", ")} and mqtt+unix`;
  if (!/^(wx|ali)s?$/.test(protocol)) return new Error(`Unknown protocol ${JSON.stringify(protocol)}: ${known}.`);
  return new Error(
    `Mini programs of WeChat and Alipay have no transport here (${JSON.stringify(protocol)}): ${known}. Bring one with new MqttClient(streamBuilder, options).`,
  );
}
