/** Errors as mosquitto's tools report them: lines on stderr and an exit code. */
import { type CodedError, isClientError } from "../connection/client-failure.js";
import { Failure } from "../failure.js";
import { MessageFileFailure } from "../payload/read-message-source.js";
import { reasonText } from "../reason-text.js";
import { systemError } from "../system-reason.js";
import type { MosquittoTool } from "./mosquitto-command.js";

export interface MosquittoFailure {
  readonly lines: readonly string[];
  readonly exitCode: number;
}

/** Where their wording differs from the standard's names. */
const REASONS: Readonly<Record<number, string>> = {
  134: "Bad username or password",
};

const RETURN_CODES = [
  "Connection Accepted.",
  "Connection Refused: unacceptable protocol version.",
  "Connection Refused: identifier rejected.",
  "Connection Refused: broker unavailable.",
  "Connection Refused: bad user name or password.",
  "Connection Refused: not authorised.",
];

/** What C's `strerror` says. */
const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Connection refused",
  ECONNRESET: "Connection reset by peer",
  EHOSTUNREACH: "No route to host",
  ENETUNREACH: "Network is unreachable",
  ETIMEDOUT: "Connection timed out",
  ENOENT: "No such file or directory",
  EACCES: "Permission denied",
  EADDRNOTAVAIL: "Cannot assign requested address",
};

const CONNECTION_LOST = 7;
const TLS_ERROR = 8;

/** stdin was to be the message and was empty. */
export class EmptyInputFailure extends Failure {}

/** Undefined: the error is ours. */
export function mosquittoFailure(error: unknown, tool: MosquittoTool): MosquittoFailure | undefined {
  if (error instanceof MessageFileFailure) {
    const lines = [`Error: Unable to open file "${error.path}".`, `Error loading input file "${error.path}".`];
    return { lines, exitCode: 1 };
  }
  if (error instanceof EmptyInputFailure) {
    return { lines: ["Error: Zero length input.", "Error loading input from stdin."], exitCode: 1 };
  }
  if (error instanceof Failure) return { lines: [`Error: ${error.message}`], exitCode: 1 };
  if (!isClientError(error)) return undefined;
  const { code, reasonCode } = error;
  if (code === "TIDINGS_CLIENT_CONNECT_REFUSED" && reasonCode !== undefined) return refused(reasonCode, tool);
  const system = systemError(error);
  if (system?.code === "ENOTFOUND" || system?.code === "EAI_AGAIN") {
    return { lines: ["Unable to connect (Lookup error.)."], exitCode: 1 };
  }
  if (system?.code !== undefined && Object.hasOwn(SYSTEM_ERRORS, system.code)) {
    return { lines: [`Error: ${SYSTEM_ERRORS[system.code]}`], exitCode: 1 };
  }
  if (isTlsError(error)) return { lines: ["Error: A TLS error occurred."], exitCode: TLS_ERROR };
  return { lines: ["Error: The connection was lost."], exitCode: CONNECTION_LOST };
}

function refused(reasonCode: number, tool: MosquittoTool): MosquittoFailure {
  const isV5 = reasonCode >= 0x80;
  const reason = isV5
    ? mosquittoReason(reasonCode)
    : (RETURN_CODES[reasonCode] ?? "Connection Refused: unknown reason.");
  const lines = [`Connection error: ${reason}`];
  if (tool === "mosquitto_pub") {
    lines.push(
      isV5
        ? "Error: A network protocol error occurred when communicating with the broker."
        : "Error: The connection was refused.",
    );
  }
  return { lines, exitCode: reasonCode };
}

/** Of MQTT 5.0. */
export function mosquittoReason(reasonCode: number): string {
  return REASONS[reasonCode] ?? reasonText(reasonCode);
}

function isTlsError(error: CodedError): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (/ssl|tls|certificate|CERT/i.test(`${(cause as CodedError).code} ${cause.message}`)) return true;
  }
  return false;
}
