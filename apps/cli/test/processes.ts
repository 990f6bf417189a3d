/** Programs that a test runs: their output byte by byte, their end, and the promise that none outlives the test file. */
import { type ChildProcess, spawn } from "node:child_process";

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  /** Null when a signal ended it. */
  readonly code: number | null;
}

export interface StartOptions {
  readonly input?: string | Uint8Array;
  /** Leaves stdin open. */
  readonly keepInput?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

const running = new Set<Started>();

export class Started {
  readonly child: ChildProcess;
  /** Resolves when it has ended and all its output is here. */
  readonly ended: Promise<Ended>;
  stderr = "";
  private readonly chunks: Buffer[] = [];
  private readonly watchers = new Set<() => void>();

  constructor(command: string, args: readonly string[], { input = "", keepInput, env }: StartOptions = {}) {
    const child = spawn(command, args, { env: { ...process.env, HOME: "/nonexistent", TZ: "UTC", ...env } });
    this.child = child;
    child.stdin.on("error", () => {}); // it has ended before it read everything
    if (input.length > 0) child.stdin.write(input);
    if (!keepInput) child.stdin.end();
    child.stdout.on("data", (chunk) => {
      this.chunks.push(chunk);
      this.changed();
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      this.stderr += text;
      this.changed();
    });
    running.add(this);
    this.ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => {
        running.delete(this);
        this.changed();
        resolve({ stdout: this.stdout, stderr: this.stderr, code });
      });
    });
  }

  /** Bytes as Latin-1, so that nothing is lost. */
  get stdout(): string {
    return Buffer.concat(this.chunks).toString("latin1");
  }

  /** Resolves when stdout or stderr has the text; rejects when it ends without. */
  says(text: string | RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const all = this.stdout + this.stderr;
        const isThere = typeof text === "string" ? all.includes(text) : text.test(all);
        const isOver = this.child.exitCode !== null || this.child.signalCode !== null;
        if (!isThere && !isOver) return;
        this.watchers.delete(look);
        if (isThere) resolve(all);
        else reject(new Error(`ended with ${this.child.exitCode} before it said ${text}: ${all}`));
      };
      this.watchers.add(look);
      look();
    });
  }

  private changed(): void {
    for (const look of [...this.watchers]) look();
  }
}

export function start(command: string, args: readonly string[], options?: StartOptions): Started {
  return new Started(command, args, options);
}

/** For `afterAll`. */
export async function endProcesses(): Promise<void> {
  const processes = [...running];
  for (const { child } of processes) child.kill("SIGKILL");
  await Promise.all(processes.map(({ ended }) => ended.catch(() => {})));
}
