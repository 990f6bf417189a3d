/** No Local (MQTT 5.0 section 3.8.3.1): a client does not get what it published itself. */
import { MemorySessionStore } from "@tidings/session";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";

/** A client with a session that outlives its connections. */
function returning(harness: BrokerHarness, clientIdentifier: string): TestClient {
  return harness.connected({ clientIdentifier, cleanStart: false, properties: { sessionExpiryInterval: 3600 } });
}

describe("a subscription with No Local", () => {
  test("[MQTT-3.8.3-3] gets what others publish, and not what its own client does", () => {
    const harness = new BrokerHarness();
    const client = harness.connected().subscribed("a/+", { noLocal: true });
    for (const qos of [0, 1, 2] as const) client.publish("a/b", "own", { qos });
    expect(client.payloads()).toEqual([]);
    harness.connected().publish("a/b", "other");
    expect(client.payloads()).toEqual(["other"]);
  });

  test("[MQTT-3.8.3-3] compares Client Identifiers, so that it holds after a reconnect", () => {
    const harness = new BrokerHarness();
    returning(harness, "me").subscribed("a", { noLocal: true }).drop();
    const again = returning(harness, "me").publish("a", "own", { qos: 1 });
    expect(again.messages()).toEqual([]);
    expect(again.connection.queuedMessages).toBe(0);
  });

  test("[MQTT-3.8.3-3] holds for the will of its own client", () => {
    const harness = new BrokerHarness();
    const will = { topic: "a", payload: new Uint8Array([1]), qos: 1 as const, retain: false };
    const client = harness.connected({
      clientIdentifier: "me",
      cleanStart: false,
      properties: { sessionExpiryInterval: 3600 },
      will,
    });
    const other = harness.connected().subscribed("a");
    client.subscribed("a", { noLocal: true }).drop();
    expect(other.messages().length).toBe(1);
    expect(returning(harness, "me").messages()).toEqual([]);
  });

  test("[MQTT-3.8.3-3] gets no retained message that its own client published, in this connection or an earlier one", () => {
    const harness = new BrokerHarness();
    returning(harness, "me").publish("a/own", "x", { retain: true }).disconnect();
    harness.connected().publish("a/other", "x", { retain: true });
    const client = returning(harness, "me").publish("a/later", "x", { retain: true });
    client.subscribed("a/+", { noLocal: true });
    expect(client.messages().map(({ topicName }) => topicName)).toEqual(["a/other"]);
  });

  test("[MQTT-3.8.3-3] holds for retained messages and subscriptions that come back from a store", async () => {
    const store = new MemorySessionStore();
    const before = new BrokerHarness({ store });
    const client = returning(before, "me").subscribed("a/+", { noLocal: true });
    client.publish("a/own", "x", { retain: true, qos: 1 });
    before.connected({ clientIdentifier: "other" }).publish("a/other", "x", { retain: true });

    const after = new BrokerHarness({ store });
    await after.broker.recover(after.nowMs);
    const again = returning(after, "me");
    again.publish("a/own", "y");
    expect(again.messages()).toEqual([]);
    again.subscribed("a/#", { noLocal: true });
    expect(again.messages().map(({ topicName }) => topicName)).toEqual(["a/other"]);
  });

  test("[MQTT-3.8.3-3] takes nothing away from the client's other subscriptions, and gives them nothing either", () => {
    const harness = new BrokerHarness();
    const client = harness.connected();
    client.subscribed("a/#", { qos: 2, noLocal: true, subscriptionIdentifier: 1, retainAsPublished: true });
    client.subscribed("a/+", { qos: 1, subscriptionIdentifier: 2 });
    client.publish("a/b", "own", { qos: 2, retain: true });
    expect(client.messages()).toEqual([
      expect.objectContaining({ qos: 1, retain: false, properties: { subscriptionIdentifiers: [2] } }),
    ]);
    harness.connected().publish("a/b", "other", { qos: 2, retain: true });
    const [message] = client.messages();
    expect(message).toMatchObject({ qos: 2, retain: true });
    expect(new Set(message.properties?.subscriptionIdentifiers)).toEqual(new Set([1, 2]));
  });

  test("[MQTT-3.8.3-3] [MQTT-3.8.4-3] can be turned on and off by subscribing again", () => {
    const client = new BrokerHarness().connected().subscribed("a");
    client.publish("a", "1").subscribed("a", { noLocal: true }).publish("a", "2").subscribed("a").publish("a", "3");
    expect(client.payloads()).toEqual(["1", "3"]);
  });

  test("does not stop what the host process publishes", () => {
    const harness = new BrokerHarness();
    const client = harness.connected().subscribed("a", { noLocal: true });
    harness.broker.publish({ topicName: "a", payload: "host" });
    harness.endTurn();
    expect(client.payloads()).toEqual(["host"]);
  });
});

test.each([3, 4] as const)("a client of protocol level %i gets what it publishes itself", (protocolVersion) => {
  const client = new BrokerHarness().connected({ protocolVersion }).subscribed("a");
  expect(client.publish("a", "own").payloads()).toEqual(["own"]);
});
