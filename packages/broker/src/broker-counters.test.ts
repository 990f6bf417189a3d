/** What the broker counts, seen through the packets that clients send and get. */
import { PacketType } from "@tidings/packet";
import { DelayedSessionStore } from "@tidings/session/testing";
import { describe, expect, test } from "vitest";
import { LATENCY_BOUNDS_MS, LatencyHistogram } from "./latency-histogram.js";
import { BrokerHarness } from "./testing/index.js";

const { CONNECT, CONNACK, PUBACK, PUBLISH, SUBSCRIBE } = PacketType;

describe("traffic", () => {
  test("counts packets and bytes by type, and PUBLISH by QoS, in both directions", () => {
    const harness = new BrokerHarness();
    const { counters } = harness.broker;
    const subscriber = harness.connected().subscribe("a/#", { qos: 1 });
    const publisher = harness.connected();
    publisher.publish("a/b", "12345", { qos: 0 });
    publisher.publish("a/b", "12345", { qos: 1, packetIdentifier: 7 });
    harness.endTurn();
    const { received, sent } = counters;
    expect([CONNECT, SUBSCRIBE, PUBLISH].map((type) => received.packets(type))).toEqual([2, 1, 2]);
    expect([CONNACK, PUBACK, PUBLISH].map((type) => sent.packets(type))).toEqual([2, 1, 2]);
    expect([received.publishes(0), received.publishes(1), received.publishes(2)]).toEqual([1, 1, 0]);
    // Fixed header 2, topic 5, properties 1, payload 5; the identifier of QoS 1 takes 2 more.
    expect([received.publishBytes(0), received.publishBytes(1)]).toEqual([13, 15]);
    expect([sent.publishBytes(0), sent.publishBytes(1)]).toEqual([13, 15]);
    expect(received.packets()).toBe(5);
    expect(received.bytes()).toBeGreaterThan(28);
    expect(subscriber.take().filter(({ type }) => type === PUBLISH)).toHaveLength(2);
  });
});

describe("clients", () => {
  test("counts who came, who was refused and why, and who left and how", () => {
    const harness = new BrokerHarness({
      connectionsMax: 3,
      hooks: [{ authenticate: ({ userName }) => (userName === "no" ? 0x87 : 0) }],
    });
    const { broker } = harness;
    harness.connect({ userName: "no" });
    const first = harness.connected();
    const second = harness.connected();
    expect([broker.clientCount, broker.counters.clientsConnectedMax]).toEqual([2, 2]);
    first.send({ type: PacketType.DISCONNECT, reasonCode: 0 });
    second.send({ type: PacketType.DISCONNECT, reasonCode: 4 });
    expect([broker.clientCount, broker.counters.clientsConnectedMax]).toEqual([0, 2]);
    expect([...broker.counters.clientsRefused]).toEqual([[0x87, 1]]);
    expect([...broker.counters.clientsDisconnected]).toEqual([
      [0, 1],
      [4, 1],
    ]);
    expect([broker.counters.connectionsOpened, broker.counters.clientsConnected]).toEqual([3, 2]);
  });

  test("counts sessions that ended by their expiry, not those that a client ended", () => {
    const harness = new BrokerHarness();
    for (const sessionExpiryInterval of [0, 5]) {
      harness.connected({ properties: { sessionExpiryInterval } }).send({ type: PacketType.DISCONNECT, reasonCode: 0 });
    }
    harness.advance(10_000);
    expect(harness.broker.counters.sessionsExpired).toBe(1);
  });
});

describe("times", () => {
  test("an acknowledgement counts with the time that the store took", () => {
    const store = new DelayedSessionStore();
    const harness = new BrokerHarness({ store });
    const { counters } = harness.broker;
    const session = { properties: { sessionExpiryInterval: 60 }, cleanStart: false };
    const client = harness.connect(session);
    harness.endTurn();
    store.makeDurable();
    client.subscribe("a", { qos: 1 });
    harness.endTurn();
    store.makeDurable();
    client.publish("a", "x", { qos: 1, packetIdentifier: 1 });
    harness.endTurn();
    expect(counters.acknowledgement.counts.reduce((a, b) => a + b)).toBe(0);
    harness.advance(30);
    store.makeDurable();
    harness.endTurn();
    expect(counters.acknowledgement.counts[LATENCY_BOUNDS_MS.indexOf(50)]).toBe(1);
    expect(counters.acknowledgement.sumMs).toBe(30);
  });

  test("a delivery counts from the coming of the message to the receiver's acknowledgement, one at a time", () => {
    const harness = new BrokerHarness();
    const { counters } = harness.broker;
    const receiver = harness.connected().subscribe("a", { qos: 1 });
    receiver.take();
    const publisher = harness.connected();
    publisher.publish("a", "timed", { qos: 1, packetIdentifier: 1 });
    publisher.publish("a", "not timed", { qos: 1, packetIdentifier: 2 });
    harness.advance(100);
    for (const packet of receiver.take()) {
      if (packet.type === PUBLISH) {
        receiver.send({ type: PUBACK, packetIdentifier: packet.packetIdentifier as number, reasonCode: 0 });
      }
    }
    expect(counters.delivery.counts[LATENCY_BOUNDS_MS.indexOf(100)]).toBe(1);
    expect(counters.delivery.sumMs).toBe(100);
  });

  test.each([
    [-5, 0],
    [0, 0],
    [1, 1],
    [1.5, 2],
    [30_000, LATENCY_BOUNDS_MS.length - 1],
    [30_001, LATENCY_BOUNDS_MS.length],
  ])("%f ms are of class %i", (elapsedMs, index) => {
    const histogram = new LatencyHistogram();
    histogram.record(elapsedMs);
    expect(histogram.counts[index]).toBe(1);
    expect(histogram.sumMs).toBe(Math.max(0, elapsedMs));
  });
});

test("what waits in sessions is added up on demand", () => {
  const harness = new BrokerHarness();
  const sleeper = harness.connected({ clientIdentifier: "sleeper", properties: { sessionExpiryInterval: 60 } });
  sleeper.subscribe("a", { qos: 1 }).send({ type: PacketType.DISCONNECT, reasonCode: 0 });
  harness.connected({ properties: { receiveMaximum: 1 } }).subscribe("a", { qos: 1 });
  const publisher = harness.connected();
  for (const packetIdentifier of [1, 2]) publisher.publish("a", "x", { qos: 1, packetIdentifier });
  harness.endTurn();
  expect(harness.broker.depths()).toMatchObject({ queuedMessages: 3, inFlightMessages: 1, unsentBytes: 0 });
  expect(harness.broker.depths().queuedBytes).toBeGreaterThan(3);
});
