/** `tidings-broker init`: writes the starter file, and never over something. */

import { STARTER_FILE } from "./starter-file.js";
import { writeOutput } from "./write-output.js";

export function initConfiguration(file: string): void {
  if (!writeOutput(file, STARTER_FILE) || file === "-") return;
  process.stdout.write(`Wrote ${file}. Next: tidings-broker --config ${file}\n`);
}
