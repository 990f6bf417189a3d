/** The admin API of the real app: behind its token, with what it changes kept over a restart. */
import { connect } from "@tidings/client";
import { afterAll, expect, test } from "vitest";
import { ConfiguredBroker } from "./configured-broker.js";
import { endPrograms } from "./program.js";

afterAll(endPrograms);

const TOKEN = "a-token-for-the-tests";

async function started(broker: ConfiguredBroker, configuration: object) {
  await broker.start(configuration);
  const line = await broker.program.line("admin API at ");
  const url = new URL((JSON.parse(line) as { url: string }).url).origin;
  const ask = (method: string, path: string, body?: object) =>
    fetch(`${url}/${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, ...(body && { "content-type": "application/json" }) },
      body: body && JSON.stringify(body),
    });
  return { url, ask };
}

test("users and rules that are managed at run time hold, and are there after a restart", async () => {
  const broker = new ConfiguredBroker();
  const configuration = {
    listeners: [{ name: "mqtt", type: "tcp", port: 0 }],
    authentication: { managedUsers: true },
    access: { managedRules: true, rules: [{ allow: "all" }] },
    storage: { directory: "state" },
    admin: { port: 0, token: TOKEN },
  };
  const { url, ask } = await started(broker, configuration);
  expect((await fetch(`${url}/api/v1/stats`)).status).toBe(401);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(await (await fetch(`${url}/metrics`)).text()).toContain("tidings_clients 0");
  expect((await ask("PUT", "api/v1/users/anna", { password: "secret" })).status).toBe(201);
  const deny = { deny: "publish", topics: "no" };
  expect((await ask("POST", "api/v1/access/rules", deny)).status).toBe(200);
  const shown = await (await ask("GET", "api/v1/configuration")).text();
  expect(shown).toContain('"port":0');
  expect(shown).not.toContain(TOKEN);
  await broker.stop();
  expect(broker.program.lines.entries.join("\n")).not.toContain("secret");

  const again = await started(broker, configuration);
  const options = { username: "anna", password: "secret", reconnect: false as const };
  const client = await connect(`mqtt://127.0.0.1:${broker.port("mqtt")}`, options);
  await expect(client.publish("no", "x", { qos: 1 })).rejects.toThrow();
  await client.publish("yes", "x", { qos: 1 });
  const version = await client.subscribe("$SYS/broker/version");
  for await (const { payload } of version) {
    expect(new TextDecoder().decode(payload)).not.toBe("");
    break;
  }
  expect(await (await again.ask("GET", "api/v1/listeners")).json()).toMatchObject({
    items: [{ name: "mqtt", clients: 1 }],
  });
  expect(await (await again.ask("POST", "api/v1/configuration/reload")).json()).toMatchObject({ needsRestart: [] });
  await client.close();
  await broker.stop();
});
