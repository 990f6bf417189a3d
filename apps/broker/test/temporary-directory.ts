/** Directories that are gone when the test file has ended. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const directories: string[] = [];

// Behind `endPrograms`: hooks run in reverse order, and this file is imported first.
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "tidings-broker-"));
  directories.push(directory);
  return directory;
}
