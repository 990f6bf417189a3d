/** What a Node error while connecting means: what happened, where, what to do. */
import { TransportError, type TransportErrorCode } from "../transport-error.js";

const MEANINGS: Readonly<Record<string, readonly [TransportErrorCode, string]>> = {
  ECONNREFUSED: ["TIDINGS_CONNECT_REFUSED", "nobody listens there. Check that the server runs, and its port."],
  ENOENT: ["TIDINGS_CONNECT_REFUSED", "there is no such socket file. Check that the server runs, and its path."],
  ENOTFOUND: ["TIDINGS_HOST_NOT_FOUND", "the host name does not resolve. Check its spelling."],
  EAI_AGAIN: ["TIDINGS_HOST_NOT_FOUND", "the host name could not be resolved now. Check the network."],
  ETIMEDOUT: ["TIDINGS_CONNECT_TIMEOUT", "it did not answer. Check the address and the firewall between."],
};

const CERTIFICATE = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|ERR_TLS|ERR_SSL|EPROTO)/;

export function connectError(cause: Error, place: string): TransportError {
  if (cause instanceof TransportError) return cause;
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  const known = MEANINGS[code];
  if (known !== undefined) return new TransportError(known[0], `Cannot connect to ${place}: ${known[1]}`, cause);
  if (CERTIFICATE.test(code)) {
    return new TransportError("TIDINGS_TLS_HANDSHAKE", `TLS with ${place} failed: ${cause.message}`, cause);
  }
  return new TransportError("TIDINGS_CONNECT_FAILED", `Cannot connect to ${place}: ${cause.message}`, cause);
}
