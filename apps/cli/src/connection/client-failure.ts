/** Errors of the client as one line and an exit code. */
import { ExitCode } from "../exit-code.js";
import { Failure } from "../failure.js";
import { describeReason } from "../reason-text.js";
import { systemError, systemReason } from "../system-reason.js";

/** What every `ClientError` has; tested by its code, since it may come from another copy of the package. */
export interface CodedError extends Error {
  readonly code: string;
  readonly reasonCode?: number;
  readonly reasonString?: string;
}

export function isClientError(error: unknown): error is CodedError {
  return error instanceof Error && String((error as CodedError).code).startsWith("TIDINGS_");
}

const EXIT_CODES: Readonly<Record<string, number>> = {
  TIDINGS_CLIENT_INVALID_ARGUMENT: ExitCode.Usage,
  TIDINGS_CLIENT_NOT_SUPPORTED: ExitCode.RequestRefused,
  TIDINGS_CLIENT_PACKET_TOO_LARGE: ExitCode.RequestRefused,
  TIDINGS_CLIENT_CONNECT_REFUSED: ExitCode.Refused,
  TIDINGS_CLIENT_AUTHENTICATION_FAILED: ExitCode.Refused,
  TIDINGS_CLIENT_PUBLISH_REFUSED: ExitCode.RequestRefused,
  TIDINGS_CLIENT_SUBSCRIBE_REFUSED: ExitCode.RequestRefused,
  TIDINGS_CLIENT_UNSUBSCRIBE_REFUSED: ExitCode.RequestRefused,
  TIDINGS_CLIENT_QUEUE_FULL: ExitCode.Failure,
  TIDINGS_CLIENT_MESSAGE_EXPIRED: ExitCode.Failure,
  TIDINGS_CLIENT_HANDLER_FAILED: ExitCode.Failure,
  TIDINGS_CLIENT_REQUEST_TIMEOUT: ExitCode.TimedOut,
};

/** `url` is what was connected to. Other errors come back as they are: they are ours. */
export function clientFailure(error: unknown, url: string, version: 3 | 4 | 5 = 5): unknown {
  if (!isClientError(error)) return error;
  const exitCode = EXIT_CODES[error.code] ?? ExitCode.Connection;
  return new Failure(describe(error, url, version), exitCode);
}

function describe(error: CodedError, url: string, version: 3 | 4 | 5): string {
  switch (error.code) {
    case "TIDINGS_CLIENT_CONNECT_FAILED":
    case "TIDINGS_CONNECT_FAILED": {
      const system = systemError(error);
      return system === undefined ? error.message : `Cannot connect to ${url}: ${systemReason(system)}.`;
    }
    case "TIDINGS_CLIENT_CONNECT_REFUSED":
      if (error.reasonCode === undefined) return error.message;
      return `${url} refused the connection: ${connackReason(error, version)}.`;
  }
  return error.message;
}

/** Return codes of 3.1.1 are below 0x80. */
function connackReason({ reasonCode = 0, reasonString }: CodedError, version: 3 | 4 | 5): string {
  return describeReason(reasonCode, reasonString, reasonCode < 0x80 ? (version < 5 ? version : 4) : 5);
}

/** For a line about a refused request: "Not authorized (0x87)". */
export function refusalReason({ reasonCode, reasonString, message }: CodedError): string {
  return reasonCode === undefined ? message : describeReason(reasonCode, reasonString);
}
