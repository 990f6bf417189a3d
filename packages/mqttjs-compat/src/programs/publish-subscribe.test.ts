/** Programs that publish and subscribe, as MQTT.js's documentation describes its API. */
import { expect, test } from "vitest";
import type { MqttClient } from "../mqtt-client.js";
import { type Program, runBoth } from "../testing/run-both.js";

const ended = (client: MqttClient): Promise<void> => new Promise((resolve) => void client.once("end", resolve));

const programs: Record<string, Program> = {
  "a hello to itself": async ({ mqtt, url, note }) => {
    const client = mqtt.connect(url);
    client.on("connect", (connack) => {
      note("connect", connack.cmd, connack.sessionPresent, connack.returnCode, client.connected);
      client.subscribe("presence", (error) => {
        note("subscribed", String(error));
        client.publish("presence", "Hello mqtt");
      });
    });
    client.on("message", (topic, message, packet) => {
      note("message", topic, message.toString(), Buffer.isBuffer(message), packet.qos, packet.retain, packet.cmd);
      client.end();
    });
    client.on("close", () => note("close", client.connected));
    client.on("end", () => note("end", client.disconnected));
    await ended(client);
  },
  "callbacks of each QoS": async ({ mqtt, url, note }) => {
    const client = mqtt.connect(url, { clientId: "callbacks" });
    await new Promise<void>((resolve) => void client.on("connect", () => resolve()));
    for (const qos of [0, 1, 2] as const) {
      await new Promise<void>((resolve) => {
        client.publish("a", Buffer.from([1, 2, 3]), { qos }, (error, packet) => {
          note("published", qos, error ?? "fine", (packet !== undefined) === qos > 0);
          resolve();
        });
      });
    }
    await new Promise<void>((resolve) => {
      client.end(false, {}, (error) => {
        note("ended", error ?? "fine");
        resolve();
      });
    });
  },
  "subscribing with a text, a list and a map": async ({ mqtt, url, note }) => {
    const client = await mqtt.connectAsync(url);
    note(await client.subscribeAsync("one", { qos: 1 }));
    note(await client.subscribeAsync(["two", "three/+"], { qos: 2 }));
    note(await client.subscribeAsync({ four: { qos: 0 }, "five/#": { qos: 1 } }));
    note(await client.subscribeAsync("one"));
    await new Promise<void>((resolve) => {
      client.subscribe("six", { qos: 1 }, (error, granted, packet) => {
        note(error, granted, packet?.cmd, packet?.granted);
        resolve();
      });
    });
    const seen: string[] = [];
    const all = new Promise<void>((resolve) => {
      client.on("message", (topic, _payload, packet) => {
        seen.push(`${topic} ${packet.qos} ${packet.dup} ${packet.messageId !== undefined}`);
        if (topic === "last") resolve();
      });
    });
    await client.subscribeAsync("last");
    for (const topic of ["one", "two", "three/x", "three", "four", "five/y", "six"]) {
      await client.publishAsync(topic, "payload", { qos: 2 });
    }
    await client.publishAsync("last", "");
    await all;
    note(seen);
    await client.endAsync();
  },
  unsubscribing: async ({ mqtt, url, note }) => {
    const client = await mqtt.connectAsync(url);
    await client.subscribeAsync(["kept", "left"]);
    client.on("message", (topic, payload) => note(topic, payload.toString()));
    const packet = await client.unsubscribeAsync("left");
    note(packet?.cmd);
    await client.publishAsync("left", "nobody", { qos: 1 });
    await client.publishAsync("kept", "somebody", { qos: 1 });
    await new Promise<void>((resolve) => {
      client.unsubscribe(["kept", "unknown"], (error) => {
        note("unsubscribed", error ?? "fine");
        resolve();
      });
    });
    note(await client.subscribeAsync("kept"));
    await client.endAsync();
  },
  "publishing before there is a connection": async ({ mqtt, url, note }) => {
    const client = mqtt.connect(url);
    client.on("connect", () => note("connect"));
    client.subscribe("early", (error) => note("subscribed", error ?? "fine"));
    client.on("message", (_topic, payload) => {
      note(payload.toString());
      client.end();
    });
    client.publish("early", "one");
    await ended(client);
  },
  "retained messages": async ({ mqtt, url, note }) => {
    const client = await mqtt.connectAsync(url);
    await client.publishAsync("state", "on", { qos: 1, retain: true });
    const message = new Promise<void>((resolve) => {
      client.once("message", (topic, payload, packet) => {
        note(topic, payload.toString(), packet.retain);
        resolve();
      });
    });
    await client.subscribeAsync("state", { qos: 1 });
    await message;
    await client.endAsync();
  },
  "end with QoS 1 under way": async ({ mqtt, url, note }) => {
    const client = mqtt.connect(url);
    client.on("outgoingEmpty", () => note("outgoingEmpty"));
    client.on("connect", () => {
      note("connect");
      client.publish("a", "b", { qos: 1 }, (error) => note("published", error ?? "fine"));
      client.end(() => note("ended"));
      note(client.disconnecting);
      client.publish("a", "too late", (error) => note(String(error)));
    });
    await ended(client);
    await new Promise((resolve) => setImmediate(resolve));
  },
  "what cannot be subscribed": async ({ mqtt, url, note }) => {
    const client = await mqtt.connectAsync(url);
    for (const filter of ["a#", "a/#/b", "+a"]) {
      await client.subscribeAsync(filter).catch((error) => note(error.message));
    }
    await client.subscribeAsync([]).catch((error) => note(error.message));
    await client.unsubscribeAsync("a#").catch((error) => note(error.message));
    await client.endAsync();
  },
  "asynchronous functions": async ({ mqtt, url, note }) => {
    const client = await mqtt.connectAsync(url, { clientId: "async", keepalive: 30 });
    note(client.connected, client.options.clientId, client.options.keepalive, client.reconnecting);
    note((await client.publishAsync("x", "y", { qos: 1 }))?.cmd);
    note((await client.publishAsync("x", "y")) ?? "nothing");
    await client.endAsync();
    note(client.connected, client.disconnected);
  },
};

test.each(Object.entries(programs))("%s is the same program with both", async (_name, program) => {
  const { original, compatible } = await runBoth(program);
  expect(original.length).toBeGreaterThan(0);
  expect(compatible).toEqual(original);
});
