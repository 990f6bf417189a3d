/** The examples of the README print what it says. */
import { readFileSync } from "node:fs";
import * as broker from "@tidings/broker/node";
import { expect, test } from "vitest";
import * as metrics from "./index.js";
import * as telemetry from "./open-telemetry/index.js";

const page = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;

test.each(examples)("the README prints what it says: %s", async (code) => {
  const printed: string[] = [];
  const body = code.replace(/import (\{[^}]*\}) from "[^"]*";/g, "const $1 = modules;");
  const run = new AsyncFunction("modules", "console", body);
  await run({ ...broker, ...metrics, ...telemetry }, { log: (...values: unknown[]) => printed.push(values.join(" ")) });
  expect(printed).toEqual([...code.matchAll(/\/\/ prints: (.*)/g)].map(([, line]) => line));
});
