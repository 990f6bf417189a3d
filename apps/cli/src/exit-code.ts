/** How `tidings` ends, for scripts. In mosquitto's mode the codes are mosquitto's; see `compat/`. */
export const ExitCode = {
  Success: 0,
  /** Something else went wrong: a file, a payload; or `check` and `bench` found what they look for. */
  Failure: 1,
  /** The command line is wrong. */
  Usage: 2,
  /** No connection, or it was lost for good. */
  Connection: 3,
  /** The server refused the connection (CONNACK). */
  Refused: 4,
  /** The server refused a publish, a subscription or an unsubscription. */
  RequestRefused: 5,
  /** `-W` ran out, or no response came. The same number as mosquitto's. */
  TimedOut: 27,
  Interrupted: 130,
  /** Who reads our output has gone: what a shell shows for SIGPIPE. */
  BrokenPipe: 141,
  Terminated: 143,
} as const;
export type ExitCode = number;
