/** Session Expiry Interval: in CONNECT, in DISCONNECT, the broker's own limit (sections 3.1.2.11.2, 3.14.2.2.2, 4.1). */
import { PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type ConnectOptions, type TestClient } from "../testing/index.js";

const never = 0xffff_ffff;

function session(sessionExpiryInterval: number | undefined, options: ConnectOptions = {}): ConnectOptions {
  return { clientIdentifier: "c", cleanStart: false, properties: { sessionExpiryInterval }, ...options };
}

function leave(client: TestClient, sessionExpiryInterval: number, reasonCode = 0): void {
  client.send({ type: PacketType.DISCONNECT, reasonCode, properties: { sessionExpiryInterval } });
}

/** Seconds until the broker has no session left, in steps of a second; undefined within `limit`: never. */
function secondsUntilEnd(harness: BrokerHarness, limit = 120): number | undefined {
  for (let seconds = 0; seconds <= limit; seconds++) {
    if (harness.broker.sessionCount === 0) return seconds;
    harness.advance(1000);
  }
  return undefined;
}

describe("the session ends", () => {
  test("[MQTT-3.1.2-23] [MQTT-4.1.0-2] when its interval has passed since the end of the connection, not before", () => {
    const harness = new BrokerHarness();
    const client = harness.connected(session(10)).subscribed("t", { qos: 1 });
    harness.advance(30_000);
    client.drop();
    harness.advance(9750);
    harness.connected({ clientIdentifier: "publisher" }).publish("t", "kept", { qos: 1 }).disconnect();
    expect([harness.broker.sessionCount, harness.broker.subscriptionCount]).toEqual([1, 1]);
    harness.advance(250);
    expect([harness.broker.sessionCount, harness.broker.subscriptionCount]).toEqual([0, 0]);
    const again = harness.connect(session(10));
    expect(again.takeFirst(PacketType.CONNACK).sessionPresent).toBe(false);
    expect(again.messages()).toEqual([]);
  });

  test("with its connection, when the interval is 0 or absent", () => {
    for (const interval of [0, undefined]) {
      const harness = new BrokerHarness();
      harness.connected(session(interval)).subscribed("t").drop();
      expect([harness.broker.sessionCount, harness.broker.subscriptionCount]).toEqual([0, 0]);
    }
  });

  test("[MQTT-3.1.2-23] never, when the interval says so", () => {
    const harness = new BrokerHarness();
    harness.connected(session(never)).subscribed("t", { qos: 1 }).drop();
    harness.nowMs += never * 1000 + 86_400_000;
    harness.advance(1000);
    harness.connected().publish("t", "kept", { qos: 1 });
    expect(harness.connected(session(never)).payloads()).toEqual(["kept"]);
  });

  test("[MQTT-3.1.2-23] by the interval of the latest connection", () => {
    const harness = new BrokerHarness();
    harness.connected(session(10)).drop();
    harness.advance(9000);
    const again = harness.connected(session(30));
    harness.advance(20_000);
    expect(harness.broker.sessionCount).toBe(1);
    again.drop();
    expect(secondsUntilEnd(harness)).toBe(30);
    harness.connected(session(10)).drop();
    harness.connected(session(undefined)).drop();
    expect(harness.broker.sessionCount).toBe(0);
  });

  test("[MQTT-4.1.0-2] and the observer hears of it", () => {
    const ended: string[] = [];
    const harness = new BrokerHarness({
      observer: { sessionEnded: (clientIdentifier) => void ended.push(clientIdentifier) },
    });
    harness.connected(session(1)).drop();
    harness.connected(session(5, { clientIdentifier: "d" })).drop();
    harness.advance(1000);
    expect(ended).toEqual(["c"]);
  });

  test("[MQTT-4.1.0-2] each at its own time", () => {
    const harness = new BrokerHarness();
    const counts: number[] = [];
    for (const interval of [3, 1, 4, 1, 5]) {
      harness.connected(session(interval, { clientIdentifier: `${counts.push(0)}` })).drop();
    }
    counts.length = 0;
    for (let seconds = 0; seconds <= 5; seconds++) {
      counts.push(harness.broker.sessionCount);
      harness.advance(1000);
    }
    expect(counts).toEqual([5, 3, 3, 2, 1, 0]);
  });
});

describe("DISCONNECT changes the interval", () => {
  test.each([
    [100, 5, 5],
    [5, 100, 100],
    [100, 0, 0],
    [never, 5, 5],
    [5, never, undefined],
  ])("[MQTT-4.1.0-2] from %i to %i", (before, after, seconds) => {
    const harness = new BrokerHarness();
    leave(harness.connected(session(before)), after);
    expect(secondsUntilEnd(harness)).toBe(seconds);
  });

  test("also with the code that keeps the will", () => {
    const harness = new BrokerHarness();
    leave(harness.connected(session(100)), 5, ReasonCode.DisconnectWithWillMessage);
    expect(secondsUntilEnd(harness)).toBe(5);
  });

  test("[MQTT-4.13.1-1] but not from 0: 0x82, the session ends, the will is published", () => {
    const harness = new BrokerHarness();
    const witness = harness.connected().subscribed("will");
    for (const interval of [0, undefined]) {
      const will = { topic: "will", payload: new Uint8Array(0), qos: 0, retain: false } as const;
      const client = harness.connected(session(interval, { will }));
      leave(client, 5);
      expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(ReasonCode.ProtocolError);
      expect(client.isClosed).toBe(true);
      expect(witness.messages()).toHaveLength(1);
      expect(harness.broker.client("c")).toBeUndefined();
      expect(harness.broker.sessionCount).toBe(1);
    }
  });

  test("from 0 to 0 is no change, and no error", () => {
    const client = new BrokerHarness().connected(session(0));
    leave(client, 0);
    expect(client.take()).toEqual([]);
    expect(client.isClosed).toBe(true);
  });

  test("no more than the broker's limit", () => {
    const harness = new BrokerHarness({ sessionExpiryIntervalMax: 10 });
    leave(harness.connected(session(5)), 100);
    expect(secondsUntilEnd(harness)).toBe(10);
  });
});

describe("the broker's limit, sessionExpiryIntervalMax", () => {
  test("of 0 does not make a DISCONNECT wrong that repeats what CONNECT asked for", () => {
    const harness = new BrokerHarness({ sessionExpiryIntervalMax: 0 });
    const client = harness.connected({ properties: { sessionExpiryInterval: 60 } });
    client.send({ type: PacketType.DISCONNECT, reasonCode: 0, properties: { sessionExpiryInterval: 30 } });
    expect(client.take()).toEqual([]);
    expect(harness.broker.sessionCount).toBe(0);
  });

  test("[MQTT-4.1.0-2] holds for a client that asks for more, and is told in CONNACK", () => {
    for (const interval of [11, 100, never]) {
      const harness = new BrokerHarness({ sessionExpiryIntervalMax: 10 });
      const client = harness.connect(session(interval));
      expect(client.takeFirst(PacketType.CONNACK).properties?.sessionExpiryInterval).toBe(10);
      client.drop();
      expect(secondsUntilEnd(harness)).toBe(10);
    }
  });

  test("does not lengthen what is shorter", () => {
    const harness = new BrokerHarness({ sessionExpiryIntervalMax: 10 });
    const client = harness.connect(session(5));
    expect(client.takeFirst(PacketType.CONNACK).properties).not.toHaveProperty("sessionExpiryInterval");
    client.drop();
    expect(secondsUntilEnd(harness)).toBe(5);
  });

  test("of 0 ends every session with its connection", () => {
    const harness = new BrokerHarness({ sessionExpiryIntervalMax: 0 });
    const client = harness.connect(session(5));
    expect(client.takeFirst(PacketType.CONNACK).properties?.sessionExpiryInterval).toBe(0);
    client.drop();
    expect(harness.broker.sessionCount).toBe(0);
  });

  test("holds for the sessions of 3.x clients, which have no end of their own", () => {
    for (const protocolVersion of [3, 4] as const) {
      const options = { clientIdentifier: "c", protocolVersion, cleanStart: false };
      const limited = new BrokerHarness({ sessionExpiryIntervalMax: 10 });
      limited.connected(options).drop();
      expect(secondsUntilEnd(limited)).toBe(10);
      const unlimited = new BrokerHarness();
      unlimited.connected(options).drop();
      unlimited.broker.advance(unlimited.nowMs + never * 1000 + 1000);
      expect(unlimited.broker.sessionCount).toBe(1);
    }
  });
});
