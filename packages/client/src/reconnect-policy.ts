/** When to try again, and when to stop. */
import type { ReconnectOptions } from "./connect-options.js";
import type { ClientError } from "./core/client-error.js";

const MIN_DELAY_MS_DEFAULT = 1_000;
const MAX_DELAY_MS_DEFAULT = 30_000;

/**
 * CONNACK: the same CONNECT would be refused again. Of 3.1 and 3.1.1: protocol version, identifier, credentials, not
 * authorized. Of 5.0: malformed, Protocol Error, version, identifier, credentials, not authorized, banned, authentication
 * method, Will Topic, packet too large, payload format, retain, QoS, server moved.
 */
const FATAL_REFUSALS = [1, 2, 4, 5, 0x81, 0x82, 0x84, 0x85, 0x86, 0x87, 0x8a, 0x8c, 0x90, 0x95, 0x99, 0x9a, 0x9b, 0x9d];

/** DISCONNECT: coming back would do harm (session taken over), or lead nowhere (server moved). */
const FATAL_DISCONNECTS = [0x8e, 0x9d];

/** The default of `reconnect.isFatal`. */
export function isFatal({ code, reasonCode = 0 }: ClientError): boolean {
  switch (code) {
    case "TIDINGS_CLIENT_CONNECT_REFUSED":
      return FATAL_REFUSALS.includes(reasonCode);
    case "TIDINGS_CLIENT_DISCONNECTED":
      return FATAL_DISCONNECTS.includes(reasonCode);
    case "TIDINGS_CLIENT_INVALID_ARGUMENT":
    case "TIDINGS_CLIENT_NOT_SUPPORTED":
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
