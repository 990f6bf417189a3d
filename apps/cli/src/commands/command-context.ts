/** What the action of a command works with, and how it ends. */
import { clientFailure } from "../connection/client-failure.js";
import { type ConnectionOptions, connectionSettings } from "../connection/connection-options.js";
import { type ConnectionSettings, connectionUrl } from "../connection/connection-settings.js";
import { ExitCode } from "../exit-code.js";
import { Failure } from "../failure.js";
import { type Colors, createColors } from "../output/colors.js";
import type { Terminal } from "../terminal.js";
import { type CommandTrace, silentTrace } from "./command-trace.js";
import { lineTrace } from "./line-trace.js";

export class CommandContext {
  readonly terminal: Terminal;
  /** Of stdout. */
  readonly colors: Colors;
  private settings: ConnectionSettings | undefined;

  constructor(
    terminal: Terminal,
    private readonly options: Partial<ConnectionOptions>,
  ) {
    this.terminal = terminal;
    this.colors = createColors(terminal.isTerminal);
  }

  /** Of the options; throws a usage `Failure` when they do not go together. */
  get connection(): ConnectionSettings {
    this.settings ??= connectionSettings(this.options as ConnectionOptions);
    return this.settings;
  }

  /** `-d`, and always a line when a connection is lost or back. */
  get trace(): CommandTrace {
    const write = (line: string): void => this.complain(line);
    const trace = lineTrace(connectionUrl(this.connection), write);
    return this.options.debug ? trace : { ...silentTrace, lost: trace.lost, reconnected: trace.reconnected };
  }

  complain(line: string): void {
    if (!this.options.quiet) this.terminal.complain(`tidings: ${line}`);
  }

  /** For the message of an error, even of one that came before there were settings. */
  get url(): string {
    return this.settings === undefined ? "" : connectionUrl(this.settings);
  }

  get version(): 3 | 4 | 5 | undefined {
    return this.settings?.protocolVersion;
  }
}

export type CommandAction = (context: CommandContext) => Promise<number | undefined>;

/** Runs the action to its end and says what went wrong in one line. Resolves with the exit code. */
export async function runAction(
  terminal: Terminal,
  options: Partial<ConnectionOptions>,
  action: CommandAction,
): Promise<number> {
  terminal.stopOnSignals();
  const context = new CommandContext(terminal, options);
  try {
    return (await action(context)) ?? terminal.exitCode;
  } catch (error) {
    // What fails because it was stopped is no failure.
    if (terminal.stop.aborted && terminal.exitCode !== ExitCode.Success) return terminal.exitCode;
    const failure = clientFailure(error, context.url, context.version);
    if (!(failure instanceof Failure)) throw failure;
    context.complain(failure.message);
    return failure.exitCode;
  }
}

/** How `program.ts` lets a command run. */
export type RunCommand = (options: Partial<ConnectionOptions>, action: CommandAction) => Promise<void>;
