/** Reason Codes in words, for error messages. */
import { ReasonCode } from "@tidings/packet";

const NAMES = new Map<number, string>();
for (const [name, code] of Object.entries(ReasonCode)) {
  if (code >= 0x80) NAMES.set(code, name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase());
}

const RETURN_CODES = [
  "accepted",
  "unacceptable protocol version",
  "identifier rejected",
  "server unavailable",
  "bad user name or password",
  "not authorized",
];

/** `not authorized (0x87)`, with the Reason String behind it when the server gave one. */
export function reasonText(reasonCode: number, reasonString?: string): string {
  const name = NAMES.get(reasonCode) ?? RETURN_CODES[reasonCode] ?? "reason";
  const text = `${name} (0x${reasonCode.toString(16).padStart(2, "0")})`;
  return reasonString === undefined ? text : `${text}: ${reasonString}`;
}
