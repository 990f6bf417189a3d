/** Runs every example as its reader would, and reads what it prints. */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const here = fileURLToPath(new URL(".", import.meta.url));
const repository = fileURLToPath(new URL("..", import.meta.url));

const EXPECTED: Record<string, RegExp> = {
  "own-tcp-server.ts": /^listening on mqtt:\/\/127\.0\.0\.1:\d+\nhello\/tcp: good news\n$/,
  "http-server.ts":
    /^listening on http:\/\/127\.0\.0\.1:(\d+) and ws:\/\/127\.0\.0\.1:\1\/mqtt\nhello\/http: good news\nconnected: \["browser"\]\n$/,
  "in-memory.ts": /^answer: ANY GOOD NEWS\?\n$/,
};

test("each has its expectation here", () => {
  const files = readdirSync(here).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  expect(files.sort()).toEqual(Object.keys(EXPECTED).sort());
});

test.each(Object.entries(EXPECTED))("%s runs, and ends by itself", { timeout: 60_000 }, async (file, expected) => {
  const command = ["--import", "tsx", "--conditions=@tidings/source", `examples/${file}`, "--once"];
  const { stdout, stderr } = await run(process.execPath, command, { cwd: repository });
  expect(stderr).toBe("");
  expect(stdout).toMatch(expected);
});
