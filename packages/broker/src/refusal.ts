/**
 * A refused CONNECT in the terms of its sender: a Reason Code for 5.0, one of five return codes for 3.1 and 3.1.1
 * (3.1.1 section 3.2.2.3), or nothing but the close. What a hook says of a PUBLISH, in the terms of its answer. Why a
 * connection ends, in the terms of DISCONNECT.
 */
import { ConnectReturnCode, type ProtocolVersion, type ReasonCode, ReasonCode as ReasonCodes } from "@tidings/packet";

/** Reason Codes that table 3-1 of 5.0 allows in CONNACK, from 0x80 on. */
const CONNACK_CODES: ReadonlySet<number> = new Set([
  0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b, 0x9c,
  0x9d, 0x9f,
]);

/** Reason Codes that table 3-10 of 5.0 allows in a server's DISCONNECT. */
const DISCONNECT_CODES: ReadonlySet<number> = new Set([
  0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
  0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
]);

/** What to put into CONNACK; undefined: close without one. */
export function refusalOf(version: ProtocolVersion, reasonCode: ReasonCode): number | undefined {
  if (version === 5) {
    if (reasonCode === ReasonCodes.ServerShuttingDown) return ReasonCodes.ServerUnavailable;
    return CONNACK_CODES.has(reasonCode) ? reasonCode : ReasonCodes.UnspecifiedError;
  }
  switch (reasonCode) {
    case ReasonCodes.UnsupportedProtocolVersion:
      return ConnectReturnCode.UnacceptableProtocolVersion; // 3.1.1 [MQTT-3.1.2-2]
    case ReasonCodes.ClientIdentifierNotValid:
      return ConnectReturnCode.IdentifierRejected; // 3.1.1 [MQTT-3.1.3-9]
    case ReasonCodes.BadUserNameOrPassword:
      return ConnectReturnCode.BadUserNameOrPassword;
    case ReasonCodes.NotAuthorized:
    case ReasonCodes.Banned:
    case ReasonCodes.BadAuthenticationMethod:
      return ConnectReturnCode.NotAuthorized;
    case ReasonCodes.ServerUnavailable:
    case ReasonCodes.ServerBusy:
    case ReasonCodes.ServerShuttingDown:
    case ReasonCodes.QuotaExceeded:
    case ReasonCodes.UseAnotherServer:
    case ReasonCodes.ServerMoved:
    case ReasonCodes.ConnectionRateExceeded:
      return ConnectReturnCode.ServerUnavailable;
    default:
      return undefined; // malformed: just close, 3.1.1 [MQTT-3.1.4-1]
  }
}

/** Reason Codes from 0x80 on that PUBACK and PUBREC may carry: tables 3-4 and 3-5 of 5.0. */
const PUBLISH_ANSWER_CODES: ReadonlySet<number> = new Set([0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]);

/** What PUBACK or PUBREC says for a code of the embedder's [MQTT-3.4.2-1] [MQTT-3.5.2-1]. */
export function publishAnswerOf(reasonCode: ReasonCode): ReasonCode {
  if (reasonCode < 0x80) {
    return reasonCode === ReasonCodes.NoMatchingSubscribers ? reasonCode : ReasonCodes.Success;
  }
  return PUBLISH_ANSWER_CODES.has(reasonCode) ? reasonCode : ReasonCodes.UnspecifiedError;
}

/** What to put into a DISCONNECT to a 5.0 client [MQTT-3.14.2-1]. */
export function farewellOf(reasonCode: ReasonCode): ReasonCode {
  if (DISCONNECT_CODES.has(reasonCode)) return reasonCode;
  switch (reasonCode) {
    case ReasonCodes.BadUserNameOrPassword:
    case ReasonCodes.Banned:
    case ReasonCodes.BadAuthenticationMethod:
      return ReasonCodes.NotAuthorized;
    case ReasonCodes.ServerUnavailable:
      return ReasonCodes.ServerBusy;
    default:
      return ReasonCodes.UnspecifiedError;
  }
}
