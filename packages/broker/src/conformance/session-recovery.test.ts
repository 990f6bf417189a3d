/** What a session is after a restart of the broker, with a store that outlives it (MQTT 5.0 section 4.1). */
import { PacketType } from "@tidings/packet";
import { MemorySessionStore } from "@tidings/session";
import { beforeEach, describe, expect, test } from "vitest";
import { BrokerHarness, type ConnectOptions } from "../testing/index.js";

let store: MemorySessionStore;
let harness: BrokerHarness;

beforeEach(() => {
  store = new MemorySessionStore();
  harness = new BrokerHarness({ store });
});

/** The process ends without a word, and another one begins after `downMs`. */
async function restart(downMs = 0): Promise<void> {
  const { nowMs } = harness;
  harness = new BrokerHarness({ store });
  harness.nowMs = nowMs + downMs;
  await harness.broker.recover(harness.nowMs);
}

function session(sessionExpiryInterval: number, options: ConnectOptions = {}): ConnectOptions {
  return { clientIdentifier: "c", cleanStart: false, properties: { sessionExpiryInterval }, ...options };
}

function will(willDelayInterval: number): NonNullable<ConnectOptions["will"]> {
  return {
    topic: "will",
    payload: new TextEncoder().encode("gone"),
    qos: 1,
    retain: false,
    properties: { willDelayInterval, contentType: "text/plain" },
  };
}

describe("after a restart", () => {
  test("[MQTT-3.1.2-23] [MQTT-4.1.0-2] a session is there with all that was open", async () => {
    const client = harness.connected(session(600)).subscribed("t/#", { qos: 2 });
    const publisher = harness.connected();
    publisher.publish("t/1", "released", { qos: 2 }).publish("t/2", "in flight", { qos: 1 });
    client.acknowledge(PacketType.PUBREC, client.messages()[0].packetIdentifier as number);
    client.publish("own", "once", { qos: 2, packetIdentifier: 9 });
    client.drop();
    publisher.publish("t/3", "queued", { qos: 1 });
    await restart();
    const witness = harness.connected().subscribed("own");
    const again = harness.connect(session(600));
    expect(again.takeFirst(PacketType.CONNACK).sessionPresent).toBe(true);
    expect(again.takeFirst(PacketType.PUBREL).packetIdentifier).toBe(1);
    expect(again.messages()).toMatchObject([
      { topicName: "t/2", packetIdentifier: 2, dup: true },
      { topicName: "t/3", dup: false },
    ]);
    again.publish("own", "once", { qos: 2, packetIdentifier: 9, dup: true });
    expect(again.takeFirst(PacketType.PUBREC).reasonCode).toBe(0);
    expect(witness.messages()).toEqual([]);
    harness.connected().publish("t/4", "live");
    expect(again.payloads()).toEqual(["live"]);
  });

  test("[MQTT-4.1.0-2] the time that a session had left goes on", async () => {
    harness.connected(session(100)).drop();
    harness.connected(session(20, { clientIdentifier: "d" })).drop();
    harness.advance(10_000);
    await restart(10_000);
    expect(harness.broker.sessionCount).toBe(1);
    harness.advance(79_000);
    expect(harness.broker.sessionCount).toBe(1);
    harness.advance(1000);
    expect(harness.broker.sessionCount).toBe(0);
    await restart();
    expect(harness.broker.sessionCount).toBe(0);
  });

  test("a session that was connected has been without a connection since", async () => {
    harness.connected(session(10));
    await restart();
    harness.advance(9000);
    expect(harness.broker.sessionCount).toBe(1);
    harness.advance(1000);
    expect(harness.broker.sessionCount).toBe(0);
  });

  test("[MQTT-4.1.0-2] and the time does not begin anew with every restart", async () => {
    harness.connected(session(10));
    await restart();
    harness.advance(6000);
    await restart();
    harness.advance(4000);
    expect(harness.broker.sessionCount).toBe(0);
  });

  test("a session that was to end with its connection is not there", async () => {
    harness.connected(session(0)).subscribed("t");
    harness.connected({ protocolVersion: 4, clientIdentifier: "d" }).subscribed("t");
    await restart();
    expect([harness.broker.sessionCount, harness.broker.subscriptionCount]).toEqual([0, 0]);
  });

  test("neither is one whose last connection was to end it, although it had been kept before", async () => {
    harness.connected(session(600)).subscribed("t", { qos: 1 }).drop();
    const again = harness.connect(session(0));
    expect(again.takeFirst(PacketType.CONNACK).sessionPresent).toBe(true);
    harness.connected().publish("t", "in flight", { qos: 1 });
    expect(again.payloads()).toEqual(["in flight"]);
    await restart();
    expect(harness.broker.sessionCount).toBe(0);
  });

  test("a session that DISCONNECT or a clean start ended is not there, what DISCONNECT changed is changed", async () => {
    const change = (sessionExpiryInterval: number): Parameters<ReturnType<typeof harness.open>["send"]>[0] => ({
      type: PacketType.DISCONNECT,
      reasonCode: 0,
      properties: { sessionExpiryInterval },
    });
    harness.connected(session(600)).send(change(0));
    harness.connected(session(600, { clientIdentifier: "d" })).send(change(10));
    harness
      .connected(session(600, { clientIdentifier: "e" }))
      .subscribed("t")
      .drop();
    harness.connected(session(600, { clientIdentifier: "e", cleanStart: true })).drop();
    await restart();
    expect([harness.broker.sessionCount, harness.broker.subscriptionCount]).toEqual([2, 0]);
    harness.advance(10_000);
    expect(harness.broker.sessionCount).toBe(1);
  });
});

describe("a will after a restart", () => {
  test("[MQTT-3.1.2-7] [MQTT-3.1.2-8] that was waiting comes when it was due, with its properties", async () => {
    harness.connected(session(600, { will: will(20) })).drop();
    harness.advance(5000);
    await restart(5000);
    const witness = harness.connected().subscribed("will");
    harness.advance(9000);
    expect(witness.messages()).toEqual([]);
    harness.advance(1000);
    expect(witness.messages()).toMatchObject([{ qos: 1, properties: { contentType: "text/plain" } }]);
    await restart();
    const later = harness.connected().subscribed("will");
    harness.advance(60_000);
    expect(later.messages()).toEqual([]);
  });

  test("[MQTT-3.1.2-8] that came due meanwhile is published at the start, to sessions that are there", async () => {
    harness
      .connected(session(600, { clientIdentifier: "witness" }))
      .subscribed("will", { qos: 1 })
      .drop();
    harness.connected(session(600, { will: will(20) })).drop();
    await restart(60_000);
    expect(harness.connected(session(600, { clientIdentifier: "witness" })).payloads()).toEqual(["gone"]);
  });

  test("[MQTT-3.1.2-7] of a client that was connected comes after its delay", async () => {
    harness.connected(session(600, { will: will(20) }));
    await restart();
    const witness = harness.connected().subscribed("will");
    harness.advance(19_000);
    expect(witness.messages()).toEqual([]);
    harness.advance(1000);
    expect(witness.payloads()).toEqual(["gone"]);
  });

  test("[MQTT-3.1.3-9] does not come when the session is taken up in time", async () => {
    harness.connected(session(600, { will: will(20) })).drop();
    await restart();
    const witness = harness.connected().subscribed("will");
    harness.connected(session(600));
    harness.advance(30_000);
    expect(witness.messages()).toEqual([]);
  });

  test("[MQTT-3.1.2-10] that DISCONNECT removed does not come", async () => {
    harness.connected(session(600, { will: will(20) })).disconnect();
    await restart();
    const witness = harness.connected().subscribed("will");
    harness.advance(30_000);
    expect(witness.messages()).toEqual([]);
  });
});
