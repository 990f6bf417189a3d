/** MQTT over WebSocket on a port of its own, plain or over TLS. Serves no HTTP of its own beyond a hint. */
import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { TlsOptions } from "node:tls";
import type { Listener } from "../listener.js";
import { bindToPort } from "./bind-server.js";
import { tlsConfigurationError } from "./listen-error.js";
import { type OnStream, type PortOptions, placeOfPort, serverOptions } from "./listen-options.js";
import { cutFailedHandshakes, HANDSHAKE_TIMEOUT_MS_DEFAULT } from "./listen-tls.js";
import {
  createWebSocketUpgrade,
  refuse,
  WEB_SOCKET_PATH_DEFAULT,
  type WebSocketUpgradeOptions,
} from "./web-socket-upgrade.js";

export interface ListenWebSocketOptions extends PortOptions, WebSocketUpgradeOptions {
  /** Makes it `wss`. Handed to `tls.createServer` as they are: key, cert, ca, requestCert, SNICallback, … */
  readonly tls?: TlsOptions;
  /** For TLS, and again for the upgrade request, in milliseconds. Default 10,000. */
  readonly handshakeTimeoutMs?: number;
  /** Answers the requests that are no upgrade, such as those for a page. Default: a short text with status 426. */
  readonly onRequest?: RequestListener;
}

/** How often Node looks for peers that are late with their request. One timer a listener. */
const LATE_CHECK_INTERVAL_MS = 1_000;
const HEADER_BYTES_MAX = 16_384;

/** Rejects with a `TransportError`. Upgrades on another path than `path` get a short text with status 404. */
export async function listenWebSocket(options: ListenWebSocketOptions, onStream: OnStream): Promise<Listener> {
  const upgrade = createWebSocketUpgrade(options, onStream);
  const server = createHttpServer(options);
  server.on("upgrade", (request, socket, head) => {
    if (!server.listening) refuse(socket, 503, "This listener is closed.", options);
    else if (!upgrade.handleUpgrade(request, socket, head)) {
      refuse(socket, 404, "There is nothing at this path.", options);
    }
  });
  const path = options.path ?? WEB_SOCKET_PATH_DEFAULT;
  return bindToPort(server, options, options.tls === undefined ? "ws" : "wss", path);
}

function createHttpServer(options: ListenWebSocketOptions): Server {
  const timeoutMs = options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS_DEFAULT;
  const httpOptions = {
    ...serverOptions(options),
    headersTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    connectionsCheckingInterval: Math.min(timeoutMs, LATE_CHECK_INTERVAL_MS),
    maxHeaderSize: HEADER_BYTES_MAX,
  };
  const onRequest: RequestListener = options.onRequest ?? ((_, response) => answerPlainRequest(response));
  if (options.tls === undefined) return createServer(httpOptions, onRequest);
  try {
    const server = createTlsServer({ ...options.tls, ...httpOptions, handshakeTimeout: timeoutMs }, onRequest);
    cutFailedHandshakes(server, options);
    return server;
  } catch (cause) {
    throw tlsConfigurationError(cause, placeOfPort(options));
  }
}

function answerPlainRequest(response: ServerResponse): void {
  const text = "This port speaks MQTT over WebSocket.\n";
  response.writeHead(426, {
    Connection: "Upgrade, close",
    Upgrade: "websocket",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": text.length,
  });
  response.end(text);
}
