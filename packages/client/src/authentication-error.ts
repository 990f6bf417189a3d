/** The error for an `Authenticator` that threw. */
import { ClientError } from "./core/client-error.js";
import { reasonOf } from "./reason-of.js";

export function authenticationError(cause: unknown): ClientError {
  if (cause instanceof ClientError) return cause;
  const message = `Enhanced authentication failed: ${reasonOf(cause)}`;
  return new ClientError("TIDINGS_CLIENT_AUTHENTICATION_FAILED", message, { cause });
}
