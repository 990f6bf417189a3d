/** The README's examples do what they say. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as packet from "./index.js";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const examples = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map((match) => match[1]);

it("has examples", () => {
  expect(examples.length).toBe(3);
});

examples.forEach((example, index) => {
  it(`example ${index + 1} prints what its comments say`, () => {
    const printed: string[] = [];
    const code = example.replace(/import (\{.*?\}) from "@tidings\/packet";/, "const $1 = packet;");
    const log = { log: (...values: unknown[]) => printed.push(values.join(" ")) };
    new Function("packet", "console", code)(packet, log);
    expect(printed).toEqual([...example.matchAll(/^\/\/ prints: (.*)$/gm)].map((match) => match[1]));
  });
});
