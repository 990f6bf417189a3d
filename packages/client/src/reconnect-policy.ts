/** When to try again, and when to stop. */
import { ReasonCode } from "@tidings/packet";
import type { ReconnectOptions } from "./connect-options.js";
import type { ClientError } from "./core/client-error.js";

const MIN_DELAY_MS_DEFAULT = 1_000;
const MAX_DELAY_MS_DEFAULT = 30_000;

/** CONNACK: the same CONNECT would be refused again. */
const FATAL_REFUSALS: ReadonlySet<number> = new Set<number>([
  // 3.1 and 3.1.1
  0x01,
  0x02,
  0x04,
  0x05,
  // 5.0
  ReasonCode.MalformedPacket,
  ReasonCode.ProtocolError,
  ReasonCode.UnsupportedProtocolVersion,
  ReasonCode.ClientIdentifierNotValid,
  ReasonCode.BadUserNameOrPassword,
  ReasonCode.NotAuthorized,
  ReasonCode.Banned,
  ReasonCode.BadAuthenticationMethod,
  ReasonCode.TopicNameInvalid,
  ReasonCode.PacketTooLarge,
  ReasonCode.PayloadFormatInvalid,
  ReasonCode.RetainNotSupported,
  ReasonCode.QoSNotSupported,
  ReasonCode.ServerMoved,
]);

/** DISCONNECT: coming back would do harm, or lead nowhere. */
const FATAL_DISCONNECTS: ReadonlySet<number> = new Set<number>([ReasonCode.SessionTakenOver, ReasonCode.ServerMoved]);

/** The default of `reconnect.isFatal`. */
export function isFatal({ code, reasonCode = 0 }: ClientError): boolean {
  switch (code) {
    case "TIDINGS_CLIENT_CONNECT_REFUSED":
      return FATAL_REFUSALS.has(reasonCode);
    case "TIDINGS_CLIENT_DISCONNECTED":
      return FATAL_DISCONNECTS.has(reasonCode);
    case "TIDINGS_CLIENT_INVALID_ARGUMENT":
    case "TIDINGS_CLIENT_AUTHENTICATION_FAILED":
    case "TIDINGS_CLIENT_STORE_FAILED":
      return true;
    default:
      return false;
  }
}

/** Milliseconds until attempt 1, 2, …: exponential with full jitter. `random` is from 0 to 1. */
export function reconnectDelayMs(options: ReconnectOptions, attempt: number, random: number): number {
  if (options.delay !== undefined) return Math.max(0, options.delay(attempt));
  const { minDelayMs = MIN_DELAY_MS_DEFAULT, maxDelayMs = MAX_DELAY_MS_DEFAULT } = options;
  const ceilingMs = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(random * ceilingMs);
}
