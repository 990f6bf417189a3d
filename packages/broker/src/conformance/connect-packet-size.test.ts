/** Maximum Packet Size and Topic Alias Maximum of a 5.0 client (sections 3.1.2.11.4 and 3.1.2.11.5). */
import { encodePacket, PacketType, packetLength, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness } from "../testing/index.js";

const small = { maximumPacketSize: 60 };

describe("Maximum Packet Size of the client", () => {
  test.each([0, 1, 2] as const)(
    "[MQTT-3.1.2-24] [MQTT-3.1.2-25] a larger PUBLISH at QoS %i is not sent, and counts as done",
    (qos) => {
      const harness = new BrokerHarness();
      const client = harness.connected({ properties: { ...small, receiveMaximum: 1 } }).subscribed("t", { qos });
      const other = harness.connected().subscribed("t", { qos });
      const publisher = harness.connected();
      publisher.publish("t", "x".repeat(60), { qos }).publish("t", "fits", { qos });
      // Neither an identifier nor the one slot was taken by what was dropped.
      const messages = client.messages();
      expect(messages.map(({ packetIdentifier }) => packetIdentifier)).toEqual([qos === 0 ? undefined : 1]);
      expect(client.connection.inFlightMessages).toBe(qos === 0 ? 0 : 1);
      expect(client.isClosed).toBe(false);
      expect(other.messages()).toHaveLength(2);
      expect(harness.broker.droppedMessages["too-large"]).toBe(1);
    },
  );

  test("[MQTT-3.1.2-24] counts the whole packet: exactly as large is sent, one byte more is not", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ properties: small }).subscribed("t", { qos: 1 });
    const publisher = harness.connected();
    const overhead = packetLength(
      {
        type: PacketType.PUBLISH,
        dup: false,
        qos: 1,
        retain: false,
        topicName: "t",
        packetIdentifier: 1,
        payload: new Uint8Array(0),
      },
      5,
    );
    publisher.publish("t", "x".repeat(60 - overhead), { qos: 1 }).publish("t", "y".repeat(61 - overhead), { qos: 1 });
    expect(client.payloads()).toEqual(["x".repeat(60 - overhead)]);
  });

  test("[MQTT-3.1.2-24] counts Subscription Identifiers, which only this client gets", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ properties: small });
    client.subscribed("t", { subscriptionIdentifier: 268_435_455 });
    harness.connected().publish("t", "x".repeat(54)).publish("t", "x".repeat(49));
    expect(client.payloads()).toEqual(["x".repeat(49)]);
  });

  test("[MQTT-3.1.2-25] what waited for the client without one, or retained, is dropped as well", () => {
    const harness = new BrokerHarness();
    const properties = { sessionExpiryInterval: 60 };
    harness.connected({ clientIdentifier: "c", properties }).subscribed("t", { qos: 1 }).drop();
    const publisher = harness.connected();
    publisher.publish("t", "x".repeat(60), { qos: 1 }).publish("t", "fits", { qos: 1 });
    publisher.publish("retained", "y".repeat(60), { retain: true });
    const again = harness.connected({
      clientIdentifier: "c",
      cleanStart: false,
      properties: { ...properties, ...small },
    });
    again.subscribed("retained");
    expect(again.payloads()).toEqual(["fits"]);
    expect(again.connection.queuedMessages).toBe(0);
  });

  test("[MQTT-3.1.2-24] what is in flight and too large for the next connection is given up", () => {
    const harness = new BrokerHarness();
    const properties = { sessionExpiryInterval: 60 };
    const first = harness.connected({ clientIdentifier: "c", properties }).subscribed("t", { qos: 1 });
    harness.connected().publish("t", "x".repeat(60), { qos: 1 }).publish("t", "fits", { qos: 1 });
    expect(first.messages()).toHaveLength(2);
    const again = harness.connected({
      clientIdentifier: "c",
      cleanStart: false,
      properties: { ...properties, ...small },
    });
    expect(again.payloads()).toEqual(["fits"]);
    expect(again.connection.inFlightMessages).toBe(1);
  });

  test("[MQTT-3.1.2-24] [MQTT-3.2.0-1] a client that has no room for CONNACK is refused with 0x95, or closed", () => {
    const harness = new BrokerHarness({ receiveMaximum: 10 });
    const resident = harness.connected({ clientIdentifier: "c" });
    const refused = harness.connect({ clientIdentifier: "c", properties: { maximumPacketSize: 5 } });
    expect(refused.take()).toEqual([
      { type: PacketType.CONNACK, sessionPresent: false, reasonCode: ReasonCode.PacketTooLarge },
    ]);
    expect(refused.isClosed).toBe(true);
    const closed = harness.connect({ clientIdentifier: "c", properties: { maximumPacketSize: 4 } });
    expect(closed.bytes).toEqual([]);
    expect(closed.isClosed).toBe(true);
    // It had no say yet: the client that is there stays.
    expect(resident.isClosed).toBe(false);
  });
});

describe("Topic Alias Maximum of the client", () => {
  const topics = ["topic/one", "topic/two", "topic/three"];

  function aliasesSent(topicAliasMaximum: number | undefined): number[] {
    const harness = new BrokerHarness();
    const client = harness.connected({ properties: { topicAliasMaximum } }).subscribed("#", { qos: 1 });
    const publisher = harness.connected();
    for (let round = 0; round < 4; round++) {
      for (const topic of topics) publisher.publish(topic, "").publish(topic, "", { qos: 1 });
    }
    return client.messages().map((message) => message.properties?.topicAlias ?? 0);
  }

  test("[MQTT-3.1.2-26] aliases stay within it", () => {
    const aliases = aliasesSent(2);
    expect(aliases).toHaveLength(24);
    expect(Math.max(...aliases)).toBe(2);
    expect(Math.min(...aliases)).toBe(0);
    expect(Math.max(...aliasesSent(1))).toBe(1);
    expect(Math.max(...aliasesSent(65_535))).toBe(3);
  });

  test("[MQTT-3.1.2-27] no aliases are sent when it is absent or 0", () => {
    expect(new Set(aliasesSent(undefined))).toEqual(new Set([0]));
    expect(new Set(aliasesSent(0))).toEqual(new Set([0]));
  });

  test("[MQTT-3.1.2-26] the client can resolve every alias, also those given to another topic", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ properties: { topicAliasMaximum: 2 } }).subscribed("#");
    const publisher = harness.connected();
    const order = [0, 0, 1, 1, 2, 2, 2, 0, 0, 1, 2, 2, 0].map((index) => topics[index]);
    for (const topic of order) publisher.publish(topic, topic);
    const known = new Map<number, string>();
    const resolved = client.messages().map(({ topicName, properties }) => {
      const alias = properties?.topicAlias;
      if (alias === undefined) return topicName;
      if (topicName !== "") known.set(alias, topicName);
      return known.get(alias);
    });
    expect(resolved).toEqual(order);
  });

  test("[MQTT-3.1.2-26] a PUBLISH dropped for its size does not set an alias", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ properties: { ...small, topicAliasMaximum: 2 } }).subscribed("#");
    const publisher = harness.connected();
    publisher.publish(topics[0], "x".repeat(60)).publish(topics[0], "fits");
    expect(client.messages()).toMatchObject([{ topicName: topics[0], properties: { topicAlias: 1 } }]);
  });
});

test("Maximum Packet Size of the broker is announced, and checked from the fixed header on", () => {
  const harness = new BrokerHarness({ maximumPacketSize: 100 });
  for (const protocolVersion of [4, 5] as const) {
    const client = harness.connect({ protocolVersion });
    const connack = client.takeFirst(PacketType.CONNACK);
    if (protocolVersion === 5) expect(connack.properties?.maximumPacketSize).toBe(100);
    const payload = new Uint8Array(94 - (protocolVersion - 4));
    const fits = { type: PacketType.PUBLISH, dup: false, qos: 0, retain: false, topicName: "tt", payload } as const;
    expect(encodePacket(fits, protocolVersion)).toHaveLength(100);
    client.send(fits);
    expect(client.isClosed).toBe(false);
    client.sendBytes([0x30, 99]);
    expect(client.isClosed).toBe(true);
    const farewell = { type: PacketType.DISCONNECT, reasonCode: ReasonCode.PacketTooLarge };
    expect(client.take()).toMatchObject(protocolVersion === 5 ? [farewell] : []);
  }
});
