/** Makes a byte stream of an open WebSocket of the `ws` library, for those who do the upgrade themselves. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { ByteStream } from "../byte-stream.js";
import { peerInfoOfSocket } from "./peer-info-of-socket.js";
import { LINGER_MS_DEFAULT } from "./socket-stream.js";
import type { StreamFromSocketOptions } from "./stream-from-socket.js";
import type { WebSocketLike } from "./web-socket-like.js";
import { WebSocketStream } from "./web-socket-stream.js";

/**
 * Call it in the event that brought the WebSocket, so that no message is missed. The stream owns the WebSocket from here
 * on. With the upgrade `request`, `peer` has addresses, certificate and headers. The subprotocol and `maxPayload` are the
 * caller's business; turn `perMessageDeflate` off.
 */
export function streamFromWebSocket(
  webSocket: WebSocketLike,
  request?: IncomingMessage,
  options: StreamFromSocketOptions = {},
): ByteStream {
  return webSocketStream(webSocket, request?.socket, request?.headers, options);
}

export function webSocketStream(
  webSocket: WebSocketLike,
  socket: Socket | undefined,
  httpHeaders: IncomingMessage["headers"] | undefined,
  options: StreamFromSocketOptions,
): ByteStream {
  const transport = socket instanceof TLSSocket ? "wss" : "ws";
  const peer = socket === undefined ? ({ transport } as const) : peerInfoOfSocket(socket, transport, httpHeaders);
  return new WebSocketStream(webSocket, peer, options.lingerMs ?? LINGER_MS_DEFAULT, socket);
}
