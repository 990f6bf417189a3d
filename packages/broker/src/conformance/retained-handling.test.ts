/** The subscription options about retained messages: Retain Handling and Retain As Published (5.0 section 3.3.1.3). */
import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

function withRetained(): BrokerHarness {
  const harness = new BrokerHarness();
  harness.connected().publish("a/b", "b", { retain: true, qos: 1 }).publish("a/c", "c", { retain: true });
  return harness;
}

const arrived = (client: TestClient): string[] => client.payloads().sort();

describe("Retain Handling", () => {
  test("[MQTT-3.3.1-9] 0: retained messages come with every SUBSCRIBE, also one of the same filter", () => {
    const subscriber = withRetained().connected();
    for (let i = 0; i < 3; i++) {
      expect(arrived(subscriber.subscribed("a/+", { retainHandling: 0 }))).toEqual(["b", "c"]);
    }
  });

  test("[MQTT-3.3.1-9] 0: they follow what comes live, when the subscription is replaced while some wait", () => {
    const harness = withRetained();
    const subscriber = harness.connected({ properties: { receiveMaximum: 1 } });
    harness.connected().publish("a/d", "d", { retain: true, qos: 1 });
    subscriber.subscribed("a/+", { qos: 2 }).subscribed("a/+", { qos: 2 });
    const seen: string[] = [];
    for (let i = 0; i < 20; i++) {
      for (const { payload, packetIdentifier } of subscriber.messages()) {
        seen.push(new TextDecoder().decode(payload));
        if (packetIdentifier !== undefined) subscriber.acknowledge(PacketType.PUBACK, packetIdentifier);
      }
    }
    expect(new Set(seen)).toEqual(new Set(["b", "c", "d"]));
    expect(subscriber.connection.inFlightMessages).toBe(0);
  });

  test("[MQTT-3.3.1-10] 1: they come with a new subscription only", () => {
    const subscriber = withRetained().connected();
    expect(arrived(subscriber.subscribed("a/+", { retainHandling: 1 }))).toEqual(["b", "c"]);
    expect(arrived(subscriber.subscribed("a/+", { retainHandling: 1, qos: 0 }))).toEqual([]);
    // Another filter that matches the same is new, and one that was given up is new again.
    expect(arrived(subscriber.subscribed("a/#", { retainHandling: 1 }))).toEqual(["b", "c"]);
    subscriber.send({ type: PacketType.UNSUBSCRIBE, packetIdentifier: 99, topicFilters: ["a/+"] });
    expect(arrived(subscriber.subscribed("a/+", { retainHandling: 1 }))).toEqual(["b", "c"]);
  });

  test("[MQTT-3.3.1-10] 1: a subscription of a resumed session is not new, that of a lost session is", () => {
    const harness = withRetained();
    persistentClient(harness, 5, "subscriber").subscribed("a/b", { retainHandling: 2 }).drop();
    const resumed = persistentClient(harness, 5, "subscriber").subscribed("a/b", { retainHandling: 1 });
    expect(resumed.take()).toEqual([]);
    resumed.drop();
    const clean = harness.connected({ clientIdentifier: "subscriber", cleanStart: true });
    expect(arrived(clean.subscribed("a/b", { retainHandling: 1 }))).toEqual(["b"]);
  });

  test("[MQTT-3.3.1-11] 2: none come, neither for a new subscription nor for a repeated one", () => {
    const harness = withRetained();
    const subscriber = harness.connected();
    expect(subscriber.subscribed("a/+", { retainHandling: 2 }).take()).toEqual([]);
    expect(subscriber.subscribed("a/+", { retainHandling: 2 }).take()).toEqual([]);
    harness.connected().publish("a/b", "live", { retain: true });
    expect(arrived(subscriber)).toEqual(["live"]);
  });

  test("each filter of one SUBSCRIBE has its own", () => {
    const subscriber = withRetained().connected();
    const filter = { qos: 0, noLocal: false, retainAsPublished: false } as const;
    subscriber.send({
      type: PacketType.SUBSCRIBE,
      packetIdentifier: 1,
      subscriptions: [
        { ...filter, topicFilter: "a/b", retainHandling: 2 },
        { ...filter, topicFilter: "a/c", retainHandling: 0 },
      ],
    });
    subscriber.takeFirst(PacketType.SUBACK);
    expect(arrived(subscriber)).toEqual(["c"]);
  });

  test("a shared subscription gets none", () => {
    const subscriber = withRetained().connected();
    for (const retainHandling of [0, 1, 2] as const) {
      expect(subscriber.subscribed("$share/group/a/+", { retainHandling }).take()).toEqual([]);
    }
  });
});

describe("Retain As Published", () => {
  const retainOf = (client: TestClient): boolean[] => client.messages().map(({ retain }) => retain);

  test("[MQTT-3.3.1-12] 0: what is passed on has RETAIN 0", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected().subscribed("a", { retainAsPublished: false });
    const publisher = harness.connected();
    for (const qos of [0, 1, 2] as const) publisher.publish("a", "x", { retain: true, qos });
    publisher.publish("a", "x").publish("a", "", { retain: true });
    expect(retainOf(subscriber)).toEqual([false, false, false, false, false]);
  });

  test("[MQTT-3.3.1-13] 1: what is passed on has the publisher's RETAIN", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected().subscribed("a", { retainAsPublished: true });
    for (const protocolVersion of [4, 5] as const) {
      const publisher = harness.connected({ protocolVersion });
      publisher.publish("a", "x", { retain: true }).publish("a", "x").publish("a", "x", { retain: true, qos: 2 });
      publisher.publish("a", "x", { qos: 1 }).publish("a", "", { retain: true, qos: 1 });
      expect(retainOf(subscriber)).toEqual([true, false, true, false, true]);
    }
  });

  test("[MQTT-3.3.1-12] [MQTT-3.3.1-13] it holds for what waits in the queue, and for each client on its own", () => {
    const harness = new BrokerHarness();
    const clients = ["asPublished", "plain"];
    for (const name of clients) {
      persistentClient(harness, 5, name)
        .subscribed("a", { retainAsPublished: name === "asPublished" })
        .drop();
    }
    harness.connected().publish("a", "x", { retain: true, qos: 1 }).publish("a", "x", { qos: 1 });
    expect(clients.map((name) => retainOf(persistentClient(harness, 5, name)))).toEqual([
      [true, false],
      [false, false],
    ]);
  });

  test("retained messages at SUBSCRIBE have RETAIN 1 either way", () => {
    const harness = withRetained();
    for (const retainAsPublished of [false, true]) {
      expect(retainOf(harness.connected().subscribed("a/+", { retainAsPublished }))).toEqual([true, true]);
    }
  });
});
