/** MQTT over TLS. */
import { createServer, type Server, type TlsOptions } from "node:tls";
import type { Listener } from "../listener.js";
import { TransportError } from "../transport-error.js";
import { bindToPort } from "./bind-server.js";
import { Gate, gatedServer, needsGate } from "./gate.js";
import { tlsConfigurationError } from "./listen-error.js";
import { type ListenerOptions, type OnStream, type PortOptions, placeOfPort, serverOptions } from "./listen-options.js";
import { LINGER_MS_DEFAULT, SocketStream } from "./socket-stream.js";
import { ChangeableTls, type TlsListener } from "./tls-server-options.js";

/** How long a peer has for the TLS handshake, or for asking to upgrade to WebSocket, in milliseconds. */
export const HANDSHAKE_TIMEOUT_MS_DEFAULT = 10_000;

export interface ListenTlsOptions extends PortOptions {
  /** Handed to `tls.createServer` as they are: key, cert, ca, requestCert, rejectUnauthorized, SNICallback, … */
  readonly tls: TlsOptions;
  /** A peer that has not finished the handshake by then is cut, in milliseconds. Default 10,000. */
  readonly handshakeTimeoutMs?: number;
}

/** Streams are reported after their handshake. Rejects with a `TransportError`. */
export async function listenTls(options: ListenTlsOptions, onStream: OnStream): Promise<TlsListener> {
  const lingerMs = options.lingerMs ?? LINGER_MS_DEFAULT;
  const tls = new ChangeableTls(options.tls);
  const gate = new Gate(options);
  let server: Server;
  try {
    server = createServer({
      ...tls.options,
      ...serverOptions(options),
      handshakeTimeout: options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS_DEFAULT,
    });
  } catch (cause) {
    throw tlsConfigurationError(cause, placeOfPort(options));
  }
  const bound = needsGate(options) ? gatedServer(server, gate, options) : server;
  server.on("secureConnection", (socket) => {
    if (!bound.listening) return void socket.destroy(); // its handshake ended after close()
    onStream(new SocketStream(socket, gate.peerInfoOf(socket, "tls"), lingerMs));
  });
  cutFailedHandshakes(server, options);
  const listener = await bindToPort(bound, options, "mqtts");
  return withTls(listener, server, tls, placeOfPort(options));
}

/** The listener, with a way to change what it offers. */
export function withTls(
  listener: Listener,
  server: Pick<Server, "setSecureContext">,
  changeable: ChangeableTls,
  place: string,
): TlsListener {
  return Object.assign(listener, { updateTls: (tls: TlsOptions) => changeable.update(server, tls, place) });
}

/** Node reports a handshake that takes too long, but leaves the connection open. */
export function cutFailedHandshakes(server: Pick<Server, "on">, options: ListenerOptions): void {
  server.on("tlsClientError", (cause, socket) => {
    socket.destroy();
    options.onError?.(new TransportError("TIDINGS_TLS_HANDSHAKE", `A TLS handshake failed: ${cause.message}`, cause));
  });
}
