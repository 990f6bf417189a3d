/**
 * MQTT over WebSocket behind an HTTP server that exists already (MQTT 5.0 and 3.1.1 section 6): checks the upgrade request,
 * completes the handshake and reports the stream. Serves no HTTP.
 */
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws";
import { TransportError } from "../transport-error.js";
import type { OnStream } from "./listen-options.js";
import { LINGER_MS_DEFAULT } from "./socket-stream.js";
import { webSocketStream } from "./stream-from-web-socket.js";

export const WEB_SOCKET_PATH_DEFAULT = "/mqtt";
/** Messages a peer sends may not be longer; packets may span messages, so this does not limit packets. */
export const WEB_SOCKET_MAX_PAYLOAD_BYTES_DEFAULT = 1_048_576;

export interface WebSocketUpgradeOptions {
  /** Of the URL, without the query. Default `/mqtt`. */
  readonly path?: string;
  /**
   * Pages that may connect, as browsers spell them (`https://example.org`); others get 403. Requests without an `Origin`
   * come from programs, not from pages, and pass. Default: every origin.
   */
  readonly origins?: readonly string[];
  /** Longest WebSocket message accepted, in bytes; a peer can make us buffer that much. Default 1 MiB. Closes with 1009. */
  readonly maxPayloadBytes?: number;
  /** After `end()`, how long the peer has to take the last bytes and to close, in milliseconds. Default 2,000. */
  readonly lingerMs?: number;
  /** For logs and counters: a refused upgrade. */
  readonly onError?: (error: TransportError) => void;
}

export interface WebSocketUpgrade {
  /**
   * For the server's 'upgrade' event. False: the path is not ours, nothing was done. True: accepted or refused, the
   * socket is taken care of.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
}

/** In the order of preference; the second one is what 3.1 clients of old ask for. */
const SUBPROTOCOLS = ["mqtt", "mqttv3.1"] as const;

export function createWebSocketUpgrade(options: WebSocketUpgradeOptions, onStream: OnStream): WebSocketUpgrade {
  const path = options.path ?? WEB_SOCKET_PATH_DEFAULT;
  const origins = options.origins === undefined ? undefined : new Set(options.origins.map((o) => o.toLowerCase()));
  const serverOptions: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: options.maxPayloadBytes ?? WEB_SOCKET_MAX_PAYLOAD_BYTES_DEFAULT,
    closeTimeout: options.lingerMs ?? LINGER_MS_DEFAULT,
    handleProtocols: selectSubprotocol, // [MQTT-6.0.0-4]
  };
  const server = new WebSocketServer(serverOptions);
  server.on("wsClientError", (error, socket) => refuse(socket, 400, error.message, options));
  const accept = (webSocket: WebSocket, request: IncomingMessage): void =>
    onStream(webSocketStream(webSocket, request.socket, request.headers, options));

  return {
    handleUpgrade(request, socket, head) {
      if (pathOf(request) !== path) return false;
      const origin = request.headers.origin;
      if (origins !== undefined && origin !== undefined && !origins.has(origin.toLowerCase())) {
        refuse(socket, 403, `The origin ${origin} is not on the list of allowed ones.`, options);
      } else if (selectSubprotocol(offeredSubprotocols(request)) === false) {
        refuse(socket, 400, "Offer the WebSocket subprotocol mqtt.", options);
      } else {
        server.handleUpgrade(request, socket, head, accept);
      }
      return true;
    },
  };
}

function selectSubprotocol(offered: ReadonlySet<string>): string | false {
  return SUBPROTOCOLS.find((name) => offered.has(name)) ?? false;
}

function offeredSubprotocols(request: IncomingMessage): Set<string> {
  const names = request.headers["sec-websocket-protocol"] ?? "";
  return new Set(names.split(",").map((name) => name.trim()));
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? "";
  const query = url.indexOf("?");
  return query === -1 ? url : url.slice(0, query);
}

/** Answers an upgrade request with a short text and closes. */
export function refuse(
  socket: Duplex,
  status: number,
  text: string,
  options: { readonly onError?: (error: TransportError) => void },
): void {
  const address = (socket as Socket).remoteAddress ?? "A peer";
  options.onError?.(
    new TransportError(
      "TIDINGS_WEBSOCKET_HANDSHAKE",
      `${address} was refused a WebSocket with status ${status}: ${text}`,
    ),
  );
  socket.on("error", ignore);
  socket.once("finish", socket.destroy);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(text) + 1}\r\n\r\n${text}\n`,
  );
}

function ignore(): void {}
