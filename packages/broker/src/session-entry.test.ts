/** What the host process sees of sessions and retained messages, and how it ends them. */
import { PacketType } from "@tidings/packet";
import { MemorySessionStore } from "@tidings/session";
import { describe, expect, test } from "vitest";
import { BrokerHarness } from "./testing/index.js";

const KEPT = { properties: { sessionExpiryInterval: 60 } };

describe("sessions", () => {
  test("connected ones and others, with what waits in them", () => {
    const harness = new BrokerHarness({ store: new MemorySessionStore() });
    harness
      .connected({ clientIdentifier: "away", userName: "anna", ...KEPT })
      .subscribed("a", { qos: 1 })
      .drop();
    const here = harness.connected({ clientIdentifier: "here" }).subscribed("a", { qos: 1 }).subscribed("b");
    harness.connected({ clientIdentifier: "publisher" }).publish("a", "x", { qos: 1 });
    const { broker } = harness;
    expect([...broker.sessionEntries()].map(({ clientIdentifier }) => clientIdentifier).sort()).toEqual([
      "away",
      "here",
      "publisher",
    ]);
    expect(broker.session("away")).toMatchObject({
      userName: "anna",
      client: undefined,
      disconnectedAtMs: harness.nowMs,
      expiresAtMs: harness.nowMs + 60_000,
      subscriptionCount: 1,
      queuedMessages: 1,
      inFlightMessages: 0,
      isStored: true,
      hasWill: false,
    });
    expect(broker.session("here")).toMatchObject({
      client: here.connection,
      disconnectedAtMs: undefined,
      expiresAtMs: Number.POSITIVE_INFINITY,
      subscriptionCount: 2,
      queuedMessages: 0,
      inFlightMessages: 1,
      isStored: false,
      lastDeliveryMs: undefined,
    });
    expect(broker.session("nobody")).toBeUndefined();
    expect(broker.subscriptionsOf("here").map(({ topicFilter }) => topicFilter)).toEqual(["a", "b"]);
    expect(broker.subscriptionsOf("nobody")).toEqual([]);
  });

  test("the time of the last delivery", () => {
    const harness = new BrokerHarness();
    const receiver = harness.connected({ clientIdentifier: "receiver" }).subscribed("a", { qos: 1 });
    harness.connected().publish("a", "x", { qos: 1 });
    harness.advance(40);
    receiver.acknowledge(PacketType.PUBACK, 1);
    expect(harness.broker.session("receiver")?.lastDeliveryMs).toBe(40);
  });
});

describe("ending a session", () => {
  test("sends its client away, publishes its will, forgets its subscriptions and what is stored", () => {
    const store = new MemorySessionStore();
    const harness = new BrokerHarness({ store });
    const watcher = harness.connected().subscribed("wills");
    const will = { topic: "wills", payload: new TextEncoder().encode("gone"), qos: 0 as const, retain: false };
    const client = harness.connected({ clientIdentifier: "it", will, ...KEPT }).subscribed("a");
    expect(harness.broker.endSession("it")).toBe(true);
    harness.endTurn();
    expect(client.take()).toMatchObject([{ type: PacketType.DISCONNECT, reasonCode: 0x98 }]);
    expect(client.isClosed).toBe(true);
    expect(watcher.payloads()).toEqual(["gone"]);
    expect(harness.broker.session("it")).toBeUndefined();
    expect(harness.broker.subscriptionCount).toBe(1);
    const again = harness.connect({ clientIdentifier: "it", cleanStart: false });
    expect(again.takeFirst(PacketType.CONNACK).sessionPresent).toBe(false);
  });

  test("of somebody who is away; and of nobody", () => {
    const harness = new BrokerHarness();
    harness.connected({ clientIdentifier: "away", ...KEPT }).drop();
    expect(harness.broker.endSession("away")).toBe(true);
    expect(harness.broker.sessionCount).toBe(0);
    expect(harness.broker.endSession("away")).toBe(false);
  });
});

test("retained messages come in the order of their topics, some at a time, without what has expired", () => {
  const harness = new BrokerHarness();
  const publisher = harness.connected();
  for (const topic of ["a/3", "a/1", "b/1", "a/2"]) publisher.publish(topic, topic, { retain: true });
  publisher.publish("a/0", "x", { retain: true, properties: { messageExpiryInterval: 1 } });
  const topics = (limit: number, after?: string) =>
    harness.broker.retainedMessages("a/#", limit, after).map(({ topicName }) => topicName);
  expect(topics(2)).toEqual(["a/0", "a/1"]);
  expect(topics(2, "a/1")).toEqual(["a/2", "a/3"]);
  expect(topics(2, "a/3")).toEqual([]);
  harness.broker.nowMs = harness.nowMs + 1000;
  expect(topics(2)).toEqual(["a/1", "a/2"]);
});
