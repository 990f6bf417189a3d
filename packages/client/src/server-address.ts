/** A server's URL, taken apart. Each platform says which transports it has. */
import { ClientError } from "./core/client-error.js";

type ServerTransport = "tcp" | "tls" | "ws" | "wss" | "unix";

export interface ServerAddress {
  readonly transport: ServerTransport;
  /** As given, but without user name and password. */
  readonly url: string;
  /** Without the brackets of IPv6. */
  readonly host: string;
  readonly port: number;
  /** Of the socket file, for `unix`. */
  readonly path: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

const TRANSPORTS: Readonly<Record<string, readonly [ServerTransport, number]>> = {
  mqtt: ["tcp", 1883],
  tcp: ["tcp", 1883],
  mqtts: ["tls", 8883],
  tls: ["tls", 8883],
  ssl: ["tls", 8883],
  ws: ["ws", 80],
  wss: ["wss", 443],
};

/** Throws `ClientError` for what is no URL of a server. */
export function parseServerAddress(text: string): ServerAddress {
  const unix = /^(?:mqtt\+)?unix:(?:\/\/)?(\/.+)$/.exec(text);
  if (unix !== null) {
    const path = decodeURIComponent(unix[1]);
    return { transport: "unix", url: text, host: "", port: 0, path, username: undefined, password: undefined };
  }
  const [, given = "", rest = ""] = /^([a-z0-9+]+):\/\/(.+)$/i.exec(text) ?? [];
  const scheme = given.toLowerCase();
  const known = TRANSPORTS[scheme];
  if (known === undefined) throw invalidUrl(text);
  let url: URL;
  let port: string;
  try {
    url = new URL(`http://${rest}`); // other schemes are not taken apart alike everywhere
    port = url.port === "" ? new URL(`https://${rest}`).port : url.port; // a default port is left out
  } catch {
    throw invalidUrl(text);
  }
  const [transport, defaultPort] = known;
  const username = url.username === "" ? undefined : decodeURIComponent(url.username);
  const password = url.password === "" ? undefined : decodeURIComponent(url.password);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isWeb = transport === "ws" || transport === "wss";
  const portNumber = port === "" ? defaultPort : Number(port);
  const place = `${url.hostname}:${portNumber}${isWeb ? url.pathname + url.search : ""}`;
  return { transport, url: `${scheme}://${place}`, host, port: portNumber, path: "", username, password };
}

/** Many clients of one process often have one server: its address is taken apart once. Nothing secret is kept. */
let lastText = "";
let lastAddresses: readonly ServerAddress[] = [];

/** Throws `ClientError` for what is no URL of a server. */
export function parseServerAddresses(urls: string | readonly string[]): readonly ServerAddress[] {
  if (typeof urls !== "string") return urls.map(parseServerAddress);
  if (urls === lastText) return lastAddresses;
  const addresses = [parseServerAddress(urls)];
  if (addresses[0].username === undefined && addresses[0].password === undefined) {
    lastText = urls;
    lastAddresses = addresses;
  }
  return addresses;
}

function invalidUrl(text: string): ClientError {
  const shown = String(text).replace(/\/\/[^@/]*@/, "//…@");
  return new ClientError(
    "TIDINGS_CLIENT_INVALID_ARGUMENT",
    `${JSON.stringify(shown)} is no URL of a server, such as mqtt://host or wss://host/path.`,
  );
}
