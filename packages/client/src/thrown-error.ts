/** The error for what the application, the platform or a transport threw. */
import { ClientError, type ClientErrorCode } from "./core/client-error.js";

/** `<what>: <what was thrown, in words>`; `cause` has it all. */
export function thrownError(code: ClientErrorCode, what: string, cause: unknown): ClientError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ClientError(code, `${what}: ${reason}`, { cause });
}
