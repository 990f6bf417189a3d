/**
 * MQTT over WebSocket behind an HTTP server that exists already (MQTT 5.0 and 3.1.1 section 6): checks the upgrade request,
 * completes the handshake and reports the stream. Serves no HTTP.
 */
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws";
import type { PeerInfo } from "../peer-info.js";
import { TransportError } from "../transport-error.js";
import { AddressList } from "./address-list.js";
import { forwardedAddress } from "./forwarded-address.js";
import type { PeerInfoOf } from "./gate.js";
import type { OnStream } from "./listen-options.js";
import { peerInfoOfSocket } from "./peer-info-of-socket.js";
import { LINGER_MS_DEFAULT } from "./socket-stream.js";
import { WebSocketStream } from "./web-socket-stream.js";

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
  /**
   * Addresses and networks of the proxies whose `X-Forwarded-For` is believed: `peer.address` is then the last address in
   * it that is none of them. Default: nobody is believed.
   */
  readonly trustedProxies?: readonly string[];
  /**
   * Asked for each upgrade that a trusted proxy forwards; false answers it with 429. Of the others a listener of this
   * package has asked before. Default: all may come.
   */
  readonly admits?: (address: string | undefined) => boolean;
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

export function createWebSocketUpgrade(
  options: WebSocketUpgradeOptions,
  onStream: OnStream,
  peerInfoOf: PeerInfoOf = peerInfoOfSocket,
): WebSocketUpgrade {
  const trustedProxies = new AddressList(options.trustedProxies ?? []);
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
  const behindProxies = (direct: PeerInfo): PeerInfo => {
    const address = forwardedAddress(direct.address, direct.httpHeaders?.["x-forwarded-for"], trustedProxies);
    return address === undefined ? direct : { ...direct, address, port: undefined, proxyAddress: direct.address };
  };

  return {
    handleUpgrade(request, socket, head) {
      if (pathOf(request) !== path) return false;
      const origin = request.headers.origin;
      if (origins !== undefined && origin !== undefined && !origins.has(origin.toLowerCase())) {
        refuse(socket, 403, `The origin ${origin} is not on the list of allowed ones.`, options);
      } else if (selectSubprotocol(offeredSubprotocols(request)) === false) {
        refuse(socket, 400, "Offer the WebSocket subprotocol mqtt.", options);
      } else {
        const direct = peerInfoOf(request.socket, request.socket instanceof TLSSocket ? "wss" : "ws", request.headers);
        const peer = behindProxies(direct);
        if (trustedProxies.has(direct.address) && options.admits?.(peer.address) === false) {
          refuse(socket, 429, `${peer.address} connects too often.`, options);
          return true;
        }
        server.handleUpgrade(request, socket, head, (webSocket: WebSocket) =>
          onStream(new WebSocketStream(webSocket, peer, options.lingerMs ?? LINGER_MS_DEFAULT, request.socket)),
        );
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
