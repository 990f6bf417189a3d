/**
 * The streams of the process, as commands see them: output that waits when the reader is slow, input, and the wish to
 * stop (Ctrl-C, SIGTERM, a reader that has gone), which every command obeys.
 */
import { once } from "node:events";
import { ExitCode } from "./exit-code.js";

export class Terminal {
  /** Aborted when the command shall end; `exitCode` then says with what. */
  readonly stop: AbortSignal;
  private readonly controller = new AbortController();
  private stopCode: number = ExitCode.Success;

  constructor() {
    this.stop = this.controller.signal;
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") process.exitCode = ExitCode.Failure;
      this.end(ExitCode.BrokenPipe);
    });
    process.stderr.on("error", () => {}); // nobody is left who could be told
  }

  /** A second signal ends the process at once. `exitCode` for both: mosquitto's tools end with 0. */
  stopOnSignals(exitCode?: number): void {
    const onSignal = (code: number) => (): void => {
      if (this.stop.aborted) process.exit(code);
      this.end(exitCode ?? code);
    };
    process.on("SIGINT", onSignal(ExitCode.Interrupted));
    process.on("SIGTERM", onSignal(ExitCode.Terminated));
  }

  /** Ends the command early. */
  end(exitCode: number): void {
    if (this.stop.aborted) return;
    this.stopCode = exitCode;
    this.controller.abort();
  }

  /** Of an early end; 0 without one. */
  get exitCode(): number {
    return this.stopCode;
  }

  get isTerminal(): boolean {
    return process.stdout.isTTY === true;
  }

  get rows(): number {
    return process.stdout.rows || 24; // 0: a terminal that does not know
  }

  get columns(): number {
    return process.stdout.columns || 80;
  }

  /** Resolves when the next piece may be written, so that a slow reader slows the source. */
  async write(piece: string | Uint8Array): Promise<void> {
    if (this.stop.aborted || piece.length === 0) return;
    if (process.stdout.write(piece)) return;
    await Promise.race([once(process.stdout, "drain"), this.stopped]).catch(() => {});
  }

  /** Without waiting; for lines of a program that talks about itself. */
  print(text: string): void {
    process.stdout.write(text);
  }

  /** One line on stderr, whatever others put into it. */
  complain(line: string): void {
    process.stderr.write(`${line.trim().replace(/\s*\n\s*/g, " ")}\n`);
  }

  get input(): NodeJS.ReadStream {
    return process.stdin;
  }

  /** Resolves when the command shall end; never before. */
  get stopped(): Promise<void> {
    if (this.stop.aborted) return Promise.resolve();
    return new Promise((resolve) => this.stop.addEventListener("abort", () => resolve(), { once: true }));
  }
}
