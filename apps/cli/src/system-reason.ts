/** What the system or OpenSSL says about an error, in a few words: "connection refused", "no such file or directory". */
import { getSystemErrorMap } from "node:util";

/** Certificates that nobody vouches for, by Node's codes. */
const UNTRUSTED = /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)|CERT_UNTRUSTED)/;

/** Other codes of TLS. */
const TLS = /^(ERR_TLS|ERR_SSL|CERT_|INVALID_CA|HOSTNAME_MISMATCH|UNABLE_TO_)/;

/** Codes that come without a number. */
const PLAIN = new Set(["ENOTFOUND", "ECONNRESET"]);

export function systemReason(error: unknown): string {
  const { errno, message, code = "" } = error as NodeJS.ErrnoException;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "the name is not known";
  if (UNTRUSTED.test(code)) {
    return `its certificate is not trusted (${message}): name its authority with --cafile, or verify nothing with --insecure`;
  }
  if (/before secure TLS connection/.test(message)) return "it hung up on TLS: perhaps that port speaks without";
  if (code === "EPROTO" || TLS.test(code)) return withoutOpenSslNoise(message);
  return (errno !== undefined && getSystemErrorMap().get(errno)?.[1]) || withoutOpenSslNoise(message);
}

/** The first error in the chain of causes that the system or OpenSSL gave a code. */
export function systemError(error: unknown): NodeJS.ErrnoException | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause as unknown) {
    const { errno, code = "" } = cause as NodeJS.ErrnoException;
    if (errno !== undefined || PLAIN.has(code) || UNTRUSTED.test(code) || TLS.test(code)) {
      return cause as NodeJS.ErrnoException;
    }
    // Node tries several addresses and gathers what each said.
    if (cause instanceof AggregateError && cause.errors.length > 0) return systemError(cause.errors[0]);
  }
  return undefined;
}

/** `<hex>:error:<hex>:SSL routines:<function>:<reason>:<file>:<line>:…` is the reason alone. On one line. */
export function withoutOpenSslNoise(message: string): string {
  return message
    .replace(/(?:[0-9A-F]+:)?error:[0-9A-F]+:[^:]*:[^:]*:([^:\n]+)[^\n]*/gi, "$1")
    .replace(/\s*\n\s*/g, " ")
    .replace(/ \.$/, ".")
    .trim();
}
