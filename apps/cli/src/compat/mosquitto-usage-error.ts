/** The command line is wrong, in mosquitto's words and with its blank lines. */
import type { MosquittoTool } from "./mosquitto-command.js";

export interface UsageErrorOptions {
  /** Empty lines before the hint. */
  readonly blankLines?: 1 | 2;
  /** False: no hint follows. */
  readonly hint?: boolean;
  /** The help text on stdout as well. */
  readonly help?: boolean;
}

export class MosquittoUsageError extends Error {
  readonly options: UsageErrorOptions;

  constructor(message: string, options: UsageErrorOptions = {}) {
    super(message);
    this.options = options;
  }

  /** What goes to stderr. */
  text(tool: MosquittoTool): string {
    const { blankLines = 1, hint = true } = this.options;
    return `${this.message}\n${hint ? `${"\n".repeat(blankLines)}Use '${tool} --help' to see usage.\n` : ""}`;
  }
}

/** While words are read, two empty lines precede the hint. */
export function wordError(message: string): MosquittoUsageError {
  return new MosquittoUsageError(message, { blankLines: 2 });
}
