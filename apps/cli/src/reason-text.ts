/** Reason Codes in words, from their names in the standard: 0x87 is "Not authorized". */
import { ReasonCode } from "@tidings/packet";

const NAMES = new Map<number, string>();
for (const [name, code] of Object.entries(ReasonCode)) {
  // 0x00 has several names; the first is the general one.
  if (!NAMES.has(code)) NAMES.set(code, name);
}

/** Names whose words are not cut at their capitals. */
const SPELLINGS: Readonly<Record<string, string>> = {
  BadUserNameOrPassword: "Bad User Name or Password",
  QoSNotSupported: "QoS not supported",
  ReAuthenticate: "Re-authenticate",
};

const RETURN_CODES = [
  "Connection accepted",
  "unacceptable protocol version",
  "identifier rejected",
  "server unavailable",
  "bad user name or password",
  "not authorized",
];

/** For 3.1 and 3.1.1 the CONNACK has return codes of its own. */
export function reasonText(code: number, version: 3 | 4 | 5 = 5): string {
  if (version < 5 && code < RETURN_CODES.length) return RETURN_CODES[code];
  const name = NAMES.get(code);
  if (name === undefined) return "unknown reason";
  if (Object.hasOwn(SPELLINGS, name)) return SPELLINGS[name];
  const [first, ...rest] = name.match(/[A-Z][a-z]+/g) ?? [name];
  return [first, ...rest.map((word) => word.toLowerCase())].join(" ");
}

/** As the standard writes it: 0x87. */
export function reasonHex(code: number): string {
  return `0x${code.toString(16).toUpperCase().padStart(2, "0")}`;
}

/** "Not authorized (0x87)", and what the server added. */
export function describeReason(code: number, reasonString?: string, version: 3 | 4 | 5 = 5): string {
  return `${reasonText(code, version)} (${reasonHex(code)})${reasonString ? `: ${reasonString}` : ""}`;
}
