/** Message Expiry Interval (5.0 section 3.3.2.3.3). */
import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

const expiring = (messageExpiryInterval: number, qos: 0 | 1 | 2 = 1) => ({
  qos,
  properties: { messageExpiryInterval, contentType: "t" },
});

const intervals = (client: TestClient): (number | undefined)[] =>
  client.messages().map(({ properties }) => properties?.messageExpiryInterval);

describe("Message Expiry Interval", () => {
  test("[MQTT-3.3.2-6] what did not wait has the interval that it came with", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected().subscribed("#");
    const publisher = harness.connected();
    for (const interval of [1, 300, 0xffff_ffff]) publisher.publish("a", "x", expiring(interval));
    publisher.publish("a", "never", { qos: 1 });
    expect(intervals(subscriber)).toEqual([1, 300, 0xffff_ffff, undefined]);
  });

  test("[MQTT-3.3.2-6] the time in the queue is taken off, for each subscriber on its own", () => {
    const harness = new BrokerHarness();
    for (const name of ["one", "two"]) persistentClient(harness, 5, name).subscribed("#").drop();
    harness.connected().publish("a", "x", expiring(100)).publish("a", "never", { qos: 1 });
    harness.advance(30_000);
    expect(intervals(persistentClient(harness, 5, "one"))).toEqual([70, undefined]);
    harness.advance(30_000);
    expect(intervals(persistentClient(harness, 5, "two"))).toEqual([40, undefined]);
  });

  test("[MQTT-3.3.2-6] also with aliases, identifiers and large payloads, and when it is sent again", () => {
    const harness = new BrokerHarness();
    const connect = () => persistentClient(harness, 5, "subscriber", { topicAliasMaximum: 5 });
    connect().subscribed("topic", { subscriptionIdentifier: 3 }).drop();
    const publisher = harness.connected();
    publisher.publish("topic", "x", expiring(100)).publish("topic", "y".repeat(5000), expiring(200, 2));
    publisher.publish("topic", "z", { ...expiring(300), properties: { topicAlias: 1, messageExpiryInterval: 300 } });
    harness.advance(10_000);
    const first = connect();
    expect(intervals(first)).toEqual([90, 190, 290]);
    first.drop();
    harness.advance(10_000);
    expect(intervals(connect())).toEqual([80, 180, 280]);
  });

  test("[MQTT-3.3.2-6] while a message waits for a place in the window", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected({ properties: { receiveMaximum: 1 } }).subscribed("#");
    harness.connected().publish("a", "1", expiring(100)).publish("a", "2", expiring(100));
    const [first] = subscriber.messages();
    harness.advance(20_000);
    subscriber.acknowledge(PacketType.PUBACK, first.packetIdentifier as number);
    expect(intervals(subscriber)).toEqual([80]);
  });

  test("[MQTT-3.3.2-6] for a retained message, each time it is sent", () => {
    const harness = new BrokerHarness();
    harness.connected().publish("a", "x", { ...expiring(100), retain: true });
    harness.advance(25_000);
    expect(intervals(harness.connected().subscribed("a"))).toEqual([75]);
    harness.advance(25_000);
    expect(intervals(harness.connected().subscribed("a"))).toEqual([50]);
  });

  test("[MQTT-3.3.2-6] a part of a second that is left is not sent as 0", () => {
    const harness = new BrokerHarness();
    persistentClient(harness, 5, "subscriber").subscribed("#").drop();
    harness.connected().publish("a", "x", expiring(2));
    harness.advance(1750);
    expect(intervals(persistentClient(harness, 5, "subscriber"))).toEqual([1]);
  });

  test.each([4, 5] as const)("[MQTT-3.3.2-5] what expired in the queue is not sent, at level %i", (protocolVersion) => {
    const harness = new BrokerHarness();
    persistentClient(harness, protocolVersion, "subscriber").subscribed("#").drop();
    const publisher = harness.connected();
    publisher.publish("a", "short", expiring(10)).publish("a", "long", expiring(1000, 2));
    publisher.publish("a", "short", expiring(10, 2)).publish("a", "never", { qos: 1 });
    harness.advance(10_000);
    expect(persistentClient(harness, protocolVersion, "subscriber").payloads()).toEqual(["long", "never"]);
    expect(harness.broker.droppedMessages.expired).toBe(2);
  });

  test("[MQTT-3.3.2-5] nor what expired while the window was full", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected({ properties: { receiveMaximum: 1 } }).subscribed("#");
    const publisher = harness.connected().publish("a", "1", { qos: 1 });
    publisher.publish("a", "2", expiring(5)).publish("a", "3", expiring(50));
    const [first] = subscriber.messages();
    harness.advance(5000);
    subscriber.acknowledge(PacketType.PUBACK, first.packetIdentifier as number);
    expect(subscriber.payloads()).toEqual(["3"]);
    expect(subscriber.connection.inFlightMessages).toBe(1);
  });

  test("[MQTT-3.3.2-5] nor a retained message that expired, which is kept no longer", () => {
    const harness = new BrokerHarness();
    const publisher = harness.connected().publish("a", "x", { ...expiring(10), retain: true });
    publisher.publish("b", "replaced", { ...expiring(10), retain: true }).publish("b", "stays", { retain: true });
    harness.advance(9750);
    expect(harness.broker.retainedMessageCount).toBe(2);
    harness.advance(250);
    expect(harness.broker.retainedMessageCount).toBe(1);
    expect(harness.connected().subscribed("#").payloads()).toEqual(["stays"]);
  });

  test("[MQTT-3.3.2-5] nor a retained message that expired before the broker was told the time", () => {
    const harness = new BrokerHarness();
    harness.connected().publish("a", "x", { ...expiring(10), retain: true });
    harness.nowMs += 10_000;
    expect(harness.connected().subscribed("a").take()).toEqual([]);
    const seen: string[] = [];
    harness.broker.subscribeLocally("a", { onMessage: (message) => void seen.push(message.topicName) });
    expect(seen).toEqual([]);
    expect(harness.broker.retainedMessage("a")).toBeUndefined();
  });

  test("[MQTT-3.3.2-5] nor a retained message that expired while others were sent", () => {
    const harness = new BrokerHarness();
    const publisher = harness.connected();
    for (const topic of ["a/1", "a/2", "a/3"]) publisher.publish(topic, topic, { ...expiring(10), retain: true });
    const subscriber = harness.connected({ properties: { receiveMaximum: 1 } }).subscribed("a/+");
    const [first] = subscriber.messages();
    harness.advance(20_000);
    subscriber.acknowledge(PacketType.PUBACK, first.packetIdentifier as number);
    expect(subscriber.take()).toEqual([]);
  });

  test("what was sent before it expired is sent again with nothing left, and done when acknowledged", () => {
    const harness = new BrokerHarness();
    const subscriber = persistentClient(harness, 5, "subscriber").subscribed("#");
    harness.connected().publish("a", "x", expiring(10));
    expect(intervals(subscriber)).toEqual([10]);
    subscriber.drop();
    harness.advance(60_000);
    const again = persistentClient(harness, 5, "subscriber");
    const messages = again.messages();
    expect(messages).toMatchObject([{ dup: true, properties: { messageExpiryInterval: 0 } }]);
    again.acknowledge(PacketType.PUBACK, messages[0].packetIdentifier as number);
    expect(again.connection.inFlightMessages).toBe(0);
  });

  test("expired messages leave room in a full queue", () => {
    const harness = new BrokerHarness({ queuedMessagesMax: 2 });
    persistentClient(harness, 5, "subscriber").subscribed("#").drop();
    const publisher = harness.connected().publish("a", "1", expiring(10)).publish("a", "2", expiring(10));
    harness.advance(10_000);
    publisher.publish("a", "3", { qos: 1 });
    expect(persistentClient(harness, 5, "subscriber").payloads()).toEqual(["3"]);
    expect(harness.broker.droppedMessages).toMatchObject({ expired: 2, "queue-full": 0 });
  });
});
