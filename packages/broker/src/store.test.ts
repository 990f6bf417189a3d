/** What a broker takes up from the store of an earlier one, in both versions alike. */
import { PacketType, type PublishPacket } from "@tidings/packet";
import { MemorySessionStore } from "@tidings/session";
import { beforeEach, describe, expect, test } from "vitest";
import type { BrokerOptions } from "./broker-options.js";
import { BrokerHarness, type ConnectOptions, type TestClient } from "./testing/index.js";

const { PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL } = PacketType;
const HOUR_MS = 3_600_000;

let store: MemorySessionStore;
let harness: BrokerHarness;

beforeEach(() => {
  store = new MemorySessionStore();
  harness = new BrokerHarness({ store });
});

/** The process ends without a word; `downMs` later another broker begins on the same store. */
async function restart(downMs = 0, options: BrokerOptions = {}): Promise<void> {
  const { nowMs } = harness;
  harness = new BrokerHarness({ store, ...options });
  harness.nowMs = nowMs + downMs;
  await harness.broker.recover(harness.nowMs);
}

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

function summary({ topicName, payload, qos, retain, dup, packetIdentifier }: PublishPacket): unknown[] {
  return [topicName, new TextDecoder().decode(payload), qos, retain, dup, packetIdentifier];
}

describe.each([4, 5] as const)("a broker of protocol level %i that goes on from a store", (protocolVersion) => {
  /** A connection to a session that lasts. */
  function persistent(clientIdentifier: string, options: ConnectOptions = {}): TestClient {
    const sessionExpiryInterval = 3600;
    return harness.connected({
      protocolVersion,
      clientIdentifier,
      cleanStart: false,
      ...options,
      properties: protocolVersion === 5 ? { sessionExpiryInterval, ...options.properties } : undefined,
    });
  }

  test("[MQTT-3.1.2-5] [MQTT-3.2.2-3] [MQTT-4.1.0-1] [3.1.1 MQTT-3.1.2-4] [3.1.1 MQTT-3.2.2-2] [3.1.1 MQTT-4.1.0-1] knows sessions and their subscriptions", async () => {
    persistent("c")
      .subscribed("a/+", { qos: 1 })
      .subscribed("b/#", { qos: 2 })
      .subscribed("gone")
      .send({
        type: PacketType.UNSUBSCRIBE,
        packetIdentifier: 99,
        topicFilters: ["gone"],
      });
    harness.connected({ protocolVersion, clientIdentifier: "passing" }).subscribed("a/+");
    await restart();
    expect(
      [...harness.broker.subscriptions()].map(({ clientIdentifier, topicFilter, qos }) => [
        clientIdentifier,
        topicFilter,
        qos,
      ]),
    ).toEqual([
      ["c", "a/+", 1],
      ["c", "b/#", 2],
    ]);
    const again = harness.connect({ protocolVersion, clientIdentifier: "c", cleanStart: false });
    expect(again.takeFirst(PacketType.CONNACK).sessionPresent).toBe(true);
    harness.connected().publish("a/1", "live", { qos: 2 }).publish("gone", "unheard");
    expect(again.messages().map(summary)).toEqual([["a/1", "live", 1, false, false, 1]]);
  });

  test("[3.1.1 MQTT-3.1.2-5] [MQTT-3.1.2-23] sends what was queued, in order, each at its QoS, and nothing of it twice", async () => {
    persistent("c").subscribed("a", { qos: 2 }).drop();
    const publisher = harness.connected();
    for (const [index, qos] of ([1, 2, 1, 2] as const).entries()) publisher.publish("a", `${index + 1}`, { qos });
    await restart();
    harness.connected().publish("a", "5", { qos: 1 });
    await restart();
    const again = persistent("c");
    const messages = again.messages();
    expect(messages.map(summary)).toEqual([
      ["a", "1", 1, false, false, 1],
      ["a", "2", 2, false, false, 2],
      ["a", "3", 1, false, false, 3],
      ["a", "4", 2, false, false, 4],
      ["a", "5", 1, false, false, 5],
    ]);
    for (const { qos, packetIdentifier } of messages) finish(again, qos, packetIdentifier as number);
    expect(store.messageCount).toBe(0);
    await restart();
    expect(persistent("c").messages()).toEqual([]);
  });

  test("[MQTT-3.3.1-1] [MQTT-4.4.0-1] [MQTT-4.6.0-1] [3.1.1 MQTT-3.3.1-1] [3.1.1 MQTT-4.4.0-1] [3.1.1 MQTT-4.6.0-1] sends again what was in flight, under its identifiers and in its order, PUBREL where PUBREC had come", async () => {
    const client = persistent("c").subscribed("a", { qos: 2 });
    const publisher = harness.connected();
    for (const [index, qos] of ([2, 1, 2, 1, 2] as const).entries()) publisher.publish("a", `${index + 1}`, { qos });
    client.acknowledge(PUBREC, 3).acknowledge(PUBACK, 4);
    client.take();
    await restart();
    const again = persistent("c");
    expect(again.take()).toMatchObject([
      { type: PUBLISH, qos: 2, dup: true, packetIdentifier: 1, payload: text("1") },
      { type: PUBLISH, qos: 1, dup: true, packetIdentifier: 2, payload: text("2") },
      { type: PUBREL, packetIdentifier: 3 },
      { type: PUBLISH, qos: 2, dup: true, packetIdentifier: 5, payload: text("5") },
    ]);
    // What comes next is new.
    harness.connected().publish("a", "6", { qos: 1 });
    expect(again.messages().map(summary)).toEqual([["a", "6", 1, false, false, 6]]);
    again
      .acknowledge(PUBREC, 1)
      .acknowledge(PUBACK, 2)
      .acknowledge(PUBCOMP, 3)
      .acknowledge(PUBREC, 5)
      .acknowledge(PUBACK, 6);
    again.take();
    await restart();
    const third = persistent("c");
    expect(third.take()).toMatchObject([
      { type: PUBREL, packetIdentifier: 1 },
      { type: PUBREL, packetIdentifier: 5 },
    ]);
    third.acknowledge(PUBCOMP, 1).acknowledge(PUBCOMP, 5);
    expect(store.messageCount).toBe(0);
  });

  test("[MQTT-4.3.3-10] [MQTT-4.3.3-12] [3.1.1 MQTT-4.3.3-2] knows the QoS 2 messages that it took in", async () => {
    persistent("c")
      .publish("a", "once", { qos: 2, packetIdentifier: 7 })
      .publish("a", "done", { qos: 2, packetIdentifier: 8 })
      .acknowledge(PUBREL, 8);
    await restart();
    const witness = harness.connected().subscribed("a");
    const again = persistent("c");
    again.publish("a", "once", { qos: 2, packetIdentifier: 7, dup: true });
    again.publish("a", "another", { qos: 2, packetIdentifier: 8 });
    expect(again.take().map(({ type }) => type)).toEqual([PUBREC, PUBREC]);
    expect(witness.payloads()).toEqual(["another"]);
    again.acknowledge(PUBREL, 7);
    await restart();
    const third = persistent("c").publish("a", "new", { qos: 2, packetIdentifier: 7 });
    expect(third.takeFirst(PUBREC).packetIdentifier).toBe(7);
  });

  test("[MQTT-3.3.1-5] [MQTT-3.3.1-6] [3.1.1 MQTT-3.3.1-5] [3.1.1 MQTT-3.3.1-10] [3.1.1 MQTT-3.1.2-7] has the retained messages, the last of each topic", async () => {
    const publisher = harness.connected({ protocolVersion });
    publisher.publish("a", "first", { retain: true, qos: 1 }).publish("a", "second", { retain: true, qos: 2 });
    publisher
      .publish("b", "zero", { retain: true })
      .publish("c", "cleared", { retain: true })
      .publish("c", "", { retain: true });
    await restart();
    expect(harness.broker.retainedMessageCount).toBe(2);
    const client = harness.connected({ protocolVersion }).subscribed("#", { qos: 2 });
    expect(client.messages().map(summary).sort()).toEqual([
      ["a", "second", 2, true, false, 1],
      ["b", "zero", 0, true, false, undefined],
    ]);
    harness.connected({ protocolVersion }).publish("a", "", { retain: true });
    await restart();
    expect(harness.broker.retainedMessageCount).toBe(1);
    expect(store.messageCount).toBe(1);
  });

  test("a retained message that is under way to sessions is there with them, once", async () => {
    harness.connected().publish("a", "kept", { retain: true, qos: 1 });
    await restart();
    for (const client of ["c", "d"]) persistent(client).subscribed("a", { qos: 1 }).drop();
    expect(store.messageCount).toBe(1);
    harness.connected().publish("a", "", { retain: true });
    await restart();
    for (const client of ["c", "d"]) {
      const again = persistent(client);
      expect(again.messages().map(summary)).toEqual([["a", "kept", 1, true, true, 1]]);
      again.acknowledge(PUBACK, 1);
    }
    expect(store.messageCount).toBe(0);
  });

  test("[MQTT-3.1.2-8] [3.1.1 MQTT-3.1.2-8] publishes the will of a client that was connected, once", async () => {
    persistent("witness").subscribed("will", { qos: 2 }).drop();
    persistent("c", { will: { topic: "will", payload: Uint8Array.of(0x78), qos: 2, retain: true } });
    persistent("d", { will: { topic: "will/d", payload: Uint8Array.of(0x79), qos: 2, retain: false } }).disconnect();
    await restart();
    await restart();
    expect(persistent("witness").messages().map(summary)).toEqual([["will", "x", 2, false, false, 1]]);
    expect(harness.broker.retainedMessage("will")?.qos).toBe(2);
    expect(harness.broker.retainedMessage("will/d")).toBeUndefined();
  });

  test("a message is there for every session that has it, although the queue of another one was full", async () => {
    await restart(0, { queuedMessagesMax: 1 });
    persistent("full").subscribed("x", { qos: 1 }).subscribed("a", { qos: 1 }).drop();
    persistent("c").subscribed("a", { qos: 1 }).drop();
    const publisher = harness.connected();
    publisher.publish("x", "fills", { qos: 1 }).publish("a", "both", { qos: 1 });
    await restart();
    expect(persistent("full").payloads()).toEqual(["fills"]);
    expect(persistent("c").payloads()).toEqual(["both"]);
  });

  test("drops of a bounded queue hold", async () => {
    await restart(0, { queuedMessagesMax: 2, queueFullPolicy: "drop-oldest" });
    persistent("c").subscribed("a", { qos: 1 }).drop();
    const publisher = harness.connected();
    for (const text of ["1", "2", "3", "4"]) publisher.publish("a", text, { qos: 1 });
    expect(store.messageCount).toBe(2);
    await restart();
    expect(persistent("c").payloads()).toEqual(["3", "4"]);
  });

  test("QoS 0 that was queued is not sent twice: it goes with the process", async () => {
    await restart(0, { queueQoS0: true });
    persistent("c").subscribed("a").drop();
    harness.connected().publish("a", "zero").publish("a", "one", { qos: 1 });
    await restart(0, { queueQoS0: true });
    expect(persistent("c").payloads()).toEqual(["one"]);
    harness.connected().publish("a", "live");
    expect(store.messageCount).toBe(1);
  });

  test("a message that passes to another member of its group at the end of a session is there", async () => {
    const member = harness.connected({ clientIdentifier: "first", properties: { sessionExpiryInterval: 10 } });
    member.subscribed("$share/g/a", { qos: 1 });
    persistent("second").subscribed("other", { qos: 1 });
    harness.connected().publish("a", "for one of them", { qos: 1 });
    expect(member.payloads()).toEqual(["for one of them"]);
    const second = persistent("second").subscribed("$share/g/a", { qos: 1 });
    second.drop();
    member.drop();
    harness.advance(11_000);
    await restart();
    expect(persistent("second").payloads()).toEqual(["for one of them"]);
  });

  test("and still once, when others have it as well", async () => {
    const member = harness.connected({ clientIdentifier: "first", properties: { sessionExpiryInterval: 10 } });
    member.subscribed("$share/g/a", { qos: 1 });
    persistent("third").subscribed("a", { qos: 1 }).drop();
    harness.connected().publish("a", "shared", { qos: 1 });
    expect(member.payloads()).toEqual(["shared"]);
    persistent("second").subscribed("$share/g/a", { qos: 1 }).drop();
    await restart();
    harness.advance(11_000);
    expect(persistent("second").payloads()).toEqual(["shared"]);
    expect([harness.broker.sessionCount, store.messageCount]).toEqual([2, 1]);
  });

  function finish(client: TestClient, qos: number, packetIdentifier: number): void {
    if (qos === 1) client.acknowledge(PUBACK, packetIdentifier);
    else client.acknowledge(PUBREC, packetIdentifier).acknowledge(PUBCOMP, packetIdentifier);
  }
});

describe("deadlines go on while no broker runs", () => {
  const session = (clientIdentifier: string, sessionExpiryInterval: number): ConnectOptions => ({
    clientIdentifier,
    cleanStart: false,
    properties: { sessionExpiryInterval },
  });

  test("[MQTT-4.1.0-2] of sessions, whose messages go with them", async () => {
    for (const [client, seconds] of [
      ["short", 10],
      ["long", 100],
    ] as const) {
      harness.connected(session(client, seconds)).subscribed(client, { qos: 1 }).drop();
      harness.connected().publish(client, "waiting", { qos: 1 });
    }
    await restart(50_000);
    expect([harness.broker.sessionCount, store.messageCount]).toEqual([1, 1]);
    expect(harness.broker.nextDeadline()).toBe(harness.nowMs + 50_000);
    harness.advance(50_000);
    await restart();
    expect([harness.broker.sessionCount, store.messageCount]).toEqual([0, 0]);
  });

  test("sessions of 3.1.1, and of 5.0 that never expire, have none", async () => {
    harness.connected({ protocolVersion: 4, clientIdentifier: "old", cleanStart: false }).drop();
    harness.connected(session("never", 0xffff_ffff)).drop();
    await restart(100 * 365 * 24 * HOUR_MS);
    expect([harness.broker.sessionCount, harness.broker.nextDeadline()]).toEqual([2, Number.POSITIVE_INFINITY]);
  });

  test("[MQTT-3.3.2-5] [MQTT-3.3.2-6] of messages that are queued", async () => {
    harness.connected(session("c", 3600)).subscribed("a", { qos: 1 }).drop();
    const expiring = (messageExpiryInterval: number) => ({ qos: 1 as const, properties: { messageExpiryInterval } });
    harness
      .connected()
      .publish("a", "short", expiring(20))
      .publish("a", "long", expiring(100))
      .publish("a", "for ever", { qos: 1 });
    await restart(30_000);
    const again = harness.connected(session("c", 3600));
    expect(again.messages().map(({ properties }) => properties?.messageExpiryInterval)).toEqual([70, undefined]);
    expect(store.messageCount).toBe(2);
  });

  test("[MQTT-3.3.2-5] of retained messages, which leave the store as well", async () => {
    const expiring = (messageExpiryInterval: number) => ({ retain: true, properties: { messageExpiryInterval } });
    harness.connected().publish("short", "x", expiring(20)).publish("long", "x", expiring(100));
    await restart(30_000);
    expect([harness.broker.retainedMessageCount, store.messageCount]).toEqual([1, 1]);
    expect(harness.connected().subscribed("#").messages()).toMatchObject([
      { topicName: "long", properties: { messageExpiryInterval: 70 } },
    ]);
    harness.advance(70_000);
    expect([harness.broker.retainedMessageCount, store.messageCount]).toEqual([0, 0]);
  });
});

describe("a broker with lower limits than the one before", () => {
  test("serves deeper topics that it has from before, and takes no new ones", async () => {
    harness
      .connected({ clientIdentifier: "c", properties: { sessionExpiryInterval: 60 } })
      .subscribed("a/b/c/+", { qos: 1 })
      .subscribed("$share/g/a/b/c/#", { qos: 1 })
      .drop();
    harness.connected().publish("a/b/c/d", "kept", { qos: 1, retain: true }).publish("a/b/c/d", "queued", { qos: 1 });
    await restart(0, { topicLevelsMax: 2 });
    const { broker } = harness;
    expect([broker.sessionCount, broker.subscriptionCount, broker.retainedMessageCount]).toEqual([1, 2, 1]);
    const again = harness.connected({ clientIdentifier: "c", cleanStart: false });
    expect(again.payloads()).toEqual(["kept", "kept", "queued", "queued"]);
    const witness = harness.connected().subscribed("#");
    expect(witness.payloads()).toEqual(["kept"]);
    const refused = harness.connected().publish("a/b/c/d", "new");
    expect(refused.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(0x90);
    const filter = harness.connected().subscribe("a/b/c/+");
    expect(filter.takeFirst(PacketType.SUBACK).reasonCodes).toEqual([0x8f]);
    expect(witness.messages()).toEqual([]);
  });

  test("hands what waits under a deep topic on to the group", async () => {
    for (const clientIdentifier of ["1", "2"]) {
      harness
        .connected({ clientIdentifier, properties: { sessionExpiryInterval: 60 } })
        .subscribed("$share/g/a/b/c", { qos: 1 })
        .drop();
    }
    for (let i = 0; i < 4; i++) harness.connected().publish("a/b/c", `${i}`, { qos: 1 });
    await restart(0, { topicLevelsMax: 2 });
    harness.connected({ clientIdentifier: "1", cleanStart: true });
    const other = harness.connected({ clientIdentifier: "2", cleanStart: false });
    expect(other.payloads().sort()).toEqual(["0", "1", "2", "3"]);
  });

  test("publishes wills to deep topics", async () => {
    harness
      .connected({ clientIdentifier: "c", properties: { sessionExpiryInterval: 600 } })
      .subscribed("#")
      .drop();
    harness.connected({
      clientIdentifier: "willing",
      properties: { sessionExpiryInterval: 60 },
      will: { topic: "a/b/c", payload: text("gone"), qos: 1, retain: true },
    });
    await restart(0, { topicLevelsMax: 2 });
    harness.advance(61_000);
    expect(harness.connected().subscribed("#").payloads()).toEqual(["gone"]);
  });

  test("keeps all retained messages, and refuses more until there is room", async () => {
    for (const topicName of ["a", "b", "c"]) harness.connected().publish(topicName, topicName, { retain: true });
    await restart(0, { retainedMessagesMax: 2, retainedBytesMax: 10 });
    const { broker } = harness;
    expect(broker.retainedMessageCount).toBe(3);
    expect(harness.connected().subscribed("#").payloads().sort()).toEqual(["a", "b", "c"]);
    const publisher = harness.connected().publish("d", "d", { retain: true });
    expect([broker.retainedMessageCount, broker.droppedMessages["retained-limit"]]).toEqual([3, 1]);
    publisher.publish("a", "", { retain: true });
    expect(broker.retainedMessageCount).toBe(2);
    await restart();
    expect(harness.broker.retainedMessageCount).toBe(2);
  });
});
