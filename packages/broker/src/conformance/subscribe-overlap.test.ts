/** Subscriptions of one client that match the same topic (MQTT 5.0 section 3.3.4, 3.1.1 section 3.3.5). */
import { describe, expect, test } from "vitest";
import { BrokerHarness } from "../testing/index.js";

describe.each([3, 4, 5] as const)("overlapping subscriptions of protocol level %i", (protocolVersion) => {
  test("[MQTT-3.3.4-2] [3.1.1 MQTT-3.3.5-1] give one message, at the highest QoS granted to any of them", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion });
    client.subscribed("a/b", { qos: 0 }).subscribed("a/+", { qos: 2 }).subscribed("a/#", { qos: 1 });
    const publisher = harness.connected({ protocolVersion });
    for (const qos of [0, 1, 2] as const) publisher.publish("a/b", "", { qos });
    expect(client.messages().map(({ qos }) => qos)).toEqual([0, 1, 2]);
  });

  test("[MQTT-3.3.4-2] [3.1.1 MQTT-3.3.5-1] follow a change of one of them", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion }).subscribed("a/b", { qos: 1 }).subscribed("a/+", { qos: 2 });
    const publisher = harness.connected({ protocolVersion });
    const received = (): number[] => {
      publisher.publish("a/b", "", { qos: 2 });
      return client.messages().map(({ qos }) => qos);
    };
    expect([received(), received(), received()]).toEqual([[2], [2], [2]]);
    client.subscribed("a/+", { qos: 0 });
    expect(received()).toEqual([1]);
    client.subscribed("a/b", { qos: 0 });
    expect(received()).toEqual([0]);
    client.subscribed("a/#", { qos: 2 });
    expect(received()).toEqual([2]);
  });

  test("of two clients give each its own message", () => {
    const harness = new BrokerHarness();
    const one = harness.connected({ protocolVersion }).subscribed("a/b", { qos: 0 }).subscribed("#", { qos: 0 });
    const two = harness.connected({ protocolVersion }).subscribed("a/b", { qos: 1 }).subscribed("#", { qos: 0 });
    harness.connected({ protocolVersion }).publish("a/b", "", { qos: 2 });
    expect(one.messages().map(({ qos }) => qos)).toEqual([0]);
    expect(two.messages().map(({ qos }) => qos)).toEqual([1]);
  });
});

describe("overlapping subscriptions of 5.0", () => {
  test("[MQTT-3.3.1-13] give one message with RETAIN when one of them is Retain As Published", () => {
    const harness = new BrokerHarness();
    const client = harness.connected().subscribed("a/b").subscribed("a/+", { retainAsPublished: true });
    harness.connected().publish("a/b", "x", { retain: true });
    expect(client.messages().map(({ retain }) => retain)).toEqual([true]);
  });

  test("get retained messages each for itself, at its own QoS and with its own identifier", () => {
    const harness = new BrokerHarness();
    harness.connected().publish("a/b", "kept", { retain: true, qos: 2 });
    const client = harness.connected().subscribed("a/b", { qos: 1, subscriptionIdentifier: 1 });
    client.subscribed("a/+", { qos: 0, subscriptionIdentifier: 2 });
    expect(client.messages()).toEqual([
      expect.objectContaining({ qos: 1, retain: true, properties: { subscriptionIdentifiers: [1] } }),
      expect.objectContaining({ qos: 0, retain: true, properties: { subscriptionIdentifiers: [2] } }),
    ]);
  });
});
