/** The error for an `AbortSignal` that fired. */
import { ClientError } from "./core/client-error.js";

export function abortError(signal: AbortSignal | undefined): ClientError {
  return new ClientError("TIDINGS_CLIENT_ABORTED", "The wait was aborted.", { cause: signal?.reason });
}
