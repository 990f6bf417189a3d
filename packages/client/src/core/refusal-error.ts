/** The error for a Reason Code of the server, with the code in words. */
import { ReasonCode } from "@tidings/packet";
import { ClientError, type ClientErrorCode } from "./client-error.js";

const NAMES = new Map<number, string>();
for (const [name, code] of Object.entries(ReasonCode)) {
  if (code >= 0x80) NAMES.set(code, name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase());
}

/** Return codes 1 to 5 of 3.1 and 3.1.1 as the Reason Codes of 5.0 that mean the same. */
const RETURN_CODES = [0, 0x84, 0x85, 0x88, 0x86, 0x87];

/** What the server may have said beside it. */
interface RefusalProperties {
  readonly reasonString?: string;
  readonly serverReference?: string;
}

/** `The server <what>: not authorized (0x87).`, with the Reason String behind it when the server gave one. */
export function refusalError(
  code: ClientErrorCode,
  what: string,
  reasonCode: number,
  properties: RefusalProperties | undefined,
): ClientError {
  const { reasonString, serverReference } = properties ?? {};
  const name = NAMES.get(RETURN_CODES[reasonCode] ?? reasonCode) ?? "reason";
  const said = reasonString === undefined ? "" : `: ${reasonString}`;
  const message = `The server ${what}: ${name} (0x${reasonCode.toString(16).padStart(2, "0")})${said}.`;
  return new ClientError(code, message, { reasonCode, reasonString, serverReference });
}
