/** The error for an `Authenticator` that threw. */
import { ClientError } from "./core/client-error.js";
import { thrownError } from "./thrown-error.js";

export function authenticationError(cause: unknown): ClientError {
  if (cause instanceof ClientError) return cause;
  return thrownError("TIDINGS_CLIENT_AUTHENTICATION_FAILED", "Enhanced authentication failed", cause);
}
