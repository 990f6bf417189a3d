/** Connects over TLS. */
import { isIP } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import type { ByteStream } from "../byte-stream.js";
import { awaitSocket } from "./await-connection.js";
import { type ConnectTcpOptions, socketOptions } from "./connect-tcp.js";
import { connectThroughProxy } from "./connect-through-proxy.js";
import { tlsConfigurationError } from "./listen-error.js";
import { hostAndPort } from "./stream-error.js";
import { streamFromSocket } from "./stream-from-socket.js";

/** `port` is 8883 by default. */
export interface ConnectTlsOptions extends Omit<ConnectTcpOptions, "bareHandles"> {
  /** Handed to `tls.connect` as they are: ca, cert, key, servername, rejectUnauthorized, … */
  readonly tls?: ConnectionOptions;
}

/** Resolves after the handshake, with the server's certificate verified. Rejects with a `TransportError`. */
export async function connectTls(options: ConnectTlsOptions): Promise<ByteStream> {
  const target = socketOptions(options, 8883);
  const place = hostAndPort(target.host, target.port);
  const { proxy } = options;
  const tunnel = proxy && (await connectThroughProxy(proxy, target.host, target.port, options));
  let socket: TLSSocket;
  try {
    // A server name must not be an IP address (RFC 6066 section 3).
    const servername = isIP(target.host) ? "" : target.host;
    socket = connect({ servername, ...options.tls, ...target, ...(tunnel && { socket: tunnel }) });
  } catch (cause) {
    throw tlsConfigurationError(cause, place);
  }
  return awaitSocket(socket, "secureConnect", place, options, () => streamFromSocket(socket, "tls", options));
}
