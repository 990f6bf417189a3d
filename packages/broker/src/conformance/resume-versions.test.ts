/** A session that a client takes up with another protocol version: each connection gets packets of its own form. */
import { PacketType, type PublishPacket, type QoS } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

const properties: PublishPacket["properties"] = {
  messageExpiryInterval: 100,
  contentType: "text/plain",
  userProperties: [["a", "b"]],
};

describe.each([1, 2] as const)("deliveries at QoS %i that outlive a connection", (qos: QoS) => {
  const take = (client: TestClient) =>
    client.messages().map((message) => ({
      text: new TextDecoder().decode(message.payload),
      dup: message.dup,
      properties: message.properties,
    }));

  test.each([
    [5, 4],
    [5, 3],
    [4, 5],
    [3, 5],
  ] as const)("from level %i to level %i and back", (first, second) => {
    const harness = new BrokerHarness();
    const connect = (version: 3 | 4 | 5) =>
      persistentClient(harness, version, "subscriber", { topicAliasMaximum: 5, receiveMaximum: 10 });
    const subscriber = connect(first);
    subscriber.subscribed("topic", { qos, ...(first === 5 ? { subscriptionIdentifier: 7 } : {}) });
    harness.connected().publish("topic", "new", { qos, properties });
    harness.connected({ protocolVersion: 4 }).publish("topic", "plain", { qos });
    expect(take(subscriber)).toHaveLength(2);
    const identifiers = first === 5 ? { subscriptionIdentifiers: [7] } : {};
    const expected = (version: number, alias?: number) => {
      if (version !== 5) {
        return [
          { text: "new", dup: true, properties: undefined },
          { text: "plain", dup: true, properties: undefined },
        ];
      }
      const withAlias = { ...identifiers, topicAlias: alias };
      return [
        { text: "new", dup: true, properties: { ...properties, messageExpiryInterval: 90, ...withAlias } },
        { text: "plain", dup: true, properties: withAlias },
      ];
    };
    subscriber.drop();
    harness.advance(10_000);
    const other = connect(second);
    expect(take(other)).toEqual(expected(second, 1));
    other.drop();
    const back = connect(first);
    expect(take(back)).toEqual(expected(first, 1));
  });

  test("what was published in 3.1.1 and in 5.0 keeps its order in one queue", () => {
    const harness = new BrokerHarness();
    persistentClient(harness, 4, "subscriber").subscribed("a", { qos }).drop();
    for (const [index, protocolVersion] of ([4, 5, 3, 5, 4] as const).entries()) {
      harness.connected({ protocolVersion }).publish("a", `${index}`, { qos });
    }
    expect(persistentClient(harness, 5, "subscriber").payloads()).toEqual(["0", "1", "2", "3", "4"]);
  });

  test("a handshake begun in one version ends in another", () => {
    const harness = new BrokerHarness();
    const subscriber = persistentClient(harness, 5, "subscriber").subscribed("a", { qos });
    harness.connected().publish("a", "x", { qos });
    const packetIdentifier = subscriber.messages()[0].packetIdentifier as number;
    if (qos === 2) subscriber.acknowledge(PacketType.PUBREC, packetIdentifier);
    subscriber.drop();
    const resumed = persistentClient(harness, 4, "subscriber");
    expect(resumed.take()).toMatchObject([
      { type: qos === 1 ? PacketType.PUBLISH : PacketType.PUBREL, packetIdentifier },
    ]);
    resumed.acknowledge(qos === 1 ? PacketType.PUBACK : PacketType.PUBCOMP, packetIdentifier);
    expect(resumed.connection.inFlightMessages).toBe(0);
  });
});
