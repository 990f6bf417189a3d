/** The examples of the README print what it says. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as session from "./index.js";

const page = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/```js\n([\s\S]*?)```/g)]
  .map(([, code]) => code)
  .filter((code) => code.includes("// prints: "));

describe("the README", () => {
  test("has examples that print", () => expect(examples.length).toBeGreaterThanOrEqual(3));

  test.each(examples)("prints what it says: %s", (code) => {
    const printed: string[] = [];
    const body = code.replace(/import (\{[^}]*\}) from "@tidings\/session";/, "const $1 = session;");
    const run = new Function("session", "console", body) as (...values: unknown[]) => void;
    run(session, { log: (...values: unknown[]) => printed.push(values.join(" ")) });
    expect(printed).toEqual([...code.matchAll(/\/\/ prints: (.*)/g)].map(([, line]) => line));
  });
});
