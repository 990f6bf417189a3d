/** Directories for tests, removed at the end of the test file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Makes directories; `afterAll` is that of the test runner. */
export function temporaryDirectories(afterAll: (task: () => void) => void): () => string {
  const directories: string[] = [];
  afterAll(() => {
    for (const directory of directories) rmSync(directory, { recursive: true, force: true });
  });
  return () => {
    const directory = mkdtempSync(join(tmpdir(), "tidings-test-"));
    directories.push(directory);
    return directory;
  };
}
