/** What 5.0 adds, between real clients: properties on their way through, topic aliases, reasons. */
import type { IClientOptions, IDisconnectPacket, IPublishPacket, MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ClientKind, describeClient, type Message, type TestClient } from "./clients/client-kind.js";
import { CLIENT_KINDS } from "./clients/index.js";
import { mosquitto } from "./clients/mosquitto.js";
import { connectMqttJs } from "./clients/mqtt-js.js";
import { paho } from "./clients/paho.js";
import { Journal } from "./journal.js";
import { endPrograms } from "./program.js";
import { type RunningBroker, startBroker } from "./start-broker.js";

const installed = CLIENT_KINDS.filter(({ missing }) => missing === undefined);

const PROPERTIES = {
  payloadFormatIndicator: true,
  messageExpiryInterval: 3600,
  contentType: "text/plain; charset=utf-8",
  responseTopic: "answers/here",
  correlationData: "request-17",
  // MQTT.js keeps those of one name together, so they are here.
  userProperties: [
    ["zebra", "1"],
    ["zebra", "0"],
    ["apple", ""],
    ["größe", "25µm"],
  ] as [string, string][],
};

let broker: RunningBroker;
const subscribers = new Map<ClientKind, TestClient>();

beforeAll(async () => {
  broker = await startBroker();
  for (const [index, kind] of installed.entries()) {
    const subscriptions = [{ filter: "with/#", qos: 1 as const, subscriptionIdentifier: 268_435_455 - index }];
    subscribers.set(kind, await kind.open(broker, { version: 5, clientId: `sub-${kind.id}`, subscriptions }));
  }
});

afterAll(endPrograms);

for (const kind of CLIENT_KINDS) {
  describeClient(kind, () => {
    const topic = `with/${kind.id}`;
    let publisher: TestClient;

    beforeAll(async () => {
      publisher = await kind.open(broker, { version: 5, clientId: `pub-${kind.id}` });
      const payload = Buffer.from("text");
      await publisher.publish({ topic, payload, qos: 1, retain: false, properties: PROPERTIES });
      return () => publisher.close();
    });

    test.each(installed)(
      "[MQTT-3.3.2-4] [MQTT-3.3.2-15] [MQTT-3.3.2-16] [MQTT-3.3.2-17] [MQTT-3.3.2-18] [MQTT-3.3.2-20] its properties reach $name as they were sent",
      async (receiver) => {
        const { inbox } = subscribers.get(receiver)!;
        const [{ properties }] = await inbox.atLeast(1, (message) => message.topic === topic);
        const { messageExpiryInterval, subscriptionIdentifiers, ...rest } = properties!;
        const { messageExpiryInterval: sentExpiry, ...sent } = PROPERTIES;
        expect(rest).toEqual(sent);
        expect(messageExpiryInterval).toBeGreaterThan(sentExpiry - 30);
        expect(messageExpiryInterval).toBeLessThanOrEqual(sentExpiry);
        expect(subscriptionIdentifiers).toEqual([268_435_455 - installed.indexOf(receiver)]);
      },
    );

    test.each([3, 4] as const)("its properties are left out towards Protocol Level %i", async (version) => {
      const receiver = await kind.open(broker, {
        version,
        clientId: `old-${version}-${kind.id}`,
        subscriptions: [{ filter: `plain/${kind.id}`, qos: 1 }],
      });
      const message: Message = { topic: `plain/${kind.id}`, payload: Buffer.from("x"), qos: 1, retain: false };
      await publisher.publish({ ...message, properties: PROPERTIES });
      const [{ properties, payload }] = await receiver.inbox.atLeast(1);
      expect([payload.toString(), properties ?? {}]).toEqual(["x", {}]);
      await receiver.close();
    });
  });
}

/** Both show User Properties as a list. */
for (const [sender, receiver] of [
  [mosquitto, paho],
  [paho, mosquitto],
]) {
  const missing = sender.missing ?? receiver.missing;
  describeClient({ ...sender, missing, name: `${sender.name} to ${receiver.name}` }, () => {
    test("[MQTT-3.3.2-18] User Properties of different names keep their order", async () => {
      const topic = `order/${sender.id}`;
      const subscriptions = [{ filter: topic, qos: 0 as const }];
      const subscriber = await receiver.open(broker, { version: 5, clientId: `order-${receiver.id}`, subscriptions });
      const publisher = await sender.open(broker, { version: 5, clientId: `order-${sender.id}-p` });
      const userProperties: [string, string][] = [
        ["b", "1"],
        ["a", "2"],
        ["b", "3"],
        ["a", "2"],
      ];
      const message: Message = { topic, payload: Buffer.from("x"), qos: 0, retain: false };
      await publisher.publish({ ...message, properties: { userProperties } });
      expect((await subscriber.inbox.atLeast(1))[0].properties).toEqual({ userProperties });
      await Promise.all([subscriber.close(), publisher.close()]);
    });
  });
}

/** MQTT.js itself: it shows the packets. */
describe("MQTT.js 5.0", () => {
  const connect = async (options: IClientOptions = {}) => {
    const inbox = new Journal<Message>();
    const connection = await connectMqttJs(broker.url, { protocolVersion: 5, ...options }, inbox);
    return { ...connection, inbox };
  };

  /** The PUBLISH packets as they came, aliases not resolved. */
  const publishesOf = (client: MqttClient): Journal<IPublishPacket> => {
    const packets = new Journal<IPublishPacket>();
    client.on("packetreceive", (packet) => packet.cmd === "publish" && packets.add(packet));
    return packets;
  };

  test("[MQTT-3.3.2-12] a Topic Alias of a client stands for its topic", async () => {
    const { client, connack, inbox } = await connect();
    const topicAlias = connack.properties!.topicAliasMaximum!;
    await client.subscribeAsync("alias/in");
    await client.publishAsync("alias/in", "set", { properties: { topicAlias } });
    await client.publishAsync("", "used", { properties: { topicAlias } });
    const received = await inbox.atLeast(2);
    expect(received.map(({ topic, payload }) => `${topic} ${payload}`)).toEqual(["alias/in set", "alias/in used"]);
    await client.endAsync();
  });

  test("[MQTT-3.3.2-11] [MQTT-3.1.2-26] the broker uses aliases as far as the client allows", async () => {
    const { client, inbox } = await connect({ properties: { topicAliasMaximum: 2 } });
    const packets = publishesOf(client);
    await client.subscribeAsync("alias/out/+");
    const topics = ["a", "b", "c", "a", "b", "c", "a", "b", "c"].map((name) => `alias/out/${name}`);
    for (const topic of topics) await client.publishAsync(topic, "x", { qos: 1 });
    await inbox.atLeast(topics.length);
    expect(inbox.entries.map(({ topic }) => topic)).toEqual(topics);
    const aliases = packets.entries.map(({ properties }) => properties?.topicAlias ?? 1);
    expect(Math.max(...aliases)).toBeLessThanOrEqual(2);
    expect(packets.entries.filter(({ topic }) => topic === "").length).toBeGreaterThan(0);
    await client.endAsync();
  });

  test("[MQTT-3.3.4-3] a message for overlapping subscriptions names them all", async () => {
    const { client, inbox } = await connect();
    await client.subscribeAsync("overlap/+", { qos: 1, properties: { subscriptionIdentifier: 1 } });
    await client.subscribeAsync("overlap/#", { qos: 0, properties: { subscriptionIdentifier: 2 } });
    await client.publishAsync("overlap/a", "x", { qos: 1 });
    await client.publishAsync("overlap/a/b", "end", { qos: 1 });
    const received = await inbox.until("the end", (all) => all.at(-1)?.payload.toString() === "end" && all);
    const identifiers = received.slice(0, -1).flatMap(({ properties }) => properties?.subscriptionIdentifiers);
    expect(identifiers.sort()).toEqual([1, 2]);
    expect(received.at(-1)?.properties?.subscriptionIdentifiers).toEqual([2]);
    await client.endAsync();
  });

  test("[MQTT-3.1.2-24] [MQTT-3.1.2-25] what is larger than its Maximum Packet Size does not reach the client", async () => {
    const { client, inbox } = await connect({ properties: { maximumPacketSize: 1000 } });
    await client.subscribeAsync("large", { qos: 1 });
    await client.publishAsync("large", Buffer.alloc(2000), { qos: 1 });
    await client.publishAsync("large", "small", { qos: 1 });
    expect((await inbox.atLeast(1)).map(({ payload }) => payload.toString())).toEqual(["small"]);
    await client.endAsync();
  });

  test("[MQTT-3.1.4-3] who comes with the same identifier takes over, and the other is told", async () => {
    const first = await connect({ clientId: "twin" });
    const disconnected = new Promise<IDisconnectPacket>((resolve) => first.client.once("disconnect", resolve));
    const second = await connect({ clientId: "twin" });
    expect((await disconnected).reasonCode).toBe(0x8e);
    await Promise.all([first.client.endAsync(), second.client.endAsync()]);
  });

  test("[MQTT-3.1.3-6] [MQTT-3.2.2-16] who comes without an identifier gets one", async () => {
    const { client, connack } = await connect({ clientId: "" });
    expect(connack.properties?.assignedClientIdentifier).toMatch(/^\S+$/);
    await client.endAsync();
  });

  test("[MQTT-3.1.2-8] a will keeps its properties", async () => {
    const properties = {
      contentType: "text/plain",
      correlationData: Buffer.from("7"),
      userProperties: { a: ["1", "2"] },
    };
    const watcher = await connect();
    await watcher.client.subscribeAsync("will/with");
    const will = { topic: "will/with", payload: Buffer.from("gone"), qos: 0 as const, retain: false, properties };
    const { client } = await connect({ will });
    client.stream.destroy();
    const [message] = await watcher.inbox.atLeast(1);
    expect(message.payload.toString()).toBe("gone");
    expect(message.properties).toEqual({
      contentType: "text/plain",
      correlationData: "7",
      userProperties: [
        ["a", "1"],
        ["a", "2"],
      ],
    });
    await watcher.client.endAsync();
  });
});
