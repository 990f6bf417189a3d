/** `tidings-broker import`: writes a `tidings.yaml` from a mosquitto.conf, and says on stderr what it could not take over. */
import { readFileSync } from "node:fs";
import { writeOutput } from "../config/write-output.js";
import { ExitCode } from "../exit-codes.js";
import type { ImportArguments } from "../parse-arguments.js";
import { readMosquittoLines } from "./mosquitto-lines.js";
import { translateMosquitto } from "./translate-mosquitto.js";

export function importConfiguration({ source, file }: ImportArguments): void {
  try {
    const { yaml, notes } = translateMosquitto(readMosquittoLines(source, (path) => readFileSync(path, "utf8")));
    if (!writeOutput(file, yaml)) return;
    for (const note of notes) process.stderr.write(`${note}\n`);
    if (file !== "-") process.stdout.write(`Wrote ${file}. Next: tidings-broker check --config ${file}\n`);
  } catch (error) {
    process.stderr.write(`tidings-broker: ${(error as Error).message}\n`);
    process.exitCode = ExitCode.Failed;
  }
}
