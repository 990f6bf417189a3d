/** Directories for tests, removed when the process of the tests ends. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const directories: string[] = [];

export function temporaryDirectory(): string {
  if (directories.length === 0) {
    process.on("exit", () => {
      for (const directory of directories) rmSync(directory, { recursive: true, force: true });
    });
  }
  const directory = mkdtempSync(join(tmpdir(), "tidings-store-"));
  directories.push(directory);
  return directory;
}
