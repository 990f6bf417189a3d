/** A clock that is set forward or back, while the broker runs or while it does not. */
import { PacketType } from "@tidings/packet";
import { MemorySessionStore } from "@tidings/session";
import { expect, test } from "vitest";
import { BrokerHarness } from "./testing/index.js";

const DAY_MS = 86_400_000;

function harnessAt(store: MemorySessionStore, nowMs: number): BrokerHarness {
  const harness = new BrokerHarness({ store });
  harness.nowMs = nowMs;
  return harness;
}

test("[MQTT-3.1.2-22] a clock that is set back gives a silent client its Keep Alive, and no more", () => {
  const harness = new BrokerHarness();
  const client = harness.connected({ keepAlive: 10 });
  harness.advance(5000);
  harness.nowMs -= DAY_MS;
  harness.advance(14_000);
  expect(client.isClosed).toBe(false);
  harness.advance(2000);
  expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(0x8d);
});

test("a clock that is set back gives a connection without CONNECT its time, and no more", () => {
  const harness = new BrokerHarness({ connectTimeoutMs: 1000 });
  const client = harness.open();
  harness.nowMs -= DAY_MS;
  harness.advance(2000);
  expect(client.isClosed).toBe(true);
});

test("a session that seems to have lost its connection in the future expires an interval from now", async () => {
  const store = new MemorySessionStore();
  const before = harnessAt(store, 1_700_000_000_000);
  before.connected({ clientIdentifier: "c", properties: { sessionExpiryInterval: 60 } }).drop();
  const after = harnessAt(store, before.nowMs - DAY_MS);
  await after.broker.recover(after.nowMs);
  after.advance(59_000);
  expect(after.broker.sessionCount).toBe(1);
  after.advance(2000);
  expect(after.broker.sessionCount).toBe(0);
});

test("a will is published a delay from now at the latest", async () => {
  const store = new MemorySessionStore();
  const before = harnessAt(store, 1_700_000_000_000);
  const will = {
    topic: "w",
    payload: new Uint8Array(),
    qos: 0,
    retain: false,
    properties: { willDelayInterval: 30 },
  } as const;
  before.connected({ clientIdentifier: "c", will, properties: { sessionExpiryInterval: 3600 } }).drop();
  const after = harnessAt(store, before.nowMs - DAY_MS);
  await after.broker.recover(after.nowMs);
  const witness = after.connected().subscribed("w");
  after.advance(29_000);
  expect(witness.messages()).toEqual([]);
  after.advance(2000);
  expect(witness.messages()).toHaveLength(1);
});

test("restarts behind a clock that was set back do not put off wills and expiries again and again", async () => {
  const store = new MemorySessionStore();
  const before = harnessAt(store, 1_700_000_000_000);
  const will = {
    topic: "w",
    payload: new Uint8Array(),
    qos: 0,
    retain: false,
    properties: { willDelayInterval: 30 },
  } as const;
  before.connected({ clientIdentifier: "c", will, properties: { sessionExpiryInterval: 60 } }).drop();
  const first = harnessAt(store, before.nowMs - DAY_MS);
  await first.broker.recover(first.nowMs);
  const second = harnessAt(store, first.nowMs + 20_000);
  await second.broker.recover(second.nowMs);
  const witness = second.connected().subscribed("w");
  second.advance(9_000);
  expect(witness.messages()).toEqual([]);
  second.advance(2_000);
  expect(witness.messages()).toHaveLength(1);
  second.advance(28_000);
  expect(second.broker.sessions.has("c")).toBe(true);
  second.advance(2_000);
  expect(second.broker.sessions.has("c")).toBe(false);
});

test("what a clock that jumped forward makes due is done once, and the broker goes on", async () => {
  const store = new MemorySessionStore();
  const harness = harnessAt(store, 1_700_000_000_000);
  harness.connected({ clientIdentifier: "away", properties: { sessionExpiryInterval: 60 } }).drop();
  const client = harness.connected().subscribed("a");
  harness.nowMs += DAY_MS;
  harness.broker.advance(harness.nowMs);
  harness.endTurn();
  expect(harness.broker.sessionCount).toBe(1);
  harness.connected().publish("a", "on");
  expect(client.payloads()).toEqual(["on"]);
});

test("[MQTT-3.1.2-22] a clock that is set forward takes nobody's Keep Alive, and the silent lose theirs from there on", () => {
  const harness = new BrokerHarness({ connectTimeoutMs: 3000 });
  const [silent, lively] = [harness.connected({ keepAlive: 10 }), harness.connected({ keepAlive: 10 })];
  const unknown = harness.open();
  harness.advance(2000);
  harness.nowMs += DAY_MS;
  // The first bytes behind the jump come before the broker looks.
  lively.send({ type: PacketType.PINGREQ });
  harness.broker.advance(harness.nowMs);
  harness.endTurn();
  expect([silent, lively, unknown].map(({ isClosed }) => isClosed)).toEqual([false, false, false]);
  harness.advance(2000);
  expect(unknown.isClosed).toBe(true);
  harness.advance(10_000);
  lively.send({ type: PacketType.PINGREQ });
  harness.advance(2000);
  expect([silent.isClosed, lively.isClosed]).toEqual([true, false]);
});

test("a client that takes nothing is not given up because of a clock that is set forward", () => {
  const harness = new BrokerHarness({ stalledTimeoutMs: 5000 });
  const client = harness.connected().subscribed("a");
  client.stalled = true;
  harness.connected().publish("a", "x");
  harness.advance(1000);
  harness.nowMs += DAY_MS;
  harness.broker.advance(harness.nowMs);
  harness.endTurn();
  expect(client.isClosed).toBe(false);
  harness.advance(5000);
  expect(client.isClosed).toBe(true);
});
