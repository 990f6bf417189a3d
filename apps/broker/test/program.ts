/** A program run by a test: its output line by line, its end, and the promise that it does not outlive the test file. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Journal } from "./journal.js";

export const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));

export interface Exit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const running = new Set<Program>();

export class Program {
  /** Of stdout. */
  readonly lines = new Journal<string>();
  stderr = "";
  /** Resolves when it has ended and all its output is here. */
  readonly exit: Promise<Exit>;
  private readonly child: ChildProcess;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const child = spawn(command, args, { cwd: REPOSITORY, env: { ...process.env, ...env } });
    this.child = child;
    createInterface({ input: child.stdout }).on("line", (line) => this.lines.add(line));
    child.stderr.setEncoding("utf8").on("data", (text) => {
      this.stderr += text;
    });
    child.stdin.on("error", () => {}); // it has ended before it read everything; its exit tells
    running.add(this);
    this.exit = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => {
        running.delete(this);
        resolve({ code, signal });
      });
    });
  }

  /** Writes to its stdin. */
  write(bytes: string | Uint8Array): void {
    this.child.stdin?.write(bytes);
  }

  endInput(bytes: string | Uint8Array = ""): void {
    this.child.stdin?.end(bytes);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** The first line that contains `text`; rejects when the program ends without it. */
  line(text: string): Promise<string> {
    const found = this.lines.until(`the line "${text}"`, (lines) => lines.find((line) => line.includes(text)));
    const ended = this.exit.then(({ code }) => {
      const line = this.lines.entries.find((entry) => entry.includes(text));
      if (line !== undefined) return line;
      throw new Error(`ended with code ${code} before the line "${text}": ${this.stderr}`);
    });
    found.catch(() => {});
    ended.catch(() => {});
    return Promise.race([found, ended]);
  }

  /** Waits for a good end. */
  async succeeds(): Promise<void> {
    const { code, signal } = await this.exit;
    if (code !== 0) throw new Error(`ended with ${signal ?? `code ${code}`}: ${this.stderr}`);
  }
}

/** For `afterAll`. */
export async function endPrograms(): Promise<void> {
  const programs = [...running];
  for (const program of programs) program.signal("SIGKILL");
  await Promise.all(programs.map(({ exit }) => exit));
}
