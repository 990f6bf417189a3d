/** Retained messages at SUBSCRIBE: Retain Handling and its pace (MQTT 5.0 section 3.3.1.3, 3.1.1 section 3.3.1.3). */
import { PacketType, type ProtocolVersion } from "@tidings/packet";
import { MemorySessionStore } from "@tidings/session";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

/** Publishes retained messages, one for each topic, whose payload is the topic. */
function keep(harness: BrokerHarness, qos: 0 | 1 | 2, ...topics: string[]): void {
  const publisher = harness.connected({ clientIdentifier: "keeper" });
  for (const topic of topics) publisher.publish(topic, topic, { retain: true, qos });
  publisher.disconnect();
}

function topicsOf(client: TestClient): string[] {
  return client.messages().map(({ topicName }) => topicName);
}

describe("Retain Handling", () => {
  test("[MQTT-3.3.1-9] [MQTT-3.8.4-4] 0 sends retained messages at each SUBSCRIBE", () => {
    const harness = new BrokerHarness();
    keep(harness, 0, "a");
    const client = harness.connected();
    for (let i = 0; i < 3; i++) expect(topicsOf(client.subscribed("a", { retainHandling: 0 }))).toEqual(["a"]);
  });

  test("[MQTT-3.3.1-10] 1 sends retained messages only when there was no such subscription", () => {
    const harness = new BrokerHarness();
    keep(harness, 0, "a");
    const client = harness.connected();
    expect(topicsOf(client.subscribed("a", { retainHandling: 1 }))).toEqual(["a"]);
    expect(topicsOf(client.subscribed("a", { retainHandling: 1, qos: 0 }))).toEqual([]);
    // Another filter is another subscription, whatever it matches.
    expect(topicsOf(client.subscribed("+", { retainHandling: 1 }))).toEqual(["a"]);
    client.send({ type: PacketType.UNSUBSCRIBE, packetIdentifier: 100, topicFilters: ["a"] });
    expect(topicsOf(client.subscribed("a", { retainHandling: 1 }))).toEqual(["a"]);
  });

  test("[MQTT-3.3.1-10] 1 counts a subscription that was made with another Retain Handling", () => {
    const harness = new BrokerHarness();
    keep(harness, 0, "a");
    const client = harness.connected().subscribed("a", { retainHandling: 2 });
    expect(topicsOf(client.subscribed("a", { retainHandling: 1 }))).toEqual([]);
  });

  test("[MQTT-3.3.1-10] 1 knows the subscriptions of a session that is taken up again, but not those of one that ended", () => {
    const harness = new BrokerHarness();
    keep(harness, 0, "a");
    const client = persistentClient(harness, 5, "c");
    expect(topicsOf(client.subscribed("a", { retainHandling: 1 }))).toEqual(["a"]);
    client.disconnect();
    expect(topicsOf(persistentClient(harness, 5, "c").subscribed("a", { retainHandling: 1 }))).toEqual([]);
    const anew = harness.connected({ clientIdentifier: "c" });
    expect(topicsOf(anew.subscribed("a", { retainHandling: 1 }))).toEqual(["a"]);
  });

  test("[MQTT-3.3.1-10] 1 knows the subscriptions that a store kept", async () => {
    const store = new MemorySessionStore();
    const before = new BrokerHarness({ store });
    keep(before, 0, "a");
    persistentClient(before, 5, "c").subscribed("a", { retainHandling: 1 });
    const after = new BrokerHarness({ store });
    await after.broker.recover(after.nowMs);
    const client = persistentClient(after, 5, "c");
    expect(topicsOf(client.subscribed("a", { retainHandling: 1 }))).toEqual([]);
    expect(topicsOf(client.subscribed("a", { retainHandling: 0 }))).toEqual(["a"]);
  });

  test("[MQTT-3.3.1-10] 1 tries again after a refusal, which made no subscription", () => {
    let refuses = true;
    const authorizeSubscribe = (): number | undefined => (refuses ? 0x87 : undefined);
    const harness = new BrokerHarness({ hooks: [{ authorizeSubscribe }] });
    keep(harness, 0, "a");
    const client = harness.connected();
    expect(topicsOf(client.subscribed("a", { retainHandling: 1 }))).toEqual([]);
    refuses = false;
    expect(topicsOf(client.subscribed("a", { retainHandling: 1 }))).toEqual(["a"]);
  });

  test("[MQTT-3.3.1-11] 2 sends no retained messages, and live ones all the same", () => {
    const harness = new BrokerHarness();
    keep(harness, 0, "a");
    const client = harness.connected().subscribed("a", { retainHandling: 2 });
    expect(client.messages()).toEqual([]);
    harness.connected().publish("a", "live", { retain: true });
    expect(client.payloads()).toEqual(["live"]);
  });

  test("holds for each filter of one SUBSCRIBE by itself", () => {
    const harness = new BrokerHarness();
    keep(harness, 0, "a", "b", "c");
    const client = harness.connected().subscribed("b", { retainHandling: 2 });
    const options = { qos: 0, noLocal: false, retainAsPublished: false } as const;
    client.send({
      type: PacketType.SUBSCRIBE,
      packetIdentifier: 50,
      subscriptions: [
        { topicFilter: "a", retainHandling: 2, ...options },
        { topicFilter: "b", retainHandling: 1, ...options },
        { topicFilter: "c", retainHandling: 0, ...options },
      ],
    });
    expect(topicsOf(client)).toEqual(["c"]);
  });
});

describe.each([3, 4, 5] as const)("retained messages for protocol level %i", (protocolVersion: ProtocolVersion) => {
  test("[3.1.1 MQTT-3.3.1-6] [3.1.1 MQTT-3.3.1-8] come with RETAIN, one of each topic that matches, the last one", () => {
    const harness = new BrokerHarness();
    keep(harness, 0, "a/1", "a/2", "b");
    harness.connected().publish("a/1", "newer", { retain: true });
    const messages = harness.connected({ protocolVersion }).subscribed("a/+").messages();
    const text = new TextDecoder();
    expect(new Set(messages.map(({ payload, retain }) => `${text.decode(payload)} ${retain}`))).toEqual(
      new Set(["newer true", "a/2 true"]),
    );
    expect(messages.length).toBe(2);
  });

  test("[MQTT-3.8.4-8] [3.1.1 MQTT-3.8.4-6] come at the lower of their QoS and the granted one", () => {
    const harness = new BrokerHarness();
    for (const qos of [0, 1, 2] as const) keep(harness, qos, `a/${qos}`);
    for (const granted of [0, 1, 2] as const) {
      const client = harness.connected({ protocolVersion }).subscribed("a/+", { qos: granted });
      const received = client.messages().map(({ topicName, qos }) => `${topicName} ${qos}`);
      expect(new Set(received)).toEqual(new Set(["a/0 0", `a/1 ${Math.min(1, granted)}`, `a/2 ${granted}`]));
      client.disconnect();
    }
  });

  test("never come for a shared subscription", () => {
    const harness = new BrokerHarness();
    keep(harness, 1, "a");
    for (const retainHandling of protocolVersion === 5 ? ([0, 1, 2] as const) : ([0] as const)) {
      const client = harness.connected({ protocolVersion }).subscribed("$share/g/a", { retainHandling });
      expect(client.messages()).toEqual([]);
      client.disconnect();
    }
  });

  test("do not come when they have expired", () => {
    const harness = new BrokerHarness();
    harness.connected().publish("a", "x", { retain: true, properties: { messageExpiryInterval: 10 } });
    harness.advance(9_000);
    expect(harness.connected({ protocolVersion }).subscribed("a").messages().length).toBe(1);
    harness.nowMs += 1_000; // nothing swept since
    expect(harness.connected({ protocolVersion }).subscribed("a").messages()).toEqual([]);
    harness.advance(1_000);
    expect(harness.broker.retainedMessageCount).toBe(0);
  });

  test("take send slots as these get free, and no place in the queue", () => {
    const harness = new BrokerHarness({ inFlightMessagesMax: 2, queuedMessagesMax: 1 });
    const topics = Array.from({ length: 10 }, (_, index) => `a/${index}`);
    keep(harness, 1, ...topics);
    const client = harness.connected({ protocolVersion }).subscribed("a/+");
    const received: string[] = [];
    while (client.received.length > 0) {
      const messages = client.messages();
      expect(messages.length).toBeLessThanOrEqual(2);
      expect(client.connection.queuedMessages).toBe(0);
      for (const { topicName, packetIdentifier } of messages) {
        received.push(topicName);
        client.acknowledge(PacketType.PUBACK, packetIdentifier as number);
      }
    }
    expect(received.sort()).toEqual(topics);
  });

  test("wait while the client takes no bytes, also at QoS 0", () => {
    const harness = new BrokerHarness({ outboundHighWaterBytes: 1000 });
    const topics = Array.from({ length: 50 }, (_, index) => `a/${String(index).padStart(100, "0")}`);
    keep(harness, 0, ...topics);
    const client = harness.connected({ protocolVersion });
    client.stalled = true;
    harness.connected().publish("unrelated");
    client.subscribe("a/+");
    const held = client.connection.outbound.pendingBytes;
    client.drain();
    expect(
      client
        .messages()
        .map(({ topicName }) => topicName)
        .sort(),
    ).toEqual(topics);
    expect(held).toBeLessThan(20_000);
    expect(harness.broker.droppedMessages["slow-consumer"]).toBe(0);
  });

  test("that were replaced or cleared while they waited are not sent as they were", () => {
    const harness = new BrokerHarness({ inFlightMessagesMax: 1 });
    keep(harness, 1, "a/1", "a/2", "a/3");
    const client = harness.connected({ protocolVersion }).subscribed("a/+");
    const [first] = client.messages();
    const [replaced, cleared] = ["a/1", "a/2", "a/3"].filter((topic) => topic !== first.topicName);
    harness.connected().publish(replaced, "new", { retain: true }).publish(cleared, "", { retain: true });
    client.acknowledge(PacketType.PUBACK, first.packetIdentifier as number);
    const live = client.messages().map(({ topicName, payload, retain }) => {
      return [topicName, new TextDecoder().decode(payload), retain];
    });
    expect(live).toEqual([
      [replaced, "new", false],
      [cleared, "", false],
    ]);
  });

  test("that still wait when the connection breaks come on the next one, if they have a QoS", () => {
    const harness = new BrokerHarness({ inFlightMessagesMax: 1 });
    keep(harness, 1, "a/1", "a/2", "a/3");
    keep(harness, 0, "a/0");
    const client = persistentClient(harness, protocolVersion, "c").subscribed("a/+");
    const received = topicsOf(client);
    client.drop();
    const again = persistentClient(harness, protocolVersion, "c");
    while (again.received.length > 0) {
      for (const { topicName, packetIdentifier, dup } of again.messages()) {
        if (!dup) received.push(topicName);
        again.acknowledge(PacketType.PUBACK, packetIdentifier as number);
      }
    }
    expect(received.filter((topic) => topic !== "a/0").sort()).toEqual(["a/1", "a/2", "a/3"]);
  });

  test("beyond the limit of one session are refused and counted, and the subscription stands", () => {
    const harness = new BrokerHarness({ replayMessagesMax: 2 });
    keep(harness, 0, "a/1", "a/2", "a/3");
    const client = harness.connected({ protocolVersion }).subscribed("a/+");
    expect(client.messages()).toEqual([]);
    expect(harness.broker.replaysRefused).toBe(1);
    harness.connected().publish("a/1", "live");
    expect(client.payloads()).toEqual(["live"]);
    expect(topicsOf(client.subscribed("a/1"))).toEqual(["a/1"]);
  });

  test("that went to a session are kept by a store until they are acknowledged, whoever had them before", async () => {
    const store = new MemorySessionStore();
    const before = new BrokerHarness({ store });
    const first = persistentClient(before, protocolVersion, "first").subscribed("a");
    keep(before, 1, "a");
    first.acknowledge(PacketType.PUBACK, first.messages()[0].packetIdentifier as number);
    const second = persistentClient(before, protocolVersion, "second").subscribed("a");
    expect(topicsOf(second)).toEqual(["a"]);
    const after = new BrokerHarness({ store });
    await after.broker.recover(after.nowMs);
    expect(persistentClient(after, protocolVersion, "second").messages()).toEqual([
      expect.objectContaining({ topicName: "a", retain: true, dup: true, qos: 1 }),
    ]);
  });
});
