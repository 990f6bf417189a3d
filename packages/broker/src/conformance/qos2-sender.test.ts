/** The sender's half of QoS 2 (section 4.3.3). */
import { PacketType, type ProtocolVersion, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

const { PUBLISH, PUBREC, PUBREL, PUBCOMP } = PacketType;

function start(protocolVersion: ProtocolVersion, messages: number) {
  const harness = new BrokerHarness();
  const subscriber = persistentClient(harness, protocolVersion, "subscriber").subscribed("#");
  const publisher = harness.connected({ protocolVersion });
  for (let i = 0; i < messages; i++) publisher.publish("a", `${i}`, { qos: 2, packetIdentifier: i + 1 });
  return { harness, subscriber, publisher };
}

const identifiers = (client: TestClient): number[] =>
  client.messages().map(({ packetIdentifier }) => packetIdentifier as number);

describe.each([3, 4, 5] as const)("QoS 2 to a client, protocol level %i", (protocolVersion) => {
  test("[MQTT-4.3.3-1] [3.1.1 MQTT-4.3.3-1] every message has an identifier that no other one in flight has", () => {
    const { subscriber, publisher } = start(protocolVersion, 50);
    const first = identifiers(subscriber);
    expect(new Set(first).size).toBe(50);
    // Those between PUBREC and PUBCOMP are in use too.
    for (const packetIdentifier of first) subscriber.acknowledge(PUBREC, packetIdentifier);
    for (let i = 0; i < 200; i++) publisher.publish("a", "", { qos: 2, packetIdentifier: 1000 + i });
    expect(new Set([...first, ...identifiers(subscriber)]).size).toBe(250);
  });

  test("[MQTT-4.3.3-2] [3.1.1 MQTT-4.3.3-1] the first PUBLISH has QoS 2 and DUP 0, also when it waited", () => {
    const { harness, subscriber, publisher } = start(protocolVersion, 1);
    expect(subscriber.messages()).toMatchObject([{ qos: 2, dup: false, packetIdentifier: expect.any(Number) }]);
    subscriber.drop();
    publisher.publish("a", "waits", { qos: 2, dup: true });
    expect(persistentClient(harness, protocolVersion, "subscriber").messages()).toMatchObject([
      { qos: 2, dup: true },
      { qos: 2, dup: false },
    ]);
  });

  test("[MQTT-4.3.3-3] [3.1.1 MQTT-4.3.3-1] a PUBLISH is unacknowledged until its own PUBREC comes", () => {
    const { harness, subscriber } = start(protocolVersion, 3);
    const [first, second, third] = identifiers(subscriber);
    subscriber.acknowledge(PUBREC, second).acknowledge(PacketType.PUBACK, first).acknowledge(PUBCOMP, third);
    subscriber.drop();
    expect(identifiers(persistentClient(harness, protocolVersion, "subscriber"))).toEqual([first, third]);
  });

  test("[MQTT-4.3.3-4] [3.1.1 MQTT-4.3.3-1] PUBREC is answered with PUBREL of the same identifier", () => {
    const { subscriber } = start(protocolVersion, 2);
    const [first, second] = identifiers(subscriber);
    subscriber.acknowledge(PUBREC, first).acknowledge(PUBREC, second);
    expect(subscriber.take()).toEqual([
      { type: PUBREL, packetIdentifier: first, reasonCode: 0 },
      { type: PUBREL, packetIdentifier: second, reasonCode: 0 },
    ]);
  });

  test("[MQTT-4.3.3-4] a repeated PUBREC gets PUBREL again", () => {
    const { subscriber } = start(protocolVersion, 1);
    const [packetIdentifier] = identifiers(subscriber);
    subscriber.acknowledge(PUBREC, packetIdentifier).acknowledge(PUBREC, packetIdentifier);
    expect(subscriber.take().map(({ type }) => type)).toEqual([PUBREL, PUBREL]);
  });

  test("[MQTT-4.3.3-5] [3.1.1 MQTT-4.3.3-1] PUBREL is unacknowledged until PUBCOMP comes", () => {
    const { harness, subscriber } = start(protocolVersion, 2);
    const [first, second] = identifiers(subscriber);
    subscriber.acknowledge(PUBREC, first).acknowledge(PUBREC, second).acknowledge(PUBCOMP, first);
    expect(subscriber.connection.inFlightMessages).toBe(1);
    subscriber.drop();
    const resumed = persistentClient(harness, protocolVersion, "subscriber");
    expect(resumed.take()).toEqual([{ type: PUBREL, packetIdentifier: second, reasonCode: 0 }]);
    resumed.acknowledge(PUBCOMP, second).drop();
    expect(persistentClient(harness, protocolVersion, "subscriber").take()).toEqual([]);
  });

  test("[MQTT-4.3.3-6] [3.1.1 MQTT-4.3.3-1] after PUBREL the PUBLISH is never sent again", () => {
    const { harness, subscriber } = start(protocolVersion, 1);
    const [packetIdentifier] = identifiers(subscriber);
    subscriber.acknowledge(PUBREC, packetIdentifier).drop();
    for (let i = 0; i < 3; i++) {
      const resumed = persistentClient(harness, protocolVersion, "subscriber");
      expect(resumed.take()).toEqual([{ type: PUBREL, packetIdentifier, reasonCode: 0 }]);
      resumed.drop();
    }
  });

  test("PUBREC of an unknown identifier is led to its end", () => {
    const { subscriber } = start(protocolVersion, 0);
    subscriber.acknowledge(PUBREC, 500);
    const reasonCode = protocolVersion === 5 ? ReasonCode.PacketIdentifierNotFound : 0;
    expect(subscriber.take()).toEqual([{ type: PUBREL, packetIdentifier: 500, reasonCode }]);
    subscriber.acknowledge(PUBCOMP, 500);
    expect(subscriber.take()).toEqual([]);
    expect(subscriber.isClosed).toBe(false);
  });
});

describe("QoS 2 to a 5.0 client", () => {
  test("[MQTT-4.4.0-2] PUBREC with 0x80 or above ends the delivery: no PUBREL, no PUBLISH again", () => {
    const { harness, subscriber } = start(5, 1);
    subscriber.acknowledge(PUBREC, identifiers(subscriber)[0], 0x97);
    expect(subscriber.take()).toEqual([]);
    expect(subscriber.connection.inFlightMessages).toBe(0);
    subscriber.drop();
    expect(persistentClient(harness, 5, "subscriber").take()).toEqual([]);
  });

  test("PUBREC with 0x80 or above of an unknown identifier needs no answer", () => {
    const { subscriber } = start(5, 0);
    expect(subscriber.acknowledge(PUBREC, 500, 0x80).take()).toEqual([]);
  });

  test("[MQTT-3.6.2-1] PUBREL carries 0x00 or 0x92", () => {
    const { subscriber } = start(5, 1);
    const [packetIdentifier] = identifiers(subscriber);
    const before = subscriber.bytes.length;
    subscriber.acknowledge(PUBREC, packetIdentifier, ReasonCode.NoMatchingSubscribers).acknowledge(PUBREC, 500);
    expect(subscriber.bytes.slice(before)).toEqual([0x62, 2, 0, packetIdentifier, 0x62, 3, 1, 244, 0x92]);
  });

  test("PUBCOMP with 0x92 ends the handshake", () => {
    const { subscriber } = start(5, 1);
    const [packetIdentifier] = identifiers(subscriber);
    subscriber.acknowledge(PUBREC, packetIdentifier);
    subscriber.acknowledge(PUBCOMP, packetIdentifier, ReasonCode.PacketIdentifierNotFound);
    expect(subscriber.connection.inFlightMessages).toBe(0);
  });

  test("[MQTT-4.3.3-7] a message that expires after its PUBLISH was sent goes on to its end", () => {
    const harness = new BrokerHarness();
    const subscriber = persistentClient(harness, 5, "subscriber").subscribed("a");
    harness.connected().publish("a", "x", { qos: 2, properties: { messageExpiryInterval: 1 } });
    const [packetIdentifier] = identifiers(subscriber);
    subscriber.drop();
    harness.advance(10_000);
    const resumed = persistentClient(harness, 5, "subscriber");
    expect(resumed.take()).toMatchObject([{ type: PUBLISH, packetIdentifier, dup: true }]);
    resumed.acknowledge(PUBREC, packetIdentifier).drop();
    harness.advance(10_000);
    expect(persistentClient(harness, 5, "subscriber").take()).toMatchObject([{ type: PUBREL, packetIdentifier }]);
  });
});
