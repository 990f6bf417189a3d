import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BROKER_LIMITS_DEFAULT, Broker } from "../packages/broker/src/index.js";

const page = readFileSync(new URL("../docs/limits.md", import.meta.url), "utf8");

test("docs/limits.md names every limit with its default", () => {
  for (const [name, value] of Object.entries(BROKER_LIMITS_DEFAULT)) {
    const row = page.split("\n").find((line) => line.startsWith(`| \`${name}\` |`));
    expect(row, name).toBeDefined();
    expect(row?.split("|")[2].trim().split(" ")[0], name).toBe(String(value));
  }
});

test("docs/limits.md names every reason for dropping a message", () => {
  for (const reason of Object.keys(new Broker().droppedMessages)) expect(page).toContain(`| \`${reason}\` |`);
});
