/** MQTT over TLS. */
import { createServer, type Server, type TlsOptions } from "node:tls";
import type { Listener } from "../listener.js";
import { TransportError } from "../transport-error.js";
import { bindToPort } from "./bind-server.js";
import { tlsConfigurationError } from "./listen-error.js";
import { type ListenerOptions, type OnStream, type PortOptions, placeOfPort, serverOptions } from "./listen-options.js";
import { peerInfoOfSocket } from "./peer-info-of-socket.js";
import { LINGER_MS_DEFAULT, SocketStream } from "./socket-stream.js";

/** How long a peer has for the TLS handshake, or for asking to upgrade to WebSocket, in milliseconds. */
export const HANDSHAKE_TIMEOUT_MS_DEFAULT = 10_000;

export interface ListenTlsOptions extends PortOptions {
  /** Handed to `tls.createServer` as they are: key, cert, ca, requestCert, rejectUnauthorized, SNICallback, … */
  readonly tls: TlsOptions;
  /** A peer that has not finished the handshake by then is cut, in milliseconds. Default 10,000. */
  readonly handshakeTimeoutMs?: number;
}

/** Streams are reported after their handshake. Rejects with a `TransportError`. */
export async function listenTls(options: ListenTlsOptions, onStream: OnStream): Promise<Listener> {
  const lingerMs = options.lingerMs ?? LINGER_MS_DEFAULT;
  let server: Server;
  try {
    server = createServer({
      ...options.tls,
      ...serverOptions(options),
      handshakeTimeout: options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS_DEFAULT,
    });
  } catch (cause) {
    throw tlsConfigurationError(cause, placeOfPort(options));
  }
  server.on("secureConnection", (socket) => {
    if (!server.listening) return void socket.destroy(); // its handshake ended after close()
    onStream(new SocketStream(socket, peerInfoOfSocket(socket, "tls"), lingerMs));
  });
  cutFailedHandshakes(server, options);
  return bindToPort(server, options, "mqtts");
}

/** Node reports a handshake that takes too long, but leaves the connection open. */
export function cutFailedHandshakes(server: Pick<Server, "on">, options: ListenerOptions): void {
  server.on("tlsClientError", (cause, socket) => {
    socket.destroy();
    options.onError?.(new TransportError("TIDINGS_TLS_HANDSHAKE", `A TLS handshake failed: ${cause.message}`, cause));
  });
}
