/** An end that the user can do something about: one line, an exit code, never a stack. */
import { ExitCode } from "./exit-code.js";

export class Failure extends Error {
  readonly exitCode: number;

  /** `message` is one line: what happened, where, what to do. */
  constructor(message: string, exitCode: number = ExitCode.Failure) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** For a wrong command line. */
export function usage(message: string): Failure {
  return new Failure(message, ExitCode.Usage);
}
