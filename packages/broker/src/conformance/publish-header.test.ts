/** The first byte of PUBLISH and PUBREL (sections 3.3.1 and 3.6.1). */
import { encodePacket, PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

/** The connection is over; a 5.0 client was told why. */
function expectClosed(client: TestClient, reasonCode: number): void {
  expect(client.isClosed).toBe(true);
  const expected = client.version === 5 ? [{ type: PacketType.DISCONNECT, reasonCode }] : [];
  expect(client.take()).toMatchObject(expected);
}

function publishBytes(version: 4 | 5, firstByte: number): Uint8Array {
  const bytes = encodePacket(
    {
      type: PacketType.PUBLISH,
      dup: false,
      qos: (firstByte & 6) === 0 ? 0 : 1,
      retain: false,
      topicName: "a/b",
      packetIdentifier: (firstByte & 6) === 0 ? undefined : 7,
      payload: Uint8Array.of(1),
    },
    version,
  );
  bytes[0] = firstByte;
  return bytes;
}

describe.each([4, 5] as const)("first bytes, protocol level %i", (protocolVersion) => {
  test("[MQTT-3.3.1-2] [3.1.1 MQTT-3.3.1-2] a QoS 0 PUBLISH with DUP ends the connection and goes nowhere", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected({ protocolVersion }).subscribed("a/b");
    const publisher = harness.connected({ protocolVersion });
    publisher.sendBytes(publishBytes(protocolVersion, 0x38));
    expectClosed(publisher, ReasonCode.MalformedPacket);
    expect(subscriber.take()).toEqual([]);
  });

  test("[MQTT-3.3.1-4] [3.1.1 MQTT-3.3.1-4] QoS 3 ends the connection and goes nowhere", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected({ protocolVersion }).subscribed("a/b");
    const publisher = harness.connected({ protocolVersion });
    publisher.sendBytes(publishBytes(protocolVersion, 0x36));
    expectClosed(publisher, ReasonCode.MalformedPacket);
    expect(subscriber.take()).toEqual([]);
  });

  test("[MQTT-3.3.1-3] [3.1.1 MQTT-3.3.1-3] the publisher's DUP is not passed on", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected({ protocolVersion }).subscribed("a/b");
    const publisher = harness.connected({ protocolVersion });
    publisher.publish("a/b", "one", { qos: 1, dup: true }).publish("a/b", "two", { qos: 2, dup: true });
    expect(subscriber.messages().map(({ qos, dup }) => [qos, dup])).toEqual([
      [1, false],
      [2, false],
    ]);
  });

  test("[MQTT-3.3.1-3] [3.1.1 MQTT-3.3.1-3] what is sent again has DUP though its publisher set none", () => {
    const harness = new BrokerHarness();
    const subscriber = persistentClient(harness, protocolVersion, "subscriber").subscribed("a/b");
    harness.connected({ protocolVersion }).publish("a/b", "one", { qos: 1 });
    expect(subscriber.messages()).toMatchObject([{ dup: false }]);
    subscriber.drop();
    expect(persistentClient(harness, protocolVersion, "subscriber").messages()).toMatchObject([{ dup: true }]);
  });

  test("[MQTT-4.3.1-1] [3.1.1 MQTT-4.3.1-1] a delivery at QoS 0 has QoS 0 and DUP 0, whatever came in", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected({ protocolVersion }).subscribed("a/b", { qos: 0 });
    const publisher = harness.connected({ protocolVersion });
    publisher.publish("a/b", "zero");
    publisher.publish("a/b", "one", { qos: 1, dup: true });
    publisher.publish("a/b", "two", { qos: 2, dup: true, retain: true });
    expect(subscriber.messages().map(({ qos, dup, packetIdentifier }) => [qos, dup, packetIdentifier])).toEqual([
      [0, false, undefined],
      [0, false, undefined],
      [0, false, undefined],
    ]);
  });

  test("[MQTT-3.6.1-1] [3.1.1 MQTT-3.6.1-1] PUBREL goes out with the flags 0010", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected({ protocolVersion }).subscribed("a/b");
    harness.connected({ protocolVersion }).publish("a/b", "two", { qos: 2 });
    const before = subscriber.bytes.length;
    subscriber.acknowledge(PacketType.PUBREC, subscriber.messages()[0].packetIdentifier as number);
    expect(subscriber.bytes.slice(before, before + 1)).toEqual([0x62]);
  });

  test.each([0x60, 0x61, 0x63, 0x66, 0x6a])(
    "[MQTT-3.6.1-1] [3.1.1 MQTT-3.6.1-1] PUBREL that begins with %i ends the connection",
    (firstByte) => {
      const harness = new BrokerHarness();
      const publisher = harness.connected({ protocolVersion }).publish("a/b", "two", { qos: 2 });
      publisher.takeFirst(PacketType.PUBREC);
      publisher.sendBytes([firstByte, 2, 0, 1]);
      expectClosed(publisher, ReasonCode.MalformedPacket);
    },
  );
});
