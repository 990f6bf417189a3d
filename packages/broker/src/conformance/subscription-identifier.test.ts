/** Subscription Identifiers (MQTT 5.0 sections 3.8.2.1.2 and 3.3.4). */

import { PacketType, type PublishPacket, ReasonCode } from "@tidings/packet";
import { MemorySessionStore } from "@tidings/session";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";

const MAXIMUM = 268_435_455;

/** The identifiers of each message received, sorted: they have no order. */
function identifiers(client: TestClient): number[][] {
  const of = (message: PublishPacket): readonly number[] => message.properties?.subscriptionIdentifiers ?? [];
  return client.messages().map((message) => [...of(message)].sort((a, b) => a - b));
}

describe("a message carries the Subscription Identifier", () => {
  test("[MQTT-3.3.4-3] of the subscription that matched, from 1 to 268,435,455, at each QoS", () => {
    const harness = new BrokerHarness();
    const publisher = harness.connected();
    for (const subscriptionIdentifier of [1, 127, 128, 16_384, MAXIMUM]) {
      const client = harness.connected().subscribed("a", { subscriptionIdentifier });
      for (const qos of [0, 1, 2] as const) publisher.publish("a", "x", { qos });
      expect(identifiers(client)).toEqual([
        [subscriptionIdentifier],
        [subscriptionIdentifier],
        [subscriptionIdentifier],
      ]);
      client.disconnect();
    }
  });

  test("[MQTT-3.3.4-3] [MQTT-3.3.4-4] of all that match, when several do", () => {
    const harness = new BrokerHarness();
    const client = harness.connected();
    client.subscribed("a/b", { subscriptionIdentifier: 1 }).subscribed("a/+", { subscriptionIdentifier: 2 });
    client.subscribed("a/c", { subscriptionIdentifier: 3 }).subscribed("#");
    const publisher = harness.connected();
    publisher.publish("a/b").publish("a/c").publish("a/d").publish("b");
    expect(identifiers(client)).toEqual([[1, 2], [2, 3], [2], []]);
  });

  test("[MQTT-3.3.4-3] of every filter of one SUBSCRIBE", () => {
    const harness = new BrokerHarness();
    const client = harness.connected();
    const options = { qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
    client.send({
      type: PacketType.SUBSCRIBE,
      packetIdentifier: 1,
      subscriptions: [
        { topicFilter: "a", ...options },
        { topicFilter: "b", ...options },
      ],
      properties: { subscriptionIdentifiers: [7] },
    });
    harness.connected().publish("a").publish("b");
    expect(identifiers(client)).toEqual([[7], [7]]);
  });

  test("[MQTT-3.3.4-3] that its client used for another filter too, as often as it matches", () => {
    const harness = new BrokerHarness();
    const client = harness.connected().subscribed("a/b", { subscriptionIdentifier: 5 });
    client.subscribed("a/+", { subscriptionIdentifier: 5 });
    harness.connected().publish("a/b");
    const [received] = identifiers(client);
    expect(new Set(received)).toEqual(new Set([5]));
  });

  test("[MQTT-3.3.4-3] when it is a retained message", () => {
    const harness = new BrokerHarness();
    harness.connected().publish("a", "kept", { retain: true });
    const client = harness.connected().subscribed("a", { subscriptionIdentifier: 9 });
    expect(identifiers(client)).toEqual([[9]]);
  });

  test("[MQTT-3.3.4-3] of the client it goes to, and no other's", () => {
    const harness = new BrokerHarness();
    const one = harness.connected().subscribed("a", { subscriptionIdentifier: 1 });
    const two = harness.connected().subscribed("a", { subscriptionIdentifier: 2 });
    const none = harness.connected().subscribed("a");
    const old = harness.connected({ protocolVersion: 4 }).subscribed("a");
    harness.connected().publish("a", "x", { qos: 1 });
    expect([one, two, none].map(identifiers)).toEqual([[[1]], [[2]], [[]]]);
    expect(old.messages().length).toBe(1);
  });

  test("[MQTT-3.3.4-3] of the time when it was queued or sent, also when it is sent again", () => {
    const harness = new BrokerHarness({ inFlightMessagesMax: 1 });
    const options = { clientIdentifier: "c", cleanStart: false, properties: { sessionExpiryInterval: 60 } };
    const client = harness.connected(options).subscribed("a", { subscriptionIdentifier: 1 });
    const publisher = harness.connected().publish("a", "x", { qos: 1 }).publish("a", "y", { qos: 1 });
    client.drop();
    const again = harness.connected(options);
    const [message] = again.messages();
    expect(message).toMatchObject({ dup: true, properties: { subscriptionIdentifiers: [1] } });
    again.acknowledge(PacketType.PUBACK, message.packetIdentifier as number);
    expect(identifiers(again)).toEqual([[1]]);
    expect(publisher.isClosed).toBe(false);
  });

  test("[MQTT-3.3.4-3] that a store kept with the subscription and with the message", async () => {
    const store = new MemorySessionStore();
    const options = { clientIdentifier: "c", cleanStart: false, properties: { sessionExpiryInterval: 60 } };
    const before = new BrokerHarness({ store });
    before.connected(options).subscribed("a", { subscriptionIdentifier: 3 }).drop();
    before.connected().publish("a", "x", { qos: 1 });
    const after = new BrokerHarness({ store });
    await after.broker.recover(after.nowMs);
    const client = after.connected(options);
    after.connected({ clientIdentifier: "publisher" }).publish("a", "y");
    expect(identifiers(client)).toEqual([[3], [3]]);
  });
});

describe("subscribing again", () => {
  test("[MQTT-3.8.4-3] replaces the identifier, and takes it away when there is none now", () => {
    const harness = new BrokerHarness();
    const publisher = harness.connected();
    const client = harness.connected();
    const received: number[][] = [];
    for (const subscriptionIdentifier of [1, 2, undefined, 3]) {
      client.subscribed("a", { subscriptionIdentifier });
      publisher.publish("a");
      received.push(...identifiers(client));
    }
    expect(received).toEqual([[1], [2], [], [3]]);
  });

  test("[MQTT-3.8.4-3] does so for a subscription that overlaps with another", () => {
    const harness = new BrokerHarness();
    const client = harness.connected().subscribed("a/+", { subscriptionIdentifier: 1 });
    client.subscribed("a/b", { subscriptionIdentifier: 2 });
    const publisher = harness.connected().publish("a/b").publish("a/b").publish("a/b");
    client.subscribed("a/b");
    publisher.publish("a/b");
    expect(identifiers(client)).toEqual([[1, 2], [1, 2], [1, 2], [1]]);
  });
});

test("[MQTT-3.3.4-6] a PUBLISH of a client with a Subscription Identifier is a Protocol Error", () => {
  const harness = new BrokerHarness();
  const client = harness.connected();
  const subscriber = harness.connected().subscribed("a");
  client.publish("a", "x", { properties: { subscriptionIdentifiers: [1] } });
  expect(client.isClosed).toBe(true);
  expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(ReasonCode.ProtocolError);
  expect(subscriber.messages()).toEqual([]);
});

test("Subscription Identifier 0, and two of them in one SUBSCRIBE, are Protocol Errors", () => {
  for (const properties of [
    [0x0b, 0],
    [0x0b, 1, 0x0b, 2],
  ]) {
    const harness = new BrokerHarness();
    const client = harness.connected();
    const body = [0, 1, properties.length, ...properties, 0, 1, 0x61, 0];
    client.sendBytes([0x82, body.length, ...body]);
    expect(client.isClosed).toBe(true);
    expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(ReasonCode.ProtocolError);
    expect(harness.broker.subscriptionCount).toBe(0);
  }
});
