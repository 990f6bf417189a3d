/** The example of the README prints what it says. */
import { readFileSync } from "node:fs";
import * as broker from "@tidings/broker/node";
import { expect, test } from "vitest";
import * as admin from "./index.js";

const page = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;

test.each(examples)("the README prints what it says: %s", async (code) => {
  const printed: string[] = [];
  const body = code.replace(/import (\{[^}]*\}) from "[^"]*";/g, "const $1 = modules;");
  const run = new AsyncFunction("modules", "console", body);
  await run({ ...broker, ...admin }, { log: (...values: unknown[]) => printed.push(values.join(" ")) });
  expect(printed).toEqual([...code.matchAll(/\/\/ prints: (.*)/g)].map(([, line]) => line));
});
