/** Keep Alive and Server Keep Alive (MQTT 5.0 sections 3.1.2.10 and 3.2.2.3.14; 3.1.1 section 3.1.2.10). */
import { type ControlPacket, encodePacket, PacketType, type ProtocolVersion, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";

/** Seconds of silence, in steps of half a second, until the broker closes; undefined within `limit`: never. */
function secondsUntilClose(harness: BrokerHarness, client: TestClient, limit = 60): number | undefined {
  for (let seconds = 0; seconds <= limit; seconds += 0.5) {
    if (client.isClosed) return seconds;
    harness.advance(500);
  }
  return undefined;
}

function publish(topicName: string, version: ProtocolVersion): Uint8Array {
  const payload = new Uint8Array(20);
  return encodePacket({ type: PacketType.PUBLISH, dup: false, qos: 0, retain: false, topicName, payload }, version);
}

describe.each([3, 4, 5] as const)("Keep Alive, protocol level %i", (protocolVersion) => {
  test("[MQTT-3.1.2-22] [3.1.1 MQTT-3.1.2-24] a client silent for one and a half times as long is closed like one whose network failed", () => {
    const harness = new BrokerHarness();
    const witness = harness.connected().subscribed("will");
    const will = { topic: "will", payload: new Uint8Array(0), qos: 0, retain: false } as const;
    const client = harness.connected({ protocolVersion, keepAlive: 10, will });
    harness.advance(14_750);
    expect(client.isClosed).toBe(false);
    expect(witness.messages()).toEqual([]);
    // At most one sweep late.
    harness.advance(750);
    expect(client.isClosed).toBe(true);
    expect(witness.messages()).toHaveLength(1);
    const farewell =
      protocolVersion === 5 ? [{ type: PacketType.DISCONNECT, reasonCode: ReasonCode.KeepAliveTimeout }] : [];
    expect(client.take()).toMatchObject(farewell);
  });

  test("[MQTT-3.1.2-22] [3.1.1 MQTT-3.1.2-24] each packet from the client begins the time anew, whatever it is", () => {
    const packets: ControlPacket[] = [
      { type: PacketType.PINGREQ },
      { type: PacketType.PUBLISH, dup: false, qos: 0, retain: false, topicName: "t", payload: new Uint8Array(0) },
      { type: PacketType.PUBACK, packetIdentifier: 9, reasonCode: 0 },
      { type: PacketType.UNSUBSCRIBE, packetIdentifier: 1, topicFilters: ["t"] },
    ];
    for (const packet of packets) {
      const harness = new BrokerHarness();
      const client = harness.connected({ protocolVersion, keepAlive: 10 });
      for (let i = 0; i < 5; i++) {
        harness.advance(14_000);
        client.send(packet);
      }
      expect(client.isClosed).toBe(false);
      expect(secondsUntilClose(harness, client)).toBeCloseTo(15, 0);
    }
  });

  test("[MQTT-3.1.2-22] [3.1.1 MQTT-3.1.2-24] neither what the broker sends nor a part of a packet does", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion, keepAlive: 10 }).subscribed("t");
    const publisher = harness.connected();
    const bytes = publish("t", protocolVersion);
    for (let i = 0; i < 14; i++) {
      harness.advance(1000);
      publisher.publish("t", "x");
      client.sendBytes(bytes.subarray(i, i + 1));
    }
    expect(client.messages()).toHaveLength(14);
    expect(client.isClosed).toBe(false);
    harness.advance(1500);
    expect(client.isClosed).toBe(true);
  });

  test("[MQTT-3.1.2-22] [3.1.1 MQTT-3.1.2-24] 0 turns it off", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion, keepAlive: 0 });
    harness.nowMs += 30 * 86_400_000;
    harness.advance(1000);
    expect(client.isClosed).toBe(false);
  });

  test("the longest one is 18 hours, 12 minutes and 15 seconds", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion, keepAlive: 65_535 });
    harness.advance(65_535 * 1500 - 250);
    expect(client.isClosed).toBe(false);
    harness.advance(750);
    expect(client.isClosed).toBe(true);
  });

  test("PINGREQ is answered by PINGRESP", () => {
    const client = new BrokerHarness().connected({ protocolVersion }).send({ type: PacketType.PINGREQ });
    expect(client.take()).toEqual([{ type: PacketType.PINGRESP }]);
  });

  test("silence is not the client's while the broker does not read from it", async () => {
    let allow = (_reasonCode: number): void => {};
    const verdict = new Promise<number>((resolve) => {
      allow = resolve;
    });
    const harness = new BrokerHarness({ hooks: [{ authorizePublish: () => verdict }] });
    const client = harness.connected({ protocolVersion, keepAlive: 10 }).publish("t");
    expect(client.isPaused).toBe(true);
    harness.advance(30_000);
    expect(client.isClosed).toBe(false);
    allow(0);
    await harness.settle();
    expect(client.isPaused).toBe(false);
    // What it sent meanwhile is still on its way.
    harness.advance(14_000);
    expect(client.isClosed).toBe(false);
    harness.advance(1500);
    expect(client.isClosed).toBe(true);
  });

  test("the time that a hook takes over CONNECT is not the client's", async () => {
    let admit = (_reasonCode: number): void => {};
    const verdict = new Promise<number>((resolve) => {
      admit = resolve;
    });
    const harness = new BrokerHarness({ hooks: [{ authenticate: () => verdict }] });
    const client = harness.connect({ protocolVersion, keepAlive: 2 });
    harness.advance(8000);
    admit(0);
    await harness.settle();
    expect(client.takeFirst(PacketType.CONNACK).reasonCode).toBe(0);
    harness.advance(2500);
    expect(client.isClosed).toBe(false);
    harness.advance(1000);
    expect(client.isClosed).toBe(true);
  });
});

describe("Server Keep Alive", () => {
  test.each([60, 11, 0])("[MQTT-3.1.2-22] replaces a Keep Alive of %i, and is what the broker goes by", (keepAlive) => {
    const harness = new BrokerHarness({ keepAliveMax: 10 });
    const client = harness.connect({ keepAlive });
    expect(client.takeFirst(PacketType.CONNACK).properties?.serverKeepAlive).toBe(10);
    expect(client.connection.keepAlive).toBe(10);
    expect(secondsUntilClose(harness, client)).toBeCloseTo(15, 0);
  });

  test.each([10, 4])("[MQTT-3.2.2-22] is absent for a Keep Alive of %i, which the broker goes by", (keepAlive) => {
    const harness = new BrokerHarness({ keepAliveMax: 10 });
    const client = harness.connect({ keepAlive });
    expect(client.takeFirst(PacketType.CONNACK).properties).not.toHaveProperty("serverKeepAlive");
    expect(secondsUntilClose(harness, client)).toBeCloseTo(keepAlive * 1.5, 0);
  });

  test("[MQTT-3.2.2-22] is absent without keepAliveMax, and 0 stays off", () => {
    const harness = new BrokerHarness();
    const client = harness.connect({ keepAlive: 0 });
    expect(client.takeFirst(PacketType.CONNACK).properties).not.toHaveProperty("serverKeepAlive");
    expect(secondsUntilClose(harness, client)).toBeUndefined();
  });

  test.each([3, 4] as const)("does not bind clients of protocol level %i, who cannot be told", (protocolVersion) => {
    const harness = new BrokerHarness({ keepAliveMax: 10 });
    const client = harness.connected({ protocolVersion, keepAlive: 20 });
    expect(secondsUntilClose(harness, client)).toBeCloseTo(30, 0);
    expect(secondsUntilClose(harness, harness.connected({ protocolVersion, keepAlive: 0 }))).toBeUndefined();
  });
});
