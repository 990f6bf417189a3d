/** Errors as programs of MQTT.js test them: by a numeric `code` from the server, or by the code of the socket's error. */
import { ClientError } from "@tidings/client";
import type { ISubackPacket } from "./packets.js";
import { ReasonCodes } from "./reason-codes.js";

/** The server said no. `cause` is the `ClientError` of the client. */
export class ErrorWithReasonCode extends Error {
  /** The Reason Code, or the return code of 3.1 and 3.1.1. */
  code: number;

  constructor(message: string, code: number, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.name = "ErrorWithReasonCode";
  }
}

/** The server refused a filter. */
export class ErrorWithSubackPacket extends Error {
  packet: ISubackPacket;
  /** The first refusal in `packet.granted`. */
  code: number | undefined;

  constructor(message: string, packet: ISubackPacket, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "ErrorWithSubackPacket";
    this.packet = packet;
    this.code = packet.granted.find((code) => code >= 0x80);
  }
}

const WHAT_FAILED: Readonly<Record<string, string>> = {
  TIDINGS_CLIENT_CONNECT_REFUSED: "Connection refused",
  TIDINGS_CLIENT_PUBLISH_REFUSED: "Publish error",
  TIDINGS_CLIENT_UNSUBSCRIBE_REFUSED: "Unsubscribe error",
};

/** The client's error in MQTT.js's form. `code` is a number, or a text such as `ECONNREFUSED` or `TIDINGS_CLIENT_…`. */
export function shownError(cause: unknown): Error & { code?: number | string } {
  if (!(cause instanceof ClientError)) return cause instanceof Error ? cause : new Error(String(cause));
  const { code, reasonCode } = cause;
  const what = WHAT_FAILED[code];
  if (what !== undefined && reasonCode !== undefined) {
    return new ErrorWithReasonCode(`${what}: ${ReasonCodes[reasonCode] ?? reasonCode}`, reasonCode, { cause });
  }
  if (code === "TIDINGS_CLIENT_AUTHENTICATION_FAILED" && cause.cause instanceof Error) return cause.cause;
  if (code === "TIDINGS_CLIENT_KEEP_ALIVE_TIMEOUT") return withCode("Keepalive timeout", code, cause);
  if (code === "TIDINGS_CLIENT_CONNECT_TIMEOUT") return withCode("connack timeout", code, cause);
  if (code === "TIDINGS_CLIENT_CLOSED") return withCode("Connection closed", code, cause);
  return withCode(cause.message, systemCode(cause) ?? code, cause);
}

function withCode(message: string, code: string, cause: Error): Error & { code: string } {
  return Object.assign(new Error(message, { cause }), { code });
}

/** `ECONNREFUSED`, `ERR_TLS_…` and the like, from the error that began it. */
function systemCode(error: Error): string | undefined {
  let found: string | undefined;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === "string" && !code.startsWith("TIDINGS_")) found = code;
  }
  return found;
}
