/** `$SYS/broker/…` as a subscriber sees it. */
import { BrokerHarness } from "@tidings/broker/testing";
import { PacketType } from "@tidings/packet";
import { MemorySessionStore } from "@tidings/session";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { publishSysTopics, type SysTopics } from "./index.js";

/** Of mosquitto 2.0.11, without the prefix and the windows of `load/`. */
const MOSQUITTO_TOPICS = [
  "bytes/received",
  "bytes/sent",
  "clients/active",
  "clients/connected",
  "clients/disconnected",
  "clients/expired",
  "clients/inactive",
  "clients/maximum",
  "clients/total",
  "heap/current",
  "heap/maximum",
  "messages/received",
  "messages/sent",
  "messages/stored",
  "publish/bytes/received",
  "publish/bytes/sent",
  "publish/messages/dropped",
  "publish/messages/received",
  "publish/messages/sent",
  "retained messages/count",
  "shared_subscriptions/count",
  "store/messages/bytes",
  "store/messages/count",
  "subscriptions/count",
  "uptime",
  "version",
  ...["bytes/received", "bytes/sent", "connections", "messages/received", "messages/sent", "publish/dropped"].map(
    (name) => `load/${name}/1min`,
  ),
  ...["publish/received", "publish/sent", "sockets"].flatMap((name) => [`load/${name}/5min`, `load/${name}/15min`]),
];

let harness: BrokerHarness;
let topics: SysTopics;

beforeEach(() => {
  vi.useFakeTimers();
  harness = new BrokerHarness({ store: new MemorySessionStore() });
});

afterEach(() => {
  topics.stop();
  vi.useRealTimers();
});

/** Name without the prefix, and value. */
function seen(client: ReturnType<BrokerHarness["connected"]>): Map<string, string> {
  const values = new Map<string, string>();
  for (const packet of client.take()) {
    if (packet.type !== PacketType.PUBLISH) continue;
    values.set(packet.topicName.replace("$SYS/broker/", ""), new TextDecoder().decode(packet.payload));
  }
  return values;
}

describe("a subscriber", () => {
  test("finds every topic of mosquitto's, retained", () => {
    topics = publishSysTopics(harness.broker, { version: "tidings 1" });
    const values = seen(harness.connected().subscribe("$SYS/#", { qos: 0 }));
    expect(MOSQUITTO_TOPICS.filter((name) => !values.has(name))).toEqual([]);
    expect([values.get("version"), values.get("uptime")]).toEqual(["tidings 1", "0 seconds"]);
  });

  test("hears of what has changed, each interval, and of nothing else", () => {
    topics = publishSysTopics(harness.broker, { version: "1", intervalMs: 1000 });
    const client = harness.connected().subscribe("$SYS/broker/clients/+", { qos: 0 });
    client.take();
    harness.connected();
    vi.advanceTimersByTime(1000);
    harness.endTurn();
    const changed = ["connected", "active", "maximum", "total"].map((name) => [`clients/${name}`, "2"]);
    expect(Object.fromEntries(seen(client))).toEqual(Object.fromEntries(changed));
    vi.advanceTimersByTime(1000);
    harness.endTurn();
    expect(seen(client).size).toBe(0);
  });

  test("of # hears nothing of it [MQTT-4.7.2-1]", () => {
    topics = publishSysTopics(harness.broker, { version: "1" });
    expect(seen(harness.connected().subscribe("#", { qos: 0 })).size).toBe(0);
  });

  test("hears why messages were dropped", () => {
    const sleeper = harness.connected({ clientIdentifier: "s", properties: { sessionExpiryInterval: 60 } });
    sleeper.subscribe("a", { qos: 1 }).send({ type: PacketType.DISCONNECT, reasonCode: 0 });
    const publisher = harness.connected();
    for (let i = 1; i <= 1005; i++) {
      publisher.publish("a", "x", { qos: 1, packetIdentifier: i });
      publisher.take();
    }
    topics = publishSysTopics(harness.broker, { version: "1" });
    const values = seen(harness.connected().subscribe("$SYS/broker/publish/messages/dropped/#", { qos: 0 }));
    expect(values.get("publish/messages/dropped")).toBe("5");
    expect(values.get("publish/messages/dropped/queue-full")).toBe("5");
  });
});

test("a rate per minute approaches what comes in", () => {
  topics = publishSysTopics(harness.broker, { version: "1", intervalMs: 10_000 });
  const publisher = harness.connected();
  const client = harness.connected().subscribe("$SYS/broker/load/publish/received/+", { qos: 0 });
  for (let round = 0; round < 60; round++) {
    for (let i = 0; i < 10; i++) publisher.publish("a", "x");
    vi.advanceTimersByTime(10_000);
  }
  harness.endTurn();
  const values = seen(client);
  // 60 a minute for ten minutes.
  expect(Number(values.get("load/publish/received/1min"))).toBeCloseTo(60, 1);
  expect(Number(values.get("load/publish/received/5min"))).toBeCloseTo(60 * (1 - Math.exp(-2)), 1);
});

test("the store keeps none of it", async () => {
  const store = new MemorySessionStore();
  const kept: string[] = [];
  const setRetained = store.setRetained.bind(store);
  store.setRetained = (topicName, message) => {
    kept.push(topicName);
    setRetained(topicName, message);
  };
  const { broker } = new BrokerHarness({ store });
  topics = publishSysTopics(broker, { version: "1" });
  broker.publish({ topicName: "a", payload: "x", retain: true });
  expect(kept).toEqual(["a"]);
  expect(new TextDecoder().decode(broker.retainedMessage("$SYS/broker/version")?.payload)).toBe("1");
});
