/** Several subscriptions of one client that match one message (5.0 section 3.3.4, 3.1.1 section 3.3.5). */
import type { PublishPacket, QoS } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness } from "../testing/index.js";

const identifiersOf = ({ properties }: PublishPacket): number[] =>
  [...(properties?.subscriptionIdentifiers ?? [])].sort((a, b) => a - b);

describe.each([4, 5] as const)("overlapping subscriptions, protocol level %i", (protocolVersion) => {
  const combinations: [QoS, QoS, QoS, QoS][] = [];
  for (const published of [0, 1, 2] as const) {
    for (const [first, second] of [
      [0, 1],
      [1, 0],
      [0, 2],
      [2, 1],
      [1, 1],
    ] as const) {
      combinations.push([published, first, second, Math.min(published, Math.max(first, second)) as QoS]);
    }
  }

  test.each(combinations)(
    "[MQTT-3.3.4-2] [3.1.1 MQTT-3.3.5-1] QoS %i published, %i and %i granted: one copy at QoS %i",
    (published, first, second, delivered) => {
      const harness = new BrokerHarness();
      const subscriber = harness.connected({ protocolVersion });
      subscriber.subscribed("a/#", { qos: first }).subscribed("+/b", { qos: second });
      harness.connected({ protocolVersion }).publish("a/b", "x", { qos: published });
      expect(subscriber.messages().map(({ qos }) => qos)).toEqual([delivered]);
    },
  );

  test("[MQTT-3.3.4-2] [3.1.1 MQTT-3.3.5-1] the highest QoS counts for those without a connection too", () => {
    const harness = new BrokerHarness();
    const connect = () =>
      harness.connected({
        protocolVersion,
        clientIdentifier: "subscriber",
        cleanStart: false,
        properties: protocolVersion === 5 ? { sessionExpiryInterval: 60 } : undefined,
      });
    connect().subscribed("a/#", { qos: 1 }).subscribed("+/b", { qos: 2 }).subscribed("#", { qos: 0 }).drop();
    harness.connected({ protocolVersion }).publish("a/b", "x", { qos: 2 }).publish("a/c", "y", { qos: 2 });
    expect(
      connect()
        .messages()
        .map(({ topicName, qos }) => [topicName, qos]),
    ).toEqual([
      ["a/b", 2],
      ["a/c", 1],
    ]);
  });
});

describe("Subscription Identifiers", () => {
  test("[MQTT-3.3.4-3] [MQTT-3.3.4-4] the one copy lists those of all matching subscriptions", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected();
    subscriber.subscribed("a/#", { subscriptionIdentifier: 3, qos: 0 });
    subscriber.subscribed("+/b", { subscriptionIdentifier: 268_435_455, qos: 1 });
    subscriber.subscribed("a/b", { qos: 2 });
    subscriber.subscribed("other", { subscriptionIdentifier: 4 });
    harness.connected().publish("a/b", "x", { qos: 2 });
    const messages = subscriber.messages();
    expect(messages).toMatchObject([{ qos: 2, topicName: "a/b" }]);
    expect(identifiersOf(messages[0])).toEqual([3, 268_435_455]);
  });

  test("[MQTT-3.3.4-3] each client gets its own, also when the message waited", () => {
    const harness = new BrokerHarness();
    const connect = () =>
      harness.connected({
        clientIdentifier: "late",
        cleanStart: false,
        properties: { sessionExpiryInterval: 60 },
      });
    connect().subscribed("a/b", { subscriptionIdentifier: 1 }).subscribed("a/+", { subscriptionIdentifier: 2 }).drop();
    const other = harness.connected().subscribed("#", { subscriptionIdentifier: 9 });
    const none = harness.connected().subscribed("#");
    harness.connected().publish("a/b", "x", { qos: 1 });
    expect(connect().messages().map(identifiersOf)).toEqual([[1, 2]]);
    expect(other.messages().map(identifiersOf)).toEqual([[9]]);
    expect(none.messages().map(identifiersOf)).toEqual([[]]);
  });

  test("[MQTT-3.3.4-3] retained messages carry the identifier of the subscription that asked for them", () => {
    const harness = new BrokerHarness();
    harness.connected().publish("a/b", "x", { retain: true });
    const subscriber = harness.connected().subscribed("a/#", { subscriptionIdentifier: 7 });
    expect(subscriber.messages().map(identifiersOf)).toEqual([[7]]);
  });

  test("[MQTT-3.3.4-5] copies for a shared and an ordinary subscription have the identifier of their own", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected();
    subscriber.subscribed("a/b", { subscriptionIdentifier: 1 });
    subscriber.subscribed("$share/group/a/b", { subscriptionIdentifier: 2 });
    subscriber.subscribed("$share/other/a/+", { subscriptionIdentifier: 3 });
    harness.connected().publish("a/b", "x", { qos: 1 });
    const identifiers = subscriber.messages().map(identifiersOf);
    expect(identifiers.sort()).toEqual([[1], [2], [3]]);
  });

  test("a subscription that was replaced without one sends none any more", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected().subscribed("a", { subscriptionIdentifier: 1 }).subscribed("a");
    harness.connected().publish("a", "x");
    expect(subscriber.messages().map(identifiersOf)).toEqual([[]]);
  });
});
