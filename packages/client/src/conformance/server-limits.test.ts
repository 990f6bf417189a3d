/** What the server says in CONNACK is obeyed: a typed error, and nothing on the wire. */
import { type ConnackPacket, PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { connectedClient } from "../testing/connected-client.js";

function limited(properties: ConnackPacket["properties"]) {
  return connectedClient({}, (server) => {
    server.serve();
    const { onPacket } = server;
    server.onPacket = (packet) => {
      if (packet.type === PacketType.CONNECT) server.connack(properties);
      else onPacket(packet);
    };
  });
}

const NOT_SUPPORTED = "TIDINGS_CLIENT_NOT_SUPPORTED";

describe("publishing", () => {
  test("[MQTT-3.2.2-11] not above Maximum QoS", async () => {
    const { client, environment, server } = await limited({ maximumQoS: 1 });
    const refused = client.publish("a", "x", { qos: 2 });
    await expect(refused).rejects.toMatchObject({ code: NOT_SUPPORTED, reasonCode: 0x9b });
    const taken = client.publish("a", "y", { qos: 1 });
    await environment.settle();
    await taken;
    expect(server.takeAll(PacketType.PUBLISH)).toHaveLength(1);
  });

  test("[MQTT-3.2.2-14] not with RETAIN where it is not available", async () => {
    const { client, environment, server } = await limited({ retainAvailable: false });
    for (const qos of [0, 1] as const) {
      const refused = client.publish("a", "x", { qos, retain: true });
      await expect(refused).rejects.toMatchObject({ code: NOT_SUPPORTED, reasonCode: 0x9a });
    }
    await environment.settle();
    expect(server.received).toEqual([]);
  });

  test("[MQTT-3.2.2-15] not beyond Maximum Packet Size, to the byte; nor subscribing", async () => {
    const { client, environment, server } = await limited({ maximumPacketSize: 30 });
    for (const qos of [0, 1, 2] as const) {
      const room = 30 - 2 - (2 + 3) - (qos === 0 ? 0 : 2) - 1;
      const fitting = client.publish("a/b", new Uint8Array(room), { qos });
      const refused = client.publish("a/b", new Uint8Array(room + 1), { qos });
      await expect(refused).rejects.toMatchObject({ code: "TIDINGS_CLIENT_PACKET_TOO_LARGE", reasonCode: 0x95 });
      await environment.settle();
      await fitting;
    }
    const subscribing = client.subscribe("a/long/topic/filter/that/does/not/fit");
    await expect(subscribing).rejects.toMatchObject({ code: "TIDINGS_CLIENT_PACKET_TOO_LARGE" });
    expect(server.takeAll(PacketType.PUBLISH)).toHaveLength(3);
    expect(server.takeAll(PacketType.SUBSCRIBE)).toEqual([]);
  });

  test("[MQTT-3.3.4-6] not with a Subscription Identifier", async () => {
    const { client, environment, server } = await limited({});
    const properties = { subscriptionIdentifiers: [1] } as object;
    await expect(client.publish("a", "x", { properties })).rejects.toMatchObject({
      code: "TIDINGS_CLIENT_INVALID_ARGUMENT",
    });
    await environment.settle();
    expect(server.received).toEqual([]);
  });

  test("what is queued meets the limits of the connection that it goes out on", async () => {
    const { client, environment, server } = await connectedClient({ reconnect: { minDelayMs: 0 } });
    server.drop();
    await environment.settle();
    environment.onConnection = (connection) => {
      connection.onPacket = ({ type }) => {
        if (type === PacketType.CONNECT) connection.connack({ maximumQoS: 0, retainAvailable: false });
      };
    };
    const refused = [client.publish("a", "1", { qos: 1 }), client.publish("a", "2", { retain: true })];
    for (const one of refused) one.catch(() => {});
    const taken = client.publish("a", "3");
    await environment.advance(1_000);
    for (const one of refused) await expect(one).rejects.toMatchObject({ code: NOT_SUPPORTED });
    await taken;
    expect(environment.connection.takeAll(PacketType.PUBLISH)).toHaveLength(1);
  });
});

describe("topic aliases", () => {
  test("[MQTT-3.2.2-18] are not sent to a server that takes none", async () => {
    const { client, environment, server } = await limited({});
    for (let count = 0; count < 3; count += 1) void client.publish("a/long/topic", "x");
    await environment.settle();
    const published = server.takeAll(PacketType.PUBLISH);
    expect(published.map(({ topicName, properties }) => [topicName, properties])).toEqual(
      Array(3).fill(["a/long/topic", undefined]),
    );
  });

  test("[MQTT-3.3.2-7] begin anew with each connection, and a message is sent again with its topic", async () => {
    const { client, environment, server } = await connectedClient({ reconnect: { minDelayMs: 0 } }, (connection) => {
      connection.onPacket = ({ type }) => {
        const isFirst = environmentOf === connection || environmentOf === undefined;
        environmentOf ??= connection;
        if (type === PacketType.CONNECT) connection.connack({ topicAliasMaximum: 2 }, !isFirst);
      };
    });
    void client.publish("one", "x");
    void client.publish("one", "y", { qos: 1 });
    void client.publish("one", "z", { properties: { contentType: "t" } });
    await environment.settle();
    const first = server.takeAll(PacketType.PUBLISH);
    expect(first.map(({ topicName, properties }) => [topicName, properties])).toEqual([
      ["one", { topicAlias: 1 }],
      ["", { topicAlias: 1 }],
      ["", { contentType: "t", topicAlias: 1 }],
    ]);
    server.drop();
    await environment.advance(1_000);
    const again = environment.connection.takeAll(PacketType.PUBLISH);
    expect(again.map(({ topicName, dup, properties }) => [topicName, dup, properties])).toEqual([
      ["one", true, { topicAlias: 1 }],
    ]);
  });
  let environmentOf: unknown;

  test("of the server are understood", async () => {
    const { client, environment, server } = await limited({});
    const got: string[] = [];
    void client.subscribe("#", {
      handler: ({ topic, properties }) => void got.push(topic + JSON.stringify(properties)),
    });
    await environment.settle();
    server.publish("one", "x", { properties: { topicAlias: 16 } });
    server.publish("", "y", { properties: { topicAlias: 16 } });
    await environment.settle();
    expect(got).toEqual(["one{}", "one{}"]);
    server.publish("one", "x", { properties: { topicAlias: 17 } });
    await environment.settle();
    expect(server.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(0x94);
  });
});

describe("subscribing", () => {
  const rows = [
    ["wildcards", { wildcardSubscriptionAvailable: false }, "a/+", {}, 0xa2],
    ["wildcards of a shared filter", { wildcardSubscriptionAvailable: false }, "$share/g/a/#", {}, 0xa2],
    ["shared subscriptions", { sharedSubscriptionAvailable: false }, "$share/g/a", {}, 0x9e],
    [
      "Subscription Identifiers",
      { subscriptionIdentifierAvailable: false },
      "a",
      { properties: { subscriptionIdentifier: 1 } },
      0xa1,
    ],
  ] as const;
  test.each(rows)("without %s where they are not available", async (_, properties, filter, options, reasonCode) => {
    const { client, environment, server } = await limited(properties);
    await expect(client.subscribe(filter, options)).rejects.toMatchObject({ code: NOT_SUPPORTED, reasonCode });
    await environment.settle();
    expect(server.received).toEqual([]);
    expect(client.status).toBe("connected");
  });
});
