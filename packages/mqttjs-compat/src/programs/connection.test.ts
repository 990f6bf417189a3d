/** Programs that watch their connection come and go. */
import { createServer } from "node:net";
import type { BrokerHooks } from "@tidings/broker";
import { expect, test } from "vitest";
import type { MqttClient } from "../mqtt-client.js";
import { type Program, runBoth, type Stage } from "../testing/run-both.js";

const once = (client: MqttClient, name: "connect" | "end" | "close" | "reconnect" | "error"): Promise<void> =>
  new Promise((resolve) => void client.once(name, () => resolve()));

function noteEvents(client: MqttClient, note: Stage["note"]): void {
  client.on("connect", ({ sessionPresent }) => note("connect", sessionPresent));
  client.on("reconnect", () => note("reconnect", client.reconnecting));
  client.on("close", () => note("close", client.connected));
  client.on("disconnect", ({ cmd, reasonCode }) => note("disconnect", cmd, reasonCode));
  client.on("offline", () => note("offline"));
  client.on("error", (error) => note("error", error.code));
  client.on("end", () => note("end"));
}

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const closing =
  (protocolVersion: 4 | 5): Program =>
  async ({ mqtt, url, server, note }) => {
    const client = mqtt.connect(url, { protocolVersion, clientId: "lost", reconnectPeriod: 20 });
    noteEvents(client, note);
    await once(client, "connect");
    await client.subscribeAsync("after/#", { qos: 1 });
    server.broker.client("lost")?.disconnect(0x98);
    await once(client, "close");
    const published = client.publishAsync("elsewhere", "still here", { qos: 1 });
    await once(client, "connect");
    note((await published)?.cmd);
    const message = new Promise<void>((resolve) => {
      client.once("message", (topic, payload) => {
        note("message", topic, payload.toString());
        resolve();
      });
    });
    const probe = setInterval(() => client.publish("after/all", "subscribed again"), 5);
    await message;
    clearInterval(probe);
    await client.endAsync();
  };

const programs: Record<string, readonly [Program, BrokerHooks?]> = {
  "a refused connection of 3.1.1": [
    async ({ mqtt, url, note }) => {
      const client = mqtt.connect(url, { username: "somebody", password: "wrong", reconnectPeriod: 10 });
      noteEvents(client, note);
      client.on("error", (error) => note(error.message));
      await once(client, "close");
      await client.endAsync();
    },
    { authenticate: () => 0x86 },
  ],
  "a refused connection of 5.0": [
    async ({ mqtt, url, note }) => {
      await mqtt.connectAsync(url, { protocolVersion: 5 }).then(
        () => note("connected"),
        (error) => note(error.message, error.code),
      );
    },
    { authenticate: () => 0x8a },
  ],
  "nobody listens": [
    async ({ mqtt, note }) => {
      const client = mqtt.connect(`mqtt://127.0.0.1:${await freePort()}`, { reconnectPeriod: 20 });
      noteEvents(client, note);
      await once(client, "reconnect");
      await once(client, "reconnect");
      note(client.connected, client.reconnecting);
      await once(client, "close");
      client.end(true);
    },
  ],
  "no reconnecting": [
    async ({ mqtt, url, server, note }) => {
      const client = mqtt.connect(url, { clientId: "once", reconnectPeriod: 0 });
      noteEvents(client, note);
      await once(client, "connect");
      server.broker.client("once")?.disconnect(0x98);
      await once(client, "close");
      note(client.connected, client.reconnecting);
      client.reconnect();
      await once(client, "connect");
      note("again");
      await client.endAsync();
    },
  ],
  "reconnecting after the end": [
    async ({ mqtt, url, note }) => {
      const client = mqtt.connect(url);
      noteEvents(client, note);
      await once(client, "connect");
      await client.endAsync();
      note(client.connected, client.disconnected);
      client.reconnect();
      await once(client, "connect");
      note((await client.publishAsync("x", "y", { qos: 1 }))?.cmd);
      await client.endAsync();
    },
  ],
  "connecting by hand": [
    async ({ mqtt, url, note }) => {
      const client = mqtt.connect(url, { manualConnect: true });
      note(client.connected);
      client.connect();
      noteEvents(client, note);
      await once(client, "connect");
      await client.endAsync();
    },
  ],
  "host and port as options, several servers": [
    async ({ mqtt, port, note }) => {
      const client = await mqtt.connectAsync({ host: "127.0.0.1", port, protocol: "mqtt", clientId: "parts" });
      note(client.connected);
      await client.endAsync();
      const servers = [{ host: "127.0.0.1", port }];
      const other = await mqtt.connectAsync({ servers, protocol: "mqtt", clientId: "list" });
      note(other.connected, other.options.clientId);
      await other.endAsync();
    },
  ],
  "a will": [
    async ({ mqtt, url, note }) => {
      const watcher = await mqtt.connectAsync(url);
      await watcher.subscribeAsync("wills/#", { qos: 1 });
      const message = new Promise<void>((resolve) => {
        watcher.on("message", (topic, payload, { qos }) => {
          note(topic, payload.toString(), qos);
          resolve();
        });
      });
      const will = { topic: "wills/one", payload: Buffer.from("gone"), qos: 1 as const, retain: false };
      const client = await mqtt.connectAsync(url, { will });
      client.end(true);
      await message;
      await watcher.endAsync();
    },
  ],
  "a lost connection of 3.1.1": [closing(4)],
  "a lost connection of 5.0": [closing(5)],
  "no QoS 0 without a connection": [
    async ({ mqtt, note }) => {
      const client = mqtt.connect(`mqtt://127.0.0.1:${await freePort()}`, { queueQoSZero: false });
      client.on("error", () => {});
      await client.publishAsync("a", "b").catch((error) => note(error.message));
      client.end(true);
    },
  ],
};

test.each(Object.entries(programs))("%s is the same program with both", async (_name, [program, hooks]) => {
  const { original, compatible } = await runBoth(program, hooks);
  expect(original.length).toBeGreaterThan(0);
  expect(compatible).toEqual(original);
});
