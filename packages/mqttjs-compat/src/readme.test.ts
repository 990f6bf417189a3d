/** The example of the README prints what it says. */
import { readFileSync } from "node:fs";
import { createBrokerServer } from "@tidings/broker/node";
import { expect, test } from "vitest";
import { mqtt } from "./mqtt.js";

const page = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);

test("the README has an example", () => expect(examples).toHaveLength(1));

test.each(examples)("prints what it says: %s", async (code) => {
  const server = await createBrokerServer({
    hooks: [{ authenticate: () => 0, authorizePublish: () => 0, authorizeSubscribe: () => 2 }],
  });
  const { url } = await server.listenTcp({ host: "127.0.0.1", port: 0 });
  const printed: string[] = [];
  const body = code.replace(/import .*;/, "").replace("mqtt://localhost", url);
  const run = new Function("mqtt", "console", `${body}; return client;`);
  const client = run(mqtt, { log: (...values: unknown[]) => printed.push(values.join(" ")) });
  await new Promise<void>((resolve) => client.on("end", resolve));
  await server.close();
  expect(printed).toEqual([...code.matchAll(/\/\/ prints: (.*)/g)].map(([, line]) => line));
});
