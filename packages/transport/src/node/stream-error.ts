/** What a Node error on an established stream means, for `onClose`. */
import type { PeerInfo } from "../peer-info.js";
import { TransportError } from "../transport-error.js";

export function streamError(cause: Error, peer: PeerInfo): TransportError {
  if (cause instanceof TransportError) return cause;
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  const place = placeOfPeer(peer);
  if (code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS") || code === "EPROTO") {
    return new TransportError("TIDINGS_TLS_HANDSHAKE", `TLS with ${place} failed: ${cause.message}`, cause);
  }
  if (code.startsWith("WS_ERR")) {
    return new TransportError(
      "TIDINGS_TRANSPORT_VIOLATION",
      `${place} broke the WebSocket rules: ${cause.message}`,
      cause,
    );
  }
  return new TransportError("TIDINGS_CONNECTION_LOST", `The connection to ${place} was lost: ${cause.message}`, cause);
}

/** The peer neither took the last bytes nor closed. */
export function lingerTimeoutError(peer: PeerInfo, bytesLeft: number, lingerMs: number): TransportError {
  const message = `${placeOfPeer(peer)} did not take the last ${bytesLeft} bytes within ${lingerMs} ms; the connection was cut.`;
  return new TransportError("TIDINGS_LINGER_TIMEOUT", message);
}

export function placeOfPeer(peer: PeerInfo): string {
  if (peer.address === undefined) return `the ${peer.transport} peer`;
  return peer.port === undefined ? peer.address : hostAndPort(peer.address, peer.port);
}

export function hostAndPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
