/** Writes a configuration that a command has made. */
import { writeFileSync } from "node:fs";
import { ExitCode } from "../exit-codes.js";

/** `-` is stdout. False: it could not be written; stderr says why, and the exit code. What is there already stays. */
export function writeOutput(file: string, text: string): boolean {
  if (file === "-") {
    process.stdout.write(text);
    return true;
  }
  try {
    // Secrets may be added to it.
    writeFileSync(file, text, { flag: "wx", mode: 0o640 });
    return true;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === "EEXIST" ? "it exists already. Choose another name." : message;
    process.stderr.write(`tidings-broker: cannot write ${file}: ${reason}\n`);
    process.exitCode = ExitCode.Failed;
    return false;
  }
}
