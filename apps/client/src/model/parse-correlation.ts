/** Correlation Data as people type it: text, or bytes in hex after `0x`. */
import { parseHex } from "./parse-payload.js";

export function parseCorrelation(typed: string): Uint8Array {
  if (/^0x/i.test(typed)) return parseHex(typed, "correlationData");
  return new TextEncoder().encode(typed);
}
