import { ClientError } from "./core/client-error.js";

/** `close` was called. */
export function closedError(): ClientError {
  return new ClientError("TIDINGS_CLIENT_CLOSED", "The client was closed.");
}
