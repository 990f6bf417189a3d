/** Which messages are retained, replaced and removed (section 3.3.1.3). */
import type { QoS } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);

/** Topic, payload, QoS and RETAIN of what a new subscriber to everything gets, sorted by topic. */
function retainedIn(harness: BrokerHarness, protocolVersion: 4 | 5 = 5): [string, string, QoS, boolean][] {
  return harness
    .connected({ protocolVersion })
    .subscribed("#")
    .messages()
    .map(({ topicName, payload, qos, retain }): [string, string, QoS, boolean] => [
      topicName,
      text(payload),
      qos,
      retain,
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

describe.each([4, 5] as const)("retained messages, protocol level %i", (protocolVersion) => {
  const start = (): { harness: BrokerHarness; publisher: TestClient; current: TestClient } => {
    const harness = new BrokerHarness();
    const current = harness.connected({ protocolVersion }).subscribed("#");
    return { harness, publisher: harness.connected({ protocolVersion }), current };
  };

  test("[MQTT-3.3.1-5] [3.1.1 MQTT-3.3.1-5] RETAIN keeps a message and its QoS for later subscribers", () => {
    const { harness, publisher } = start();
    publisher.publish("a/0", "zero", { retain: true });
    publisher.publish("a/1", "one", { retain: true, qos: 1 });
    publisher.publish("a/2", "two", { retain: true, qos: 2 });
    publisher.drop();
    expect(retainedIn(harness, protocolVersion)).toEqual([
      ["a/0", "zero", 0, true],
      ["a/1", "one", 1, true],
      ["a/2", "two", 2, true],
    ]);
  });

  test("[MQTT-3.3.1-5] a later one replaces it, with its own QoS", () => {
    const { harness, publisher } = start();
    publisher.publish("a", "old", { retain: true, qos: 2 }).publish("a", "new", { retain: true, qos: 1 });
    harness.connected({ protocolVersion }).publish("b", "x", { retain: true }).publish("a", "newest", { retain: true });
    expect(retainedIn(harness, protocolVersion)).toEqual([
      ["a", "newest", 0, true],
      ["b", "x", 0, true],
    ]);
    expect(harness.broker.retainedMessageCount).toBe(2);
  });

  test("[3.1.1 MQTT-3.3.1-7] one at QoS 0 puts the earlier one out of the way", () => {
    const { harness, publisher } = start();
    publisher.publish("a", "old", { retain: true, qos: 2 }).publish("a", "new", { retain: true, qos: 0 });
    expect(retainedIn(harness, protocolVersion)).toEqual([["a", "new", 0, true]]);
  });

  test("[3.1.1 MQTT-3.3.1-6] a new subscription gets the last one of every matching topic", () => {
    const { harness, publisher } = start();
    for (const topic of ["a", "a/b", "a/b/c", "b/b", "/b", "$hidden/b"]) {
      publisher.publish(topic, "old", { retain: true }).publish(topic, topic, { retain: true });
    }
    const topics = (filter: string): string[] =>
      harness.connected({ protocolVersion }).subscribed(filter).payloads().sort();
    expect(topics("a/#")).toEqual(["a", "a/b", "a/b/c"]);
    expect(topics("+/b")).toEqual(["/b", "a/b", "b/b"]);
    expect(topics("a")).toEqual(["a"]);
    expect(topics("#")).toEqual(["/b", "a", "a/b", "a/b/c", "b/b"]);
    expect(topics("$hidden/+")).toEqual(["$hidden/b"]);
    expect(topics("c")).toEqual([]);
  });

  test("[MQTT-3.3.1-6] [3.1.1 MQTT-3.3.1-10] an empty one goes to current subscribers and removes what was kept", () => {
    const { harness, publisher, current } = start();
    publisher.publish("a", "kept", { retain: true }).publish("b", "stays", { retain: true });
    current.take();
    publisher.publish("a", "", { retain: true, qos: 1 });
    expect(current.messages()).toMatchObject([{ topicName: "a", qos: 1, payload: new Uint8Array(0), retain: false }]);
    expect(retainedIn(harness, protocolVersion)).toEqual([["b", "stays", 0, true]]);
  });

  test("[MQTT-3.3.1-7] [3.1.1 MQTT-3.3.1-11] an empty one is not kept itself", () => {
    const { harness, publisher, current } = start();
    publisher.publish("a", "", { retain: true, qos: 2 });
    expect(current.messages()).toHaveLength(1);
    expect(harness.broker.retainedMessageCount).toBe(0);
    expect(retainedIn(harness, protocolVersion)).toEqual([]);
  });

  test("[MQTT-3.3.1-8] [3.1.1 MQTT-3.3.1-12] without RETAIN nothing is kept, replaced or removed", () => {
    const { harness, publisher, current } = start();
    publisher.publish("a", "kept", { retain: true, qos: 1 });
    publisher.publish("a", "live", { qos: 2 }).publish("a", "", { qos: 1 }).publish("b", "live");
    expect(current.messages()).toHaveLength(4);
    expect(retainedIn(harness, protocolVersion)).toEqual([["a", "kept", 1, true]]);
  });

  test("[3.1.1 MQTT-3.3.1-8] RETAIN is 1 for what a new subscription brings, at the lower of both QoS", () => {
    const { harness, publisher } = start();
    publisher.publish("a", "x", { retain: true, qos: 2 });
    const subscriber = harness.connected({ protocolVersion });
    const qosOf = (qos: QoS) =>
      subscriber
        .subscribed("a", { qos })
        .messages()
        .map((message) => [message.qos, message.retain]);
    expect([qosOf(0), qosOf(1), qosOf(2)]).toEqual([[[0, true]], [[1, true]], [[2, true]]]);
  });

  test("[3.1.1 MQTT-3.3.1-9] RETAIN is 0 for a subscription that was there before", () => {
    const { harness, publisher, current } = start();
    persistentClient(harness, protocolVersion, "away").subscribed("#").drop();
    for (const qos of [0, 1, 2] as const) publisher.publish("a", "x", { retain: true, qos });
    expect(current.messages().map(({ retain }) => retain)).toEqual([false, false, false]);
    const resumed = persistentClient(harness, protocolVersion, "away").messages();
    expect(resumed.map(({ retain }) => retain)).toEqual([false, false]);
  });

  test("a retained message does not come again when a session is resumed", () => {
    const { harness, publisher } = start();
    publisher.publish("a", "x", { retain: true });
    expect(persistentClient(harness, protocolVersion, "subscriber").subscribed("a").messages()).toHaveLength(1);
    expect(persistentClient(harness, protocolVersion, "subscriber").take()).toEqual([]);
  });

  test("a session that ends takes no retained message with it", () => {
    const { harness, publisher } = start();
    publisher.publish("a", "x", { retain: true, qos: 1 });
    publisher.disconnect();
    harness.advance(10 * 86_400_000);
    expect(retainedIn(harness, protocolVersion)).toEqual([["a", "x", 1, true]]);
  });
});

describe("the limits of retained messages", () => {
  test.each([
    ["messages", { retainedMessagesMax: 2 }],
    ["bytes", { retainedBytesMax: 450 }],
  ])("what is beyond the number of %s is delivered but not kept, and counted", (_name, limits) => {
    const harness = new BrokerHarness(limits);
    const current = harness.connected().subscribed("#");
    const publisher = harness.connected();
    for (const topic of ["a", "b", "c"]) publisher.publish(topic, topic, { retain: true, qos: 1 });
    expect(publisher.take()).toHaveLength(3);
    expect(current.payloads()).toEqual(["a", "b", "c"]);
    expect(retainedIn(harness).map(([topic]) => topic)).toEqual(["a", "b"]);
    expect(harness.broker.droppedMessages["retained-limit"]).toBe(1);
    // What is there may be replaced, and what is removed makes room.
    publisher
      .publish("b", "B", { retain: true })
      .publish("a", "", { retain: true })
      .publish("c", "C", { retain: true });
    expect(retainedIn(harness).map(([topic, payload]) => [topic, payload])).toEqual([
      ["b", "B"],
      ["c", "C"],
    ]);
    expect(harness.broker.droppedMessages["retained-limit"]).toBe(1);
  });

  test("a replacement that does not fit leaves nothing out of date behind", () => {
    const harness = new BrokerHarness({ retainedBytesMax: 500 });
    const publisher = harness.connected().publish("a", "old", { retain: true });
    publisher.publish("a", "x".repeat(600), { retain: true });
    expect(retainedIn(harness)).toEqual([]);
    expect(harness.broker.droppedMessages["retained-limit"]).toBe(1);
  });
});
