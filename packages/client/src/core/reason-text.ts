/** Reason Codes in words, for error messages. */
import { ReasonCode } from "@tidings/packet";

const NAMES = new Map<number, string>();
for (const [name, code] of Object.entries(ReasonCode)) {
  if (code >= 0x80) NAMES.set(code, name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase());
}

/** Return codes 1 to 5 of 3.1 and 3.1.1 as the Reason Codes of 5.0 that mean the same. */
const RETURN_CODES = [0, 0x84, 0x85, 0x88, 0x86, 0x87];

/** `not authorized (0x87)`, with the Reason String behind it when the server gave one. */
export function reasonText(reasonCode: number, reasonString?: string): string {
  const name = NAMES.get(RETURN_CODES[reasonCode] ?? reasonCode) ?? "reason";
  const text = `${name} (0x${reasonCode.toString(16).padStart(2, "0")})`;
  return reasonString === undefined ? text : `${text}: ${reasonString}`;
}
