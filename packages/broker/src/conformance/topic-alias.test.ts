/** Topic aliases that a client sets (5.0 section 3.3.2.3.4). */
import { encodePacket, PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

const alias = (topicAlias: number) => ({ properties: { topicAlias } });

function expectClosed(client: TestClient, reasonCode: number): void {
  expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(reasonCode);
  expect(client.isClosed).toBe(true);
}

describe("topic aliases of a client", () => {
  test("[MQTT-3.3.2-12] every alias from 1 to the announced maximum is accepted", () => {
    for (const topicAliasMaximum of [1, 7, 65_535]) {
      const harness = new BrokerHarness({ topicAliasMaximum });
      const subscriber = harness.connected().subscribed("#");
      const publisher = harness.connected();
      const aliases =
        topicAliasMaximum > 100 ? [1, 2, 255, 256, 65_535] : [...Array(topicAliasMaximum).keys()].map((i) => i + 1);
      for (const number of aliases) publisher.publish(`topic/${number}`, "set", alias(number));
      for (const number of aliases) publisher.publish("", "used", alias(number));
      const topics = aliases.map((number) => `topic/${number}`);
      expect(subscriber.messages().map(({ topicName }) => topicName)).toEqual([...topics, ...topics]);
    }
  });

  test("[MQTT-3.3.2-12] an alias can be given to another topic, and used at each QoS", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected().subscribed("#");
    const publisher = harness.connected();
    publisher.publish("one", "", alias(1)).publish("", "", { ...alias(1), qos: 1 });
    publisher.publish("two", "", { ...alias(1), qos: 2 }).publish("", "", { ...alias(1), qos: 2 });
    publisher.publish("one", "without an alias").publish("", "", alias(1));
    expect(subscriber.messages().map(({ topicName }) => topicName)).toEqual(["one", "one", "two", "two", "one", "two"]);
  });

  test("[MQTT-3.3.2-7] an alias does not outlive its connection, though the session does", () => {
    const harness = new BrokerHarness();
    const publisher = persistentClient(harness, 5, "publisher").publish("a", "", alias(1));
    publisher.drop();
    const again = persistentClient(harness, 5, "publisher").publish("", "", alias(1));
    expectClosed(again, ReasonCode.ProtocolError);
  });

  test("[MQTT-3.3.2-7] an alias belongs to one connection and one direction", () => {
    const harness = new BrokerHarness();
    harness.connected().publish("a", "", alias(1));
    const client = harness.connected({ properties: { topicAliasMaximum: 5 } }).subscribed("topic");
    harness.connected().publish("topic", "x");
    expect(client.messages()).toMatchObject([{ topicName: "topic", properties: { topicAlias: 1 } }]);
    expectClosed(client.publish("", "", alias(1)), ReasonCode.ProtocolError);
  });

  test("[MQTT-3.3.2-8] alias 0 ends the connection with 0x94", () => {
    const publisher = new BrokerHarness().connected();
    publisher.sendBytes([0x30, 7, 0, 1, 0x61, 3, 0x23, 0, 0]);
    expectClosed(publisher, ReasonCode.TopicAliasInvalid);
  });

  test("[MQTT-3.3.2-9] an alias above the maximum ends the connection with 0x94", () => {
    const harness = new BrokerHarness({ topicAliasMaximum: 3 });
    const subscriber = harness.connected().subscribed("#");
    expectClosed(harness.connected().publish("a", "", alias(4)), ReasonCode.TopicAliasInvalid);
    expectClosed(harness.connected().publish("", "", alias(4)), ReasonCode.TopicAliasInvalid);
    expect(subscriber.take()).toEqual([]);
  });

  test("[MQTT-3.3.2-9] with aliases turned off there is none to use", () => {
    const harness = new BrokerHarness({ topicAliasMaximum: 0 });
    expectClosed(harness.connected().publish("a", "", alias(1)), ReasonCode.TopicAliasInvalid);
  });

  test("an alias that was never set, and a PUBLISH without topic or alias, are Protocol Errors", () => {
    const harness = new BrokerHarness();
    expectClosed(harness.connected().publish("", "", alias(1)), ReasonCode.ProtocolError);
    expectClosed(harness.connected().sendBytes([0x30, 3, 0, 0, 0]), ReasonCode.ProtocolError);
  });

  test("a repeated QoS 2 PUBLISH sets its alias like the first", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected().subscribed("#");
    persistentClient(harness, 5, "publisher")
      .publish("a", "1", { qos: 2, packetIdentifier: 1, ...alias(1) })
      .drop();
    const again = persistentClient(harness, 5, "publisher");
    again.publish("a", "1", { qos: 2, packetIdentifier: 1, dup: true, ...alias(1) }).publish("", "2", alias(1));
    expect(subscriber.messages().map(({ topicName }) => topicName)).toEqual(["a", "a"]);
  });

  test("an alias finds subscriptions made after it was set", () => {
    const harness = new BrokerHarness();
    const publisher = harness.connected().publish("a/b", "", alias(1));
    const subscriber = harness.connected().subscribed("a/+");
    publisher.publish("", "x", { ...alias(1), qos: 1 });
    expect(subscriber.payloads()).toEqual(["x"]);
    expect(publisher.takeFirst(PacketType.PUBACK).reasonCode).toBe(0);
  });

  test("a PUBLISH above the broker's Maximum Packet Size sets no alias: it ends the connection", () => {
    const harness = new BrokerHarness({ maximumPacketSize: 1000 });
    const subscriber = harness.connected().subscribed("#");
    const publisher = harness.connected().publish("a", "x".repeat(1000), alias(1));
    expectClosed(publisher, ReasonCode.PacketTooLarge);
    expect(subscriber.take()).toEqual([]);
  });

  test("messages with an alias are kept, retained and sent again with their topic", () => {
    const harness = new BrokerHarness();
    persistentClient(harness, 5, "away").subscribed("topic").drop();
    const publisher = harness.connected().publish("topic", "", alias(9));
    publisher.publish("", "kept", { ...alias(9), qos: 1, retain: true });
    for (let i = 0; i < 2; i++) {
      const resumed = persistentClient(harness, 5, "away");
      expect(resumed.messages()).toMatchObject([{ topicName: "topic", dup: i === 1 }]);
      resumed.drop();
    }
    expect(harness.connected({ protocolVersion: 4 }).subscribed("topic").messages()).toMatchObject([
      { topicName: "topic", retain: true },
    ]);
  });
});

test("the broker reads aliases from the packet, wherever they stand", () => {
  const harness = new BrokerHarness();
  const subscriber = harness.connected().subscribed("#");
  const publisher = harness.connected();
  const packet = encodePacket(
    {
      type: PacketType.PUBLISH,
      dup: false,
      qos: 0,
      retain: false,
      topicName: "a",
      payload: Uint8Array.of(1),
      properties: { topicAlias: 2, contentType: "t", userProperties: [["a", "b"]], messageExpiryInterval: 5 },
    },
    5,
  );
  publisher.sendBytes(packet).publish("", "x", alias(2));
  expect(subscriber.messages()).toMatchObject([
    { topicName: "a", properties: { contentType: "t", userProperties: [["a", "b"]], messageExpiryInterval: 5 } },
    { topicName: "a", payload: Uint8Array.of(0x78) },
  ]);
});
