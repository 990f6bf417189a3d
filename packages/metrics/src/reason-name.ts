import { ReasonCode } from "@tidings/packet";

const NAMES = new Map<number, string>(Object.entries(ReasonCode).map(([name, code]) => [code, snakeCase(name)]));
NAMES.set(ReasonCode.NormalDisconnection, "normal");

/** "not_authorized" for 0x87: the standard's name (5.0 section 2.4) as a label. A code it does not have stays a number. */
export function reasonName(reasonCode: number): string {
  return NAMES.get(reasonCode) ?? `0x${reasonCode.toString(16)}`;
}

function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase();
}
