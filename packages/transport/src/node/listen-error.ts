/** What a Node error while listening means: what happened, where, what to do. */
import { TransportError, type TransportErrorCode } from "../transport-error.js";

const MEANINGS: Readonly<Record<string, readonly [TransportErrorCode, string]>> = {
  EADDRINUSE: ["TIDINGS_ADDRESS_IN_USE", "it is already in use. Stop the other program or choose another one."],
  EADDRNOTAVAIL: ["TIDINGS_ADDRESS_NOT_AVAILABLE", "this machine has no such address. Choose one of its own."],
  ENOTFOUND: ["TIDINGS_ADDRESS_NOT_AVAILABLE", "the name does not resolve. Check its spelling or use an IP address."],
  EAI_AGAIN: ["TIDINGS_ADDRESS_NOT_AVAILABLE", "the name could not be resolved now. Use an IP address."],
  ENOENT: ["TIDINGS_ADDRESS_NOT_AVAILABLE", "the directory does not exist. Create it first."],
  ENAMETOOLONG: ["TIDINGS_ADDRESS_NOT_AVAILABLE", "the path is too long for a socket (about 100 bytes). Shorten it."],
  EACCES: ["TIDINGS_ADDRESS_DENIED", "permission is denied. Use a port from 1024 on, or a directory you may write to."],
  EPERM: ["TIDINGS_ADDRESS_DENIED", "the system does not permit it. Check its security policy."],
  EROFS: ["TIDINGS_ADDRESS_DENIED", "the file system is read-only. Choose another directory."],
};

export function listenError(cause: Error, place: string): TransportError {
  if (cause instanceof TransportError) return cause;
  const known = MEANINGS[(cause as NodeJS.ErrnoException).code ?? ""];
  if (known !== undefined) return new TransportError(known[0], `Cannot listen on ${place}: ${known[1]}`, cause);
  return new TransportError("TIDINGS_LISTEN_FAILED", `Cannot listen on ${place}: ${cause.message}`, cause);
}

/** The listener goes on; most often the process has no file descriptor left. */
export function acceptError(cause: Error, place: string): TransportError {
  return new TransportError(
    "TIDINGS_ACCEPT_FAILED",
    `A connection to ${place} was not accepted: ${cause.message}`,
    cause,
  );
}

/** Key, certificate and the other TLS options are read when the server is made, not when it listens. */
export function tlsConfigurationError(cause: unknown, place: string): TransportError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const advice = "Check that key and certificate are PEM, belong together and fit the passphrase.";
  return new TransportError(
    "TIDINGS_TLS_CONFIGURATION",
    `Cannot use the TLS options for ${place}: ${reason}. ${advice}`,
    cause,
  );
}
