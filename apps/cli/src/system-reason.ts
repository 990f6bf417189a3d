/** What the system says about an error, in a few words: "connection refused", "no such file or directory". */
import { getSystemErrorMap } from "node:util";

export function systemReason(error: unknown): string {
  const { errno, message, code } = error as NodeJS.ErrnoException;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "the name is not known";
  return (errno !== undefined && getSystemErrorMap().get(errno)?.[1]) || message;
}

/** The first error in the chain of causes that the system gave a code. */
export function systemError(error: unknown): NodeJS.ErrnoException | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause as unknown) {
    const { errno, code } = cause as NodeJS.ErrnoException;
    if (errno !== undefined || code === "ENOTFOUND" || code?.startsWith("ERR_TLS") || code?.startsWith("CERT_")) {
      return cause as NodeJS.ErrnoException;
    }
    // Node tries several addresses and gathers what each said.
    if (cause instanceof AggregateError && cause.errors.length > 0) return systemError(cause.errors[0]);
  }
  return undefined;
}
