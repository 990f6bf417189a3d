/** The example of the README does what it says. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltProgram, buildProgram } from "./build-program.js";
import { endProcesses, start } from "./processes.js";
import { closeBrokers, startTidings } from "./tidings-broker.js";

let program: BuiltProgram;

beforeAll(async () => {
  program = await buildProgram();
});

afterAll(async () => {
  await endProcesses();
  await closeBrokers();
  program.remove();
});

test("the example prints what it says", async () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [, script, expected] = /<!-- tested -->\n```sh\n(.*?)```.*?```text\n(.*?)```/s.exec(readme) as RegExpExecArray;
  const url = `mqtt://127.0.0.1:${await startTidings()}`;
  const tidings = `tidings() { '${process.execPath}' '${program.path}' "$@"; }\n`;
  const shell = start("bash", ["-e", "-c", tidings + script], { env: { TIDINGS_URL: url } });
  expect(await shell.ended).toEqual({ stdout: expected, stderr: "", code: 0 });
});
