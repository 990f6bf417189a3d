/** A program on a terminal of its own, as `script` of util-linux makes one. */
import { Started, type StartOptions } from "./processes.js";

export class StartedOnTerminal extends Started {
  /** As on the keyboard; Enter is "\r". */
  type(keys: string): void {
    this.child.stdin?.write(keys);
  }

  /** What came since the last call: stdout and stderr, with every escape sequence. */
  take(): string {
    const stdout = Buffer.from(this.stdout, "latin1").toString();
    const news = stdout.slice(this.taken);
    this.taken = stdout.length;
    return visible(news);
  }

  private taken = 0;
}

/** Escape is shown as ␛. */
export function visible(output: string): string {
  return output.replaceAll("\x1b", "␛");
}

/** 80 columns, 24 rows. Colours depend on the environment: here nothing speaks against them. */
export function startOnTerminal(words: readonly string[], { env }: Pick<StartOptions, "env"> = {}): StartedOnTerminal {
  const line = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  return new StartedOnTerminal("script", ["-qefc", `stty cols 80 rows 24; exec ${line}`, "/dev/null"], {
    keepInput: true,
    env: { TERM: "xterm-256color", NO_COLOR: undefined, FORCE_COLOR: undefined, SHELL: "/bin/sh", ...env },
  });
}
