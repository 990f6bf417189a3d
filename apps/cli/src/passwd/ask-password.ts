/** Asks for a password on the terminal, without showing it. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { Failure } from "../failure.js";

/** Twice on a terminal; otherwise the first line of stdin. */
export async function askPassword(user: string): Promise<string> {
  if (!process.stdin.isTTY) return readLine("", false);
  const password = await readLine(`Password for ${user}: `, true);
  if ((await readLine("Once more: ", true)) !== password) throw new Failure("The two passwords are not the same.");
  return password;
}

function readLine(prompt: string, isHidden: boolean): Promise<string> {
  if (isHidden) process.stderr.write(prompt);
  // What is typed is echoed to nowhere.
  const output = isHidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : undefined;
  const lines = createInterface({ input: process.stdin, output, terminal: isHidden });
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    lines.once("line", (line) => {
      isAnswered = true;
      lines.close();
      resolve(line);
    });
    lines.once("SIGINT", () => lines.close());
    lines.once("close", () => {
      if (isHidden) process.stderr.write("\n");
      if (!isAnswered) reject(new Failure("No password was given."));
    });
  });
}
