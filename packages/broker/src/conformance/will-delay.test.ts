/** Will Delay Interval and the end of the session: whichever comes first (MQTT 5.0 sections 3.1.2.5 and 3.1.3.2.2). */
import type { Will } from "@tidings/packet";
import { beforeEach, describe, expect, test } from "vitest";
import { BrokerHarness, type ConnectOptions, type TestClient } from "../testing/index.js";

let harness: BrokerHarness;
let witness: TestClient;

beforeEach(() => {
  harness = new BrokerHarness();
  witness = harness.connected().subscribed("will");
});

function will(willDelayInterval: number, text = "gone"): Will {
  const payload = new TextEncoder().encode(text);
  return { topic: "will", payload, qos: 0, retain: false, properties: { willDelayInterval } };
}

function connected(
  willDelayInterval: number | undefined,
  sessionExpiryInterval: number,
  options: ConnectOptions = {},
): TestClient {
  return harness.connected({
    clientIdentifier: "c",
    will: willDelayInterval === undefined ? undefined : will(willDelayInterval),
    properties: { sessionExpiryInterval },
    ...options,
  });
}

/** Seconds until the will comes, in steps of a second; undefined within `limit`: never. */
function secondsUntilWill(limit = 120): number | undefined {
  for (let seconds = 0; seconds <= limit; seconds++) {
    if (witness.payloads().length > 0) return seconds;
    harness.advance(1000);
  }
  return undefined;
}

describe("a will comes", () => {
  test("[MQTT-3.1.2-8] after its delay, when the session lives longer", () => {
    connected(10, 100).drop();
    expect(secondsUntilWill()).toBe(10);
    expect(secondsUntilWill()).toBeUndefined();
  });

  test("[MQTT-3.1.2-8] with the end of the session, when the delay is longer", () => {
    connected(100, 10).drop();
    expect(secondsUntilWill()).toBe(10);
    expect(harness.broker.sessionCount).toBe(1);
  });

  test("[MQTT-3.1.2-8] at once, when the session ends with its connection", () => {
    connected(10, 0).drop();
    expect(secondsUntilWill()).toBe(0);
  });

  test("at once, without a delay", () => {
    connected(0, 100).drop();
    expect(secondsUntilWill()).toBe(0);
  });

  test("after its delay, when the session never expires", () => {
    connected(10, 0xffff_ffff).drop();
    expect(secondsUntilWill()).toBe(10);
  });

  test("after its delay, counted from the end of the connection and not from CONNECT", () => {
    const client = connected(10, 100);
    harness.advance(60_000);
    client.drop();
    expect(secondsUntilWill()).toBe(10);
  });

  test("after its delay, when DISCONNECT asks for it", () => {
    connected(10, 100).disconnect(0x04);
    expect(secondsUntilWill()).toBe(10);
  });

  test("at once, when DISCONNECT asks for it and ends the session", () => {
    connected(10, 100).send({ type: 14, reasonCode: 0x04, properties: { sessionExpiryInterval: 0 } });
    expect(secondsUntilWill()).toBe(0);
  });

  test("with the end of the session, as DISCONNECT changes it", () => {
    connected(50, 100).send({ type: 14, reasonCode: 0x04, properties: { sessionExpiryInterval: 5 } });
    expect(secondsUntilWill()).toBe(5);
  });

  test("on time, between the broker's own sweeps", () => {
    connected(1, 100).drop();
    harness.broker.advance(harness.nowMs + 999);
    harness.endTurn();
    expect(witness.payloads()).toEqual([]);
    expect(harness.broker.nextDeadline()).toBeLessThanOrEqual(harness.nowMs + 1000);
    harness.broker.advance(harness.nowMs + 1000);
    harness.endTurn();
    expect(witness.payloads()).toEqual(["gone"]);
  });
});

describe("a will does not come", () => {
  test("[MQTT-3.1.3-9] when the session is taken up before the delay has passed", () => {
    connected(10, 100).drop();
    harness.advance(9000);
    const again = connected(undefined, 100, { cleanStart: false });
    expect(secondsUntilWill()).toBeUndefined();
    again.drop();
    expect(secondsUntilWill()).toBeUndefined();
  });

  test("[MQTT-3.1.3-9] when the session is taken up by a 3.1.1 client", () => {
    connected(10, 100).drop();
    connected(undefined, 0, { protocolVersion: 4, cleanStart: false, properties: undefined });
    expect(secondsUntilWill()).toBeUndefined();
  });

  test("[MQTT-3.1.3-9] and the new connection's will takes its place", () => {
    connected(10, 100).drop();
    harness.advance(5000);
    connected(undefined, 100, { cleanStart: false, will: will(20, "newer") }).drop();
    harness.advance(19_000);
    expect(witness.payloads()).toEqual([]);
    harness.advance(1000);
    expect(witness.payloads()).toEqual(["newer"]);
  });

  test("[MQTT-3.1.2-10] [MQTT-3.14.4-3] after DISCONNECT 0x00, delay or not", () => {
    connected(10, 100).disconnect();
    expect(secondsUntilWill()).toBeUndefined();
  });
});

describe("a will whose session ends by a new CONNECT", () => {
  test("[MQTT-3.1.2-8] comes at once, when Clean Start discards the session while it waits", () => {
    connected(10, 100).drop();
    harness.advance(5000);
    expect(witness.payloads()).toEqual([]);
    connected(undefined, 100, { cleanStart: true });
    expect(secondsUntilWill(0)).toBe(0);
    expect(secondsUntilWill()).toBeUndefined();
  });

  // [delay, expiry, Clean Start of the newcomer]
  test.each([
    [0, 0, false],
    [0, 0, true],
    [0, 100, false],
    [0, 100, true],
    [10, 0, false],
    [10, 0, true],
    [10, 100, true],
  ] as const)(
    "[MQTT-3.1.2-8] comes at once, when it is taken over (delay %i, expiry %i, Clean Start %s)",
    (delay, expiry, cleanStart) => {
      const first = connected(delay, expiry);
      connected(undefined, 100, { cleanStart });
      expect(first.isClosed).toBe(true);
      expect(secondsUntilWill(0)).toBe(0);
      expect(secondsUntilWill(15)).toBeUndefined();
    },
  );

  test("[MQTT-3.1.3-9] does not come, when it is taken over, has a delay, and the session goes on", () => {
    const first = connected(10, 100);
    connected(undefined, 100, { cleanStart: false });
    expect(first.isClosed).toBe(true);
    expect(secondsUntilWill(15)).toBeUndefined();
  });

  test.each([3, 4] as const)(
    "comes at once before 5.0, which knows no delay (protocol level %i)",
    (protocolVersion) => {
      for (const cleanStart of [true, false]) {
        const old = { protocolVersion, cleanStart, properties: undefined };
        const { properties, ...plain } = will(0);
        connected(undefined, 0, { ...old, will: plain });
        connected(undefined, 0, old);
        expect(secondsUntilWill(0)).toBe(0);
      }
    },
  );

  test("reaches the session that goes on, if it is subscribed, after CONNACK", () => {
    const topic = { ...will(0), qos: 1 } as const;
    connected(undefined, 100, { will: topic }).subscribed("will", { qos: 1 });
    const second = connected(undefined, 100, { cleanStart: false });
    expect(second.payloads()).toEqual(["gone"]);
  });
});
