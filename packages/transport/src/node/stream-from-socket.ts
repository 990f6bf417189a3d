/** Makes a byte stream of a socket that is connected already: one from a server of your own, a proxy, a tunnel. */
import type { Socket } from "node:net";
import type { ByteStream } from "../byte-stream.js";
import type { TransportName } from "../peer-info.js";
import { peerInfoOfSocket } from "./peer-info-of-socket.js";
import { LINGER_MS_DEFAULT, SocketStream } from "./socket-stream.js";

export interface StreamFromSocketOptions {
  /** After `end()`, how long the peer has to take the last bytes and to close, in milliseconds. Default 2,000. */
  readonly lingerMs?: number;
}

/**
 * The stream owns the socket from here on: do not listen for 'data', write or pause beside it. A `TLSSocket` must have
 * finished its handshake. `transportName` is what `peer.transport` says; by default `tls` or `tcp`.
 */
export function streamFromSocket(
  socket: Socket,
  transportName?: TransportName,
  options: StreamFromSocketOptions = {},
): ByteStream {
  return new SocketStream(socket, peerInfoOfSocket(socket, transportName), options.lingerMs ?? LINGER_MS_DEFAULT);
}
