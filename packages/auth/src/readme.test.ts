/** The examples of the README print what it says. */
import { readFileSync } from "node:fs";
import * as broker from "@tidings/broker/node";
import * as client from "@tidings/client";
import { expect, test } from "vitest";
import * as auth from "./index.js";

const page = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);
const modules = { ...broker, ...client, ...auth };

test.each(examples)("the README prints what it says: %s", async (code) => {
  const printed: string[] = [];
  const body = code.replace(/import (\{[^}]*\}) from "[^"]*";/g, "const $1 = modules;");
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  await new AsyncFunction("modules", "console", body)(modules, {
    log: (...values: unknown[]) => printed.push(values.join(" ")),
  });
  expect(printed).toEqual([...code.matchAll(/\/\/ prints: (.*)/g)].map(([, line]) => line));
});
