/** The examples of the README print what it says. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as broker from "@tidings/broker/node";
import { expect, test } from "vitest";
import * as store from "./index.js";
import * as testing from "./testing/index.js";

const page = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
const modules = { ...broker, ...store, ...testing };

test.each(examples)("the README prints what it says: %s", async (code) => {
  const directory = mkdtempSync(join(tmpdir(), "tidings-test-"));
  const printed: string[] = [];
  const body = code.replace(/import (\{[^}]*\}) from "[^"]*";/g, "const $1 = modules;").replace('"state"', "directory");
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  const run = new AsyncFunction("modules", "directory", "console", body);
  await run(modules, directory, { log: (...values: unknown[]) => printed.push(values.join(" ")) });
  expect(printed).toEqual([...code.matchAll(/\/\/ prints: (.*)/g)].map(([, line]) => line));
  rmSync(directory, { recursive: true });
});
