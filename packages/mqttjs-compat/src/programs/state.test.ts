/** Programs that keep state of their own: stores, numbers, subscriptions that are theirs to renew, authentication. */
import type { BrokerHooks } from "@tidings/broker";
import { expect, test } from "vitest";
import type { MqttClient } from "../mqtt-client.js";
import type { IStore, StoredPacket } from "../store.js";
import { type Program, runBoth } from "../testing/run-both.js";

const once = (client: MqttClient, name: "connect" | "close" | "end"): Promise<void> =>
  new Promise((resolve) => void client.once(name, () => resolve()));

const bytes = (text: string): Buffer => Buffer.from(text);

/** All that is in a store. */
async function contentOf(store: IStore): Promise<StoredPacket[]> {
  const packets: StoredPacket[] = [];
  const stream = store.createStream();
  stream.on("data", (packet) => void packets.push(packet));
  await new Promise<void>((resolve) => void stream.on("end", resolve));
  return packets;
}

const programs: Record<string, readonly [Program, BrokerHooks?]> = {
  "a store by itself": [
    async ({ mqtt, note }) => {
      for (const clean of [true, false]) {
        const store = new mqtt.Store({ clean });
        const packet = { cmd: "publish", topic: "a", payload: bytes("x"), qos: 1, retain: false, dup: false } as const;
        for (const messageId of [3, 1, 2]) {
          store.put({ ...packet, messageId }, (error) => note("put", error ?? "fine"));
        }
        store.put({ cmd: "pubrel", messageId: 1 }, () => note("put again"));
        note((await contentOf(store)).map(({ cmd, messageId }) => `${cmd} ${messageId}`));
        store.get({ messageId: 2 }, (error, found) => note("get", error ?? "fine", found?.messageId));
        store.del({ messageId: 2 }, (error, gone) => note("del", error ?? "fine", gone?.messageId));
        store.del({ messageId: 2 }, (error) => note("del", error?.message));
        store.get({ messageId: 2 }, (error) => note("get", error?.message));
        await new Promise<void>((resolve) => void store.close(() => resolve()));
        if (!clean) note((await contentOf(store)).length);
      }
    },
  ],
  "messages that a store has kept": [
    async ({ mqtt, url, server, note }) => {
      server.broker.subscribeLocally("#", {
        onMessage: ({ topicName, payload }) => note(topicName, String(bytes(String(payload)))),
      });
      const outgoingStore = new mqtt.Store({ clean: false });
      const incomingStore = new mqtt.Store({ clean: false });
      const first = await mqtt.connectAsync(url, { clientId: "held", outgoingStore, incomingStore });
      first.on("error", () => {});
      const stored = new Promise<void>((resolve) => {
        first.publish("one", "1", { qos: 1, cbStorePut: () => note("stored") });
        first.publish("two", "2", { qos: 1, retain: true, cbStorePut: resolve });
      });
      await stored;
      await new Promise((resolve) => setImmediate(resolve));
      await server.broker.client("held")?.disconnect(0x98);
      await once(first, "close");
      await first.endAsync(true);
      note((await contentOf(outgoingStore)).map((packet) => packet.cmd === "publish" && packet.topic));
      const second = mqtt.connect(url, { clientId: "second", outgoingStore, incomingStore });
      await once(second, "connect");
      note((await second.publishAsync("three", "3", { qos: 1 }))?.cmd);
      note((await contentOf(outgoingStore)).length);
      await second.endAsync();
    },
    { onPublish: (publish) => void (publish.client?.clientIdentifier === "held" && publish.holdAcknowledgement()) },
  ],
  "a store given to reconnect": [
    async ({ mqtt, url, server, note }) => {
      const topics: string[] = [];
      server.broker.subscribeLocally("#", { onMessage: ({ topicName }) => void topics.push(topicName) });
      const client = await mqtt.connectAsync(url, { clientId: "again" });
      await client.endAsync();
      const outgoingStore = new mqtt.Store();
      const payload = bytes("kept");
      const packet = {
        cmd: "publish",
        topic: "kept",
        payload,
        qos: 1,
        retain: false,
        dup: false,
        messageId: 7,
      } as const;
      await new Promise<void>((resolve) => void outgoingStore.put(packet, () => resolve()));
      client.reconnect({ outgoingStore });
      await once(client, "connect");
      await client.publishAsync("after", "x", { qos: 1 });
      note(topics, client.connected);
      await client.endAsync();
    },
  ],
  "numbers of the program": [
    async ({ mqtt, url, note }) => {
      const provider = new mqtt.UniqueMessageIdProvider();
      note(provider.allocate(), provider.allocate(), provider.getLastAllocated());
      note(provider.register(4), provider.register(4), provider.register(2));
      provider.deallocate(2);
      note(provider.register(2), provider.allocate(), provider.allocate());
      provider.clear();
      note(provider.register(4));
      note(typeof new mqtt.DefaultMessageIdProvider().allocate());
      let next = 100;
      const taken: number[] = [];
      const client = await mqtt.connectAsync(url, {
        messageIdProvider: {
          allocate: () => ++next,
          getLastAllocated: () => next,
          register: () => true,
          deallocate: (messageId) => void taken.push(messageId),
          clear: () => {},
        },
      });
      const packets = await Promise.all([1, 2].map((qos) => client.publishAsync("a", "b", { qos: qos as 1 | 2 })));
      note(packets.length, client.getLastMessageId(), taken);
      await client.endAsync();
    },
  ],
  "subscriptions that the program makes again itself": [
    async ({ mqtt, url, server, note }) => {
      const client = mqtt.connect(url, { clientId: "own", resubscribe: false, reconnectPeriod: 10 });
      client.on("packetsend", (packet) => {
        if (packet.cmd === "subscribe")
          note(
            "subscribe",
            packet.subscriptions.map(({ topic }) => topic),
          );
      });
      await once(client, "connect");
      await client.subscribeAsync("state", { qos: 1 });
      note(await client.subscribeAsync("state", { qos: 1 }));
      server.broker.client("own")?.disconnect(0x98);
      await once(client, "connect");
      client.on("message", (topic) => note("message", topic));
      await client.publishAsync("state", "nobody", { qos: 1 });
      note(await client.subscribeAsync("state", { qos: 1 }));
      const message = new Promise<void>((resolve) => void client.once("message", () => resolve()));
      await client.publishAsync("state", "somebody", { qos: 1 });
      await message;
      await client.endAsync();
    },
  ],
  "a session that the server keeps": [
    async ({ mqtt, url, server, note }) => {
      const options = { clientId: "kept", clean: false, reconnectPeriod: 10 };
      const first = await mqtt.connectAsync(url, options);
      await first.subscribeAsync("inbox", { qos: 1 });
      await first.endAsync();
      const sender = await mqtt.connectAsync(url);
      await sender.publishAsync("inbox", "while away", { qos: 1 });
      const second = mqtt.connect(url, options);
      second.on("packetsend", ({ cmd }) => note("sent", cmd));
      const message = new Promise<void>((resolve) => {
        second.on("message", (topic, payload) => {
          note(topic, payload.toString());
          resolve();
        });
      });
      second.on("connect", ({ sessionPresent }) => note("session", sessionPresent));
      await message;
      server.broker.client("kept")?.disconnect(0x98);
      await once(second, "connect");
      await second.endAsync();
      await sender.endAsync();
    },
  ],
  "enhanced authentication": [
    async ({ mqtt, url, note }) => {
      const client = mqtt.connect(url, {
        protocolVersion: 5,
        manualConnect: true,
        properties: { authenticationMethod: "challenge", authenticationData: bytes("me") },
      });
      client.handleAuth = (packet, callback) => {
        const { authenticationMethod, authenticationData } = packet.properties ?? {};
        note(packet.cmd, packet.reasonCode, authenticationMethod, authenticationData?.toString());
        const answer = bytes(`${authenticationData?.toString()}!`);
        const properties = { authenticationMethod, authenticationData: answer };
        callback(null, { cmd: "auth", reasonCode: 0x18, properties });
      };
      client.connect();
      client.on("connect", ({ reasonCode }) => note("connect", reasonCode));
      await once(client, "connect");
      note(client.serverProperties?.authenticationMethod, client.serverProperties?.authenticationData?.toString());
      await client.endAsync();
    },
    {
      authenticateEnhanced: ({ step, data }) => {
        const text = new TextDecoder().decode(data);
        if (step === 1) return { reasonCode: 0x18, data: bytes(`${text}?`) };
        return { reasonCode: text === "me?!" ? 0 : 0x87, data: bytes("welcome") };
      },
    },
  ],
  "enhanced authentication that fails": [
    async ({ mqtt, url, note }) => {
      const properties = { authenticationMethod: "challenge" };
      const client = mqtt.connect(url, { protocolVersion: 5, manualConnect: true, properties, reconnectPeriod: 0 });
      client.handleAuth = (_packet, callback) => callback(new Error("unknown challenge"));
      client.on("error", (error) => note("error", error.message));
      client.connect();
      await once(client, "close");
      note(client.connected);
      const data = { authenticationData: bytes("without a method") };
      const other = mqtt.connect(url, { protocolVersion: 5, properties: data as never });
      await new Promise<void>((resolve) => {
        other.on("error", () => {});
        other.once("error", (error) => {
          note(error.message);
          resolve();
        });
      });
    },
    { authenticateEnhanced: () => ({ reasonCode: 0x18 }) },
  ],
  "a handler in a class of its own": [
    async ({ mqtt, port, note }) => {
      const { connect } = await import("node:net");
      class Inbox extends mqtt.MqttClient {
        override handleMessage(packet: Parameters<MqttClient["handleMessage"]>[0], callback: () => void): void {
          note("handled", packet.topic, packet.payload.toString());
          setTimeout(callback, 1);
        }
      }
      const client = new Inbox(() => connect({ host: "127.0.0.1", port }), { clientId: "inbox" });
      await once(client, "connect");
      const two = new Promise<void>((resolve) => {
        client.on("message", (topic) => {
          note("message", topic);
          if (topic === "in/2") resolve();
        });
      });
      await client.subscribeAsync("in/#", { qos: 1 });
      client.publish("in/1", "a").publish("in/2", "b");
      await two;
      await client.endAsync();
    },
  ],
  "Topic Filters": [
    async ({ mqtt, note }) => {
      for (const topic of [
        "a",
        "",
        "+",
        "#",
        "a/+/b",
        "a/#",
        "a/#/b",
        "a+",
        "+a/b",
        "a/b#",
        "/",
        "+/+",
        "$share/g/#",
      ]) {
        note(topic, mqtt.validateTopic(topic));
      }
      note(mqtt.validateTopics([]), mqtt.validateTopics(["a", "b#", "c#"]), mqtt.validateTopics(["a"]));
    },
  ],
  "options as the client has them": [
    async ({ mqtt, port, note }) => {
      const client = await mqtt.connectAsync({ host: "127.0.0.1", port, protocol: "mqtt" });
      const { keepalive, protocolId, protocolVersion, reconnectPeriod, connectTimeout, clean, resubscribe } =
        client.options;
      note(keepalive, protocolId, protocolVersion, reconnectPeriod, connectTimeout, clean, resubscribe);
      note(client.options.host, client.options.port === port, client.options.protocol, client.options.reschedulePings);
      note(/^mqttjs_[0-9a-f]{8}$/.test(client.options.clientId ?? ""), client.keepalive);
      await client.endAsync();
      const other = await mqtt.connectAsync(`mqtt://me:secret@127.0.0.1:${port}`, { keepalive: 0, clientId: "c" });
      note(other.options.username, other.options.password, other.keepalive, other.options.keepalive);
      await other.endAsync();
    },
  ],
  "the stream of a connection": [
    async ({ mqtt, url, note }) => {
      const client = mqtt.connect(url, { reconnectPeriod: 10 });
      await once(client, "connect");
      const { stream } = client;
      stream?.setMaxListeners(0);
      stream?.on("close", () => note("stream closed", stream.destroyed));
      client.on("reconnect", () => note("reconnect"));
      stream?.destroy();
      await once(client, "connect");
      note(client.stream !== stream, client.stream?.destroyed);
      await client.endAsync();
    },
  ],
};

test.each(Object.entries(programs))("%s is the same program with both", async (_name, [program, hooks]) => {
  const { original, compatible } = await runBoth(program, hooks);
  expect(original.length).toBeGreaterThan(0);
  expect(compatible).toEqual(original);
});
