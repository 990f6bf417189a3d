/** Programs that use what 5.0 adds. */

import type { BrokerHooks } from "@tidings/broker";
import { expect, test } from "vitest";
import { type Program, runBoth } from "../testing/run-both.js";

const programs: Record<string, readonly [Program, BrokerHooks?]> = {
  "properties of a message": [
    async ({ mqtt, url, note }) => {
      const client = await mqtt.connectAsync(url, { protocolVersion: 5 });
      await client.subscribeAsync("p", { qos: 1, properties: { subscriptionIdentifier: 7 } });
      const message = new Promise<void>((resolve) => {
        client.on("message", (topic, payload, { qos, properties }) => {
          const { correlationData, userProperties, ...rest } = properties ?? {};
          note(topic, payload.toString(), qos, correlationData?.toString("hex"), { ...userProperties });
          note(Object.entries(rest).sort());
          resolve();
        });
      });
      await client.publishAsync("p", "{}", {
        qos: 1,
        properties: {
          payloadFormatIndicator: true,
          contentType: "application/json",
          responseTopic: "answers",
          correlationData: Buffer.from([1, 2, 3]),
          userProperties: { one: "1", many: ["2", "3"] },
        },
      });
      await message;
      await client.endAsync();
    },
  ],
  "options of a subscription": [
    async ({ mqtt, url, note }) => {
      const client = await mqtt.connectAsync(url, { protocolVersion: 5 });
      await client.publishAsync("r", "kept", { qos: 1, retain: true });
      note(await client.subscribeAsync({ r: { qos: 1, nl: true, rap: true, rh: 2 }, s: { qos: 0 } }));
      client.on("message", (topic, payload) => note(topic, payload.toString()));
      await client.publishAsync("r", "own", { qos: 1 });
      await client.publishAsync("s", "own", { qos: 1 });
      await client.unsubscribeAsync("s");
      await client.endAsync();
    },
  ],
  "a refused message": [
    async ({ mqtt, url, note }) => {
      const client = await mqtt.connectAsync(url, { protocolVersion: 5 });
      for (const qos of [1, 2] as const) {
        await client.publishAsync("forbidden", "x", { qos }).catch((error) => note(error.message, error.code));
      }
      await client.endAsync();
    },
    { authorizePublish: ({ message }) => (message.topicName === "forbidden" ? 0x87 : undefined) },
  ],
  "a refused subscription": [
    async ({ mqtt, url, note }) => {
      const client = await mqtt.connectAsync(url, { protocolVersion: 5 });
      await new Promise<void>((resolve) => {
        client.subscribe(["fine", "forbidden"], { qos: 1 }, (error, _granted, packet) => {
          note(error?.message, packet?.granted);
          resolve();
        });
      });
      await client.endAsync();
    },
    { authorizeSubscribe: (_client, { topicFilter }) => (topicFilter === "forbidden" ? 0x87 : undefined) },
  ],
  "request and response": [
    async ({ mqtt, url, note }) => {
      const responder = await mqtt.connectAsync(url, { protocolVersion: 5 });
      await responder.subscribeAsync("sum", { qos: 1 });
      responder.on("message", (_topic, payload, { properties }) => {
        const sum = (JSON.parse(payload.toString()) as number[]).reduce((a, b) => a + b);
        const { responseTopic = "", correlationData } = properties ?? {};
        responder.publish(responseTopic, String(sum), { qos: 1, properties: { correlationData } });
      });
      const client = await mqtt.connectAsync(url, { protocolVersion: 5 });
      await client.subscribeAsync("answers/1", { qos: 1 });
      const answer = new Promise<void>((resolve) => {
        client.on("message", (_topic, payload, { properties }) => {
          note(payload.toString(), properties?.correlationData?.toString());
          resolve();
        });
      });
      const properties = { responseTopic: "answers/1", correlationData: Buffer.from("c") };
      client.publish("sum", "[1,2,3]", { qos: 1, properties });
      await answer;
      await Promise.all([client.endAsync(), responder.endAsync()]);
    },
  ],
  "acknowledgements of its own": [
    async ({ mqtt, url, note }) => {
      const client = await mqtt.connectAsync(url, {
        protocolVersion: 5,
        customHandleAcks: (topic, _message, _packet, done) => done(null, topic === "bad" ? 0x83 : 0),
      });
      await client.subscribeAsync(["good", "bad"], { qos: 1 });
      const good = new Promise<void>((resolve) => {
        client.on("message", (topic) => {
          note(topic);
          resolve();
        });
      });
      await client.publishAsync("bad", "x", { qos: 1 });
      await client.publishAsync("good", "x", { qos: 1 });
      await good;
      await client.endAsync();
    },
  ],
  "messages one by one": [
    async ({ mqtt, url, note }) => {
      const client = await mqtt.connectAsync(url);
      let busy = 0;
      await new Promise<void>((resolve) => {
        client.handleMessage = ({ topic }, callback) => {
          busy += 1;
          note("begin", topic, busy);
          setTimeout(() => {
            busy -= 1;
            note("done", topic);
            callback();
            if (topic === "n/2") resolve();
          }, 5);
        };
        client.subscribe("n/#", { qos: 1 }, () => {
          for (const number of [0, 1, 2]) client.publish(`n/${number}`, "x", { qos: 1 });
        });
      });
      client.end(true);
    },
  ],
  "what the server says of itself": [
    async ({ mqtt, url, note }) => {
      const properties = { receiveMaximum: 20, topicAliasMaximum: 5, sessionExpiryInterval: 100 };
      const client = mqtt.connect(url, { protocolVersion: 5, clientId: "", keepalive: 30, properties });
      await new Promise<void>((resolve) => {
        client.once("connect", (connack) => {
          const { assignedClientIdentifier, ...rest } = connack.properties ?? {};
          note(connack.cmd, connack.reasonCode, connack.sessionPresent, typeof assignedClientIdentifier);
          note(Object.entries(rest).sort());
          resolve();
        });
      });
      note(Object.keys(client.serverProperties ?? {}).sort(), client.keepalive);
      await client.endAsync();
      note(client.serverProperties === undefined);
    },
  ],
  "what a refusal says": [
    async ({ mqtt, url, note }) => {
      const client = mqtt.connect(url, { protocolVersion: 5, properties: { requestProblemInformation: true } });
      const error = await new Promise<Error & { code?: number | string }>((resolve) => {
        client.once("error", resolve);
      });
      note(error.message, error.code, client.serverProperties?.reasonString);
      await client.endAsync(true);
    },
    { authenticate: () => ({ reasonCode: 0x87, reasonString: "not today" }) },
  ],
  "packets on their way": [
    async ({ mqtt, url, note }) => {
      const client = mqtt.connect(url, { protocolVersion: 4, clientId: "packets" });
      client.on("packetsend", (packet) => note("sent", packet.cmd));
      client.on("packetreceive", (packet) => note("received", packet.cmd));
      await new Promise<void>((resolve) => void client.once("connect", () => resolve()));
      await client.publishAsync("a", "b", { qos: 2 });
      await client.subscribeAsync("c");
      await client.unsubscribeAsync("c");
      const pong = new Promise<void>((resolve) => {
        client.on("packetreceive", ({ cmd }) => {
          if (cmd === "pingresp") resolve();
        });
      });
      client.sendPing();
      await pong;
      await client.endAsync();
    },
  ],
};

test.each(Object.entries(programs))("%s is the same program with both", async (_name, [program, hooks]) => {
  const { original, compatible } = await runBoth(program, hooks);
  expect(original.length).toBeGreaterThan(0);
  expect(compatible).toEqual(original);
});
