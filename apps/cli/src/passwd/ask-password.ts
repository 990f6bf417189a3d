/** Asks for a password on the terminal, without showing it. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { ExitCode } from "../exit-code.js";
import { Failure } from "../failure.js";
import type { Terminal } from "../terminal.js";

const PROMPTS = [(user: string): string => `Password for ${user}: `, (): string => "Once more: "];

/** As many times on a terminal; otherwise the first line of stdin. Ctrl-C ends the command. */
export async function askPassword(user: string, terminal: Terminal, times: 1 | 2): Promise<string> {
  const isTyped = process.stdin.isTTY === true;
  // What is typed is echoed to nowhere, from before the first prompt to behind the last.
  const output = isTyped ? new Writable({ write: (_chunk, _encoding, done) => done() }) : undefined;
  const lines = createInterface({ input: process.stdin, output, terminal: isTyped });
  lines.once("SIGINT", () => {
    terminal.end(ExitCode.Interrupted);
    lines.close();
  });
  const answers = lines[Symbol.asyncIterator]();
  const passwords: string[] = [];
  try {
    for (const prompt of PROMPTS.slice(0, isTyped ? times : 1)) {
      if (isTyped) process.stderr.write(prompt(user));
      const { value, done } = await answers.next();
      if (isTyped) process.stderr.write("\n");
      if (done) throw new Failure("No password was given.");
      passwords.push(value);
    }
  } finally {
    lines.close();
  }
  if (passwords.some((password) => password !== passwords[0])) {
    throw new Failure("The two passwords are not the same.");
  }
  return passwords[0];
}
