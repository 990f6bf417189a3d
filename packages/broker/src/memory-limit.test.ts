/** The broker holds more than it may: messages and sessions are turned away until there is room again. */
import { PacketType } from "@tidings/packet";
import { DelayedSessionStore } from "@tidings/session/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "./testing/index.js";

const { CONNACK, DISCONNECT, PUBACK, PUBREC } = PacketType;
const KILOBYTE = "x".repeat(1000);

let pressures: boolean[];
let harness: BrokerHarness;

beforeEach(() => {
  pressures = [];
  harness = new BrokerHarness({
    memoryBytesMax: 10_000,
    observer: { memoryPressureChanged: (isShort) => pressures.push(isShort) },
  });
});

/** Looked at within one sweep. */
function look(): void {
  harness.advance(500);
}

describe.each([4, 5] as const)("protocol level %i:", (protocolVersion) => {
  const connected = (clientIdentifier: string): TestClient => harness.connected({ protocolVersion, clientIdentifier });

  function fillWithRetained(): TestClient {
    const publisher = connected("filler");
    for (let i = 0; i < 30; i++) publisher.publish(`retained/${i}`, "x".repeat(300), { retain: true });
    look();
    return publisher;
  }

  test("above the limit nothing is taken that has to be kept, and no QoS 0 either", () => {
    const receiver = connected("receiver").subscribed("#");
    const publisher = connected("publisher");
    fillWithRetained();
    receiver.take();
    expect([harness.broker.isShortOfMemory, pressures]).toEqual([true, [true]]);
    publisher.publish("a", "zero");
    publisher.publish("a", "one", { qos: 1, packetIdentifier: 1 });
    publisher.publish("a", "two", { qos: 2, packetIdentifier: 2 });
    expect(receiver.take()).toEqual([]);
    expect(publisher.take()).toMatchObject(
      protocolVersion === 5
        ? [
            { type: PUBACK, packetIdentifier: 1, reasonCode: 0x97 },
            { type: PUBREC, packetIdentifier: 2, reasonCode: 0x97 },
          ]
        : [],
    );
    expect(harness.broker.droppedMessages).toMatchObject({ "memory-limit": 3, refused: 0 });
  });

  test("above the limit there are no new sessions, and old ones go on", () => {
    const properties = protocolVersion === 5 ? { sessionExpiryInterval: 60 } : undefined;
    harness.connected({ protocolVersion, clientIdentifier: "old", cleanStart: false, properties });
    const filler = fillWithRetained();
    const refused = harness.connect({ protocolVersion, clientIdentifier: "new" });
    expect(refused.takeFirst(CONNACK).reasonCode).toBe(protocolVersion === 5 ? 0x97 : 3);
    expect(refused.isClosed).toBe(true);
    expect(filler.isClosed).toBe(false);
    harness.connected({ protocolVersion, clientIdentifier: "old", cleanStart: false, properties });
  });

  test("recovers by itself, with a tenth between", () => {
    const publisher = fillWithRetained();
    const { broker } = harness;
    const clear = (i: number) =>
      broker.publish({ topicName: `retained/${i}`, payload: new Uint8Array(), retain: true });
    const before = broker.messageBytes();
    while (broker.messageBytes() > 9500) clear(broker.retainedMessageCount - 1);
    look();
    expect([broker.isShortOfMemory, before > 10_000]).toEqual([true, true]);
    while (broker.messageBytes() > 9000) clear(broker.retainedMessageCount - 1);
    look();
    expect([broker.isShortOfMemory, pressures]).toEqual([false, [true, false]]);
    publisher.publish("a", "one", { qos: 1, packetIdentifier: 9 });
    expect(publisher.takeFirst(PUBACK).packetIdentifier).toBe(9);
  });

  test("who was not answered before 5.0 is sent away when there is room, to send it again", () => {
    const publisher = fillWithRetained();
    publisher.publish("a", "one", { qos: 1, packetIdentifier: 1 });
    harness.broker.updateLimits({ memoryBytesMax: 100_000 });
    look();
    expect(publisher.isClosed).toBe(protocolVersion === 4);
    if (protocolVersion === 5) expect(publisher.takeFirst(PUBACK).reasonCode).toBe(0x97);
  });

  test("counts what waits for a client, what it has not acknowledged, and what the network has not taken", () => {
    const { broker } = harness;
    const receiver = connected("receiver").subscribed("#", { qos: 2 });
    const publisher = connected("publisher");
    expect(broker.messageBytes()).toBe(0);
    for (const qos of [1, 2] as const) publisher.publish("a", KILOBYTE, { qos });
    const inFlight = broker.depths().inFlightBytes;
    expect([inFlight > 2000, inFlight < 3000, broker.messageBytes()]).toEqual([true, true, inFlight]);
    const [first, second] = receiver.messages().map(({ packetIdentifier }) => packetIdentifier as number);
    receiver.acknowledge(PUBACK, first);
    expect(broker.messageBytes()).toBe(inFlight / 2);
    receiver.acknowledge(PUBREC, second);
    expect(broker.messageBytes()).toBe(0);
    receiver.acknowledge(PacketType.PUBCOMP, second);
    expect(broker.messageBytes()).toBe(0);
    receiver.stalled = true;
    publisher.publish("a", KILOBYTE);
    expect(broker.messageBytes()).toBeGreaterThan(1000);
    receiver.drain();
    expect(broker.messageBytes()).toBe(0);
  });
});

test("a queue counts as far as it is in memory, and the store with what is not durable", () => {
  const store = new DelayedSessionStore();
  harness = new BrokerHarness({ store });
  const sleeper = harness.connect({ clientIdentifier: "sleeper", properties: { sessionExpiryInterval: 3600 } });
  store.makeDurable();
  sleeper.take();
  sleeper.subscribe("#");
  sleeper.drop();
  harness.endTurn();
  store.makeDurable();
  const before = harness.broker.messageBytes();
  harness.connected().publish("a", KILOBYTE, { qos: 1 });
  const { queuedBytes, queuedBytesInMemory } = harness.broker.depths();
  expect([queuedBytes > 1000, queuedBytesInMemory]).toEqual([true, queuedBytes]);
  expect(harness.broker.messageBytes() - before).toBe(queuedBytes + store.backlogBytes);
});

test("what the host says of the process has a limit of its own", () => {
  harness = new BrokerHarness({ processMemoryBytesMax: 1_000_000 });
  const client = harness.connected();
  const { broker } = harness;
  const states = [1_000_000, 1_000_001, 900_001, 900_000].map((bytes) => {
    broker.reportProcessMemory(bytes);
    look();
    return broker.isShortOfMemory;
  });
  expect(states).toEqual([false, true, true, false]);
  expect(client.isClosed).toBe(false);
});

test("the host's own messages are refused like a client's, at QoS 1 and 2", () => {
  harness.broker.updateLimits({ processMemoryBytesMax: 1 });
  harness.broker.reportProcessMemory(2);
  harness.connected();
  look();
  expect(harness.broker.publish({ topicName: "a", payload: new Uint8Array(), qos: 1 })).toEqual({ reasonCode: 0x97 });
  expect(harness.broker.publish({ topicName: "a", payload: new Uint8Array() })).toEqual({ reasonCode: 0x10 });
});

test("a retained message that has no room is delivered, and is not kept", () => {
  const receiver = harness.connected().subscribed("#");
  for (let i = 0; i < 10; i++)
    harness.broker.publish({ topicName: `r/${i}`, payload: new Uint8Array(1000), retain: true });
  look();
  receiver.take();
  harness.broker.publish({ topicName: "late", payload: new Uint8Array(1), retain: true });
  harness.endTurn();
  expect(receiver.messages()).toHaveLength(1);
  expect(harness.broker.retainedMessage("late")).toBeUndefined();
  expect(harness.broker.droppedMessages["retained-limit"]).toBe(1);
});

test("nobody is asked to say goodbye by the limit alone", () => {
  const client = harness.connected();
  harness.broker.updateLimits({ processMemoryBytesMax: 1 });
  harness.broker.reportProcessMemory(2);
  look();
  expect(client.take().filter(({ type }) => type === DISCONNECT)).toEqual([]);
});
