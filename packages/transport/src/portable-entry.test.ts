import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("the index imports neither node: nor a dependency, so that it runs in browsers", async () => {
  const seen = new Set<string>();
  const foreign: string[] = [];
  const visit = async (file: string): Promise<void> => {
    if (seen.has(file)) return;
    seen.add(file);
    const source = await readFile(file, "utf8");
    for (const [, specifier] of source.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
      if (specifier.startsWith(".")) await visit(resolve(dirname(file), specifier.replace(/\.js$/, ".ts")));
      else foreign.push(`${file}: ${specifier}`);
    }
  };
  await visit(fileURLToPath(new URL("./index.ts", import.meta.url)));
  expect(seen.size).toBeGreaterThan(3);
  expect(foreign).toEqual([]);
});
