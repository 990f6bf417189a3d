/**
 * `-L`: scheme, user, host, port and, for MQTT's own schemes, the topic as the path. A WebSocket's path is its own.
 * `mqtt+unix:///path` is a Unix socket.
 */
import { usage } from "../failure.js";
import type { Scheme } from "./connection-settings.js";

export interface UrlParts {
  readonly scheme: Scheme;
  readonly host: string;
  readonly port?: number;
  readonly path?: string;
  readonly topic?: string;
  readonly username?: string;
  readonly password?: string;
}

const SCHEMES: Readonly<Record<string, Scheme>> = {
  "mqtt:": "mqtt",
  "tcp:": "mqtt",
  "mqtts:": "mqtts",
  "ssl:": "mqtts",
  "tls:": "mqtts",
  "ws:": "ws",
  "wss:": "wss",
  "mqtt+unix:": "unix",
  "unix:": "unix",
};

/** Throws a usage `Failure`. */
export function parseUrl(text: string, flag = "-L"): UrlParts {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = url && Object.hasOwn(SCHEMES, url.protocol) ? SCHEMES[url.protocol] : undefined;
  if (url === undefined || scheme === undefined) {
    throw usage(
      `${flag}: ${text} is no URL for MQTT. Use mqtt://host:1883, mqtts://, ws://, wss:// or mqtt+unix:///path.`,
    );
  }
  if (scheme === "unix") return { scheme, host: "", path: decodeURIComponent(url.pathname) };
  if (url.hostname === "") throw usage(`${flag}: ${text} has no host. Use for example mqtt://localhost:1883.`);
  const isWebSocket = scheme === "ws" || scheme === "wss";
  const path = url.pathname + url.search;
  // Not from `url`: a wildcard "#" would be a fragment there, and ".." would climb.
  const topic = decodeURIComponent(/^[^:]+:\/\/[^/]*\/(.*)$/s.exec(text)?.[1] ?? "");
  return {
    scheme,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    ...(url.port !== "" && { port: Number(url.port) }),
    ...(isWebSocket && path !== "/" && { path }),
    ...(!isWebSocket && topic !== "" && { topic }),
    ...(url.username !== "" && { username: decodeURIComponent(url.username) }),
    ...(url.password !== "" && { password: decodeURIComponent(url.password) }),
  };
}
