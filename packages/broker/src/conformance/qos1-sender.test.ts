/** The sender's half of QoS 1 (section 4.3.2). */
import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

const { PUBACK } = PacketType;

describe.each([3, 4, 5] as const)("QoS 1 to a client, protocol level %i", (protocolVersion) => {
  function start(messages: number) {
    const harness = new BrokerHarness();
    const subscriber = persistentClient(harness, protocolVersion, "subscriber").subscribed("#", { qos: 1 });
    const publisher = harness.connected({ protocolVersion });
    for (let i = 0; i < messages; i++) publisher.publish("a", `${i}`, { qos: 1 });
    return { harness, subscriber, publisher };
  }

  test("[MQTT-4.3.2-1] [3.1.1 MQTT-4.3.2-1] every message has an identifier that no other one in flight has", () => {
    const { subscriber } = start(100);
    const identifiers = subscriber.messages().map(({ packetIdentifier }) => packetIdentifier as number);
    expect(new Set(identifiers).size).toBe(100);
    expect(Math.min(...identifiers)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...identifiers)).toBeLessThanOrEqual(65_535);
  });

  test("[MQTT-4.3.2-1] [3.1.1 MQTT-4.3.2-1] one that is never acknowledged keeps its identifier to itself", () => {
    const { subscriber, publisher } = start(1);
    const kept = subscriber.messages()[0].packetIdentifier;
    // Once round all identifiers.
    for (let round = 0; round < 66; round++) {
      for (let i = 0; i < 1000; i++) publisher.publish("a", "", { qos: 1, packetIdentifier: 1 });
      publisher.take();
      for (const { packetIdentifier } of subscriber.messages()) {
        if (packetIdentifier === kept) throw new Error("an identifier in use was used again");
        subscriber.acknowledge(PUBACK, packetIdentifier as number);
      }
    }
    expect(subscriber.connection.inFlightMessages).toBe(1);
  });

  test("[MQTT-4.3.2-2] [3.1.1 MQTT-4.3.2-1] the first PUBLISH has QoS 1 and DUP 0, also when it waited", () => {
    const { harness, subscriber, publisher } = start(1);
    expect(subscriber.messages()).toMatchObject([{ qos: 1, dup: false, packetIdentifier: expect.any(Number) }]);
    subscriber.drop();
    publisher.publish("a", "waits", { qos: 1, dup: true });
    expect(persistentClient(harness, protocolVersion, "subscriber").messages()).toMatchObject([
      { qos: 1, dup: true, packetIdentifier: expect.any(Number) },
      { qos: 1, dup: false, packetIdentifier: expect.any(Number) },
    ]);
  });

  test("[MQTT-4.3.2-3] [3.1.1 MQTT-4.3.2-1] a PUBLISH is unacknowledged until its own PUBACK comes", () => {
    const { harness, subscriber } = start(3);
    const [first, second, third] = subscriber.messages().map(({ packetIdentifier }) => packetIdentifier as number);
    subscriber.acknowledge(PUBACK, second);
    subscriber.acknowledge(PUBACK, 60_000).acknowledge(PacketType.PUBCOMP, first);
    expect(subscriber.connection.inFlightMessages).toBe(2);
    subscriber.drop();
    const resumed = persistentClient(harness, protocolVersion, "subscriber");
    expect(resumed.messages().map(({ packetIdentifier }) => packetIdentifier)).toEqual([first, third]);
    resumed.acknowledge(PUBACK, first).acknowledge(PUBACK, third).drop();
    expect(persistentClient(harness, protocolVersion, "subscriber").take()).toEqual([]);
  });

  test("PUBACK of an identifier that is not in flight is passed over", () => {
    const { subscriber } = start(0);
    subscriber.acknowledge(PUBACK, 1);
    expect(subscriber.take()).toEqual([]);
    expect(subscriber.isClosed).toBe(false);
  });
});

test("[MQTT-4.4.0-2] PUBACK with 0x80 or above ends the delivery like any other", () => {
  const harness = new BrokerHarness();
  const subscriber = persistentClient(harness, 5, "subscriber").subscribed("a");
  harness.connected().publish("a", "x", { qos: 1 });
  subscriber.acknowledge(PUBACK, subscriber.messages()[0].packetIdentifier as number, 0x97);
  expect(subscriber.connection.inFlightMessages).toBe(0);
  subscriber.drop();
  expect(persistentClient(harness, 5, "subscriber").take()).toEqual([]);
});
