/** A PUBLISH that the broker turns away (5.0 sections 3.4 and 3.5, 3.1.1 section 3.3.5). */
import { type ControlPacket, PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { BrokerOptions } from "../broker-options.js";
import { BrokerHarness, type TestClient } from "../testing/index.js";

function refusing(reasonCode: number, options: BrokerOptions = {}): BrokerHarness {
  return new BrokerHarness({
    hooks: [{ authorizePublish: ({ message }) => (message.topicName === "forbidden" ? reasonCode : undefined) }],
    ...options,
  });
}

const summary = (packet: ControlPacket) =>
  "packetIdentifier" in packet && "reasonCode" in packet
    ? [packet.type, packet.packetIdentifier, packet.reasonCode]
    : [packet.type];

const { PUBACK, PUBREC, PUBCOMP } = PacketType;

describe("a refused PUBLISH of a 5.0 client", () => {
  test("is answered with the reason, and nothing else ends", () => {
    const harness = refusing(ReasonCode.NotAuthorized);
    const subscriber = harness.connected().subscribed("#");
    const publisher = harness.connected();
    publisher.publish("forbidden", "0", { retain: true });
    publisher.publish("forbidden", "1", { qos: 1, packetIdentifier: 21, retain: true });
    publisher.publish("forbidden", "2", { qos: 2, packetIdentifier: 22, retain: true });
    publisher.publish("allowed", "3", { qos: 1, packetIdentifier: 23 });
    expect(publisher.take().map(summary)).toEqual([
      [PUBACK, 21, ReasonCode.NotAuthorized],
      [PUBREC, 22, ReasonCode.NotAuthorized],
      [PUBACK, 23, 0],
    ]);
    expect(subscriber.payloads()).toEqual(["3"]);
    expect(harness.broker.retainedMessageCount).toBe(0);
    expect(harness.broker.droppedMessages.refused).toBe(3);
  });

  // The codes of tables 3-4 and 3-5.
  test.each([0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99])(
    "[MQTT-3.4.2-1] [MQTT-3.5.2-1] gets the hook's code when the packet may carry it: %i",
    (reasonCode) => {
      const publisher = refusing(reasonCode).connected();
      publisher.publish("forbidden", "", { qos: 1, packetIdentifier: 1 });
      publisher.publish("forbidden", "", { qos: 2, packetIdentifier: 2 });
      expect(publisher.take().map(summary)).toEqual([
        [PUBACK, 1, reasonCode],
        [PUBREC, 2, reasonCode],
      ]);
    },
  );

  test.each([0x86, 0x89, 0x8a, 0x8f, 0x93, 0xa2, 0xff])(
    "[MQTT-3.4.2-1] [MQTT-3.5.2-1] gets 0x80 when the packet may not carry the hook's code: %i",
    (reasonCode) => {
      const publisher = refusing(reasonCode).connected();
      publisher.publish("forbidden", "", { qos: 1, packetIdentifier: 1 });
      publisher.publish("forbidden", "", { qos: 2, packetIdentifier: 2 });
      expect(publisher.take().map(summary)).toEqual([
        [PUBACK, 1, 0x80],
        [PUBREC, 2, 0x80],
      ]);
      expect(publisher.isClosed).toBe(false);
    },
  );

  test("[MQTT-3.4.2-2] [MQTT-3.4.2-3] [MQTT-3.5.2-2] [MQTT-3.5.2-3] [MQTT-3.6.2-2] [MQTT-3.6.2-3] [MQTT-3.7.2-2] [MQTT-3.7.2-3] acknowledgements never exceed a small Maximum Packet Size", () => {
    const harness = refusing(ReasonCode.NotAuthorized);
    // Just room for CONNACK, not for an acknowledgement with anything to say.
    const client = harness.connected({ properties: { maximumPacketSize: 20 } });
    const packetsBefore = client.bytes.length;
    client.publish("forbidden", "", { qos: 1, packetIdentifier: 1 });
    client.publish("forbidden", "", { qos: 2, packetIdentifier: 2 });
    client.acknowledge(PacketType.PUBREC, 300);
    client.acknowledge(PacketType.PUBREL, 301);
    const answers = client.take();
    expect(answers.map(summary)).toEqual([
      [PUBACK, 1, ReasonCode.NotAuthorized],
      [PUBREC, 2, ReasonCode.NotAuthorized],
      [PacketType.PUBREL, 300, ReasonCode.PacketIdentifierNotFound],
      [PUBCOMP, 301, ReasonCode.PacketIdentifierNotFound],
    ]);
    for (const answer of answers) expect(answer).not.toHaveProperty("properties");
    expect(client.bytes.length - packetsBefore).toBe(4 * 5);
  });
});

describe.each([3, 4] as const)("a refused PUBLISH, protocol level %i", (protocolVersion) => {
  function publishForbidden(publisher: TestClient): void {
    publisher.publish("forbidden", "0");
    publisher.publish("forbidden", "1", { qos: 1, packetIdentifier: 21 });
    publisher.publish("forbidden", "2", { qos: 2, packetIdentifier: 22 });
    if (!publisher.isClosed) publisher.acknowledge(PacketType.PUBREL, 22);
  }

  test("[3.1.1 MQTT-3.3.5-2] is acknowledged as if it were taken", () => {
    const harness = refusing(ReasonCode.NotAuthorized);
    const subscriber = harness.connected().subscribed("#");
    const publisher = harness.connected({ protocolVersion });
    publishForbidden(publisher);
    expect(publisher.take().map(summary)).toEqual([
      [PUBACK, 21, 0],
      [PUBREC, 22, 0],
      [PUBCOMP, 22, 0],
    ]);
    expect(publisher.isClosed).toBe(false);
    expect(subscriber.take()).toEqual([]);
    expect(harness.broker.droppedMessages.refused).toBe(3);
  });

  test("[3.1.1 MQTT-3.3.5-2] ends the connection where the broker is told so", () => {
    const harness = refusing(ReasonCode.NotAuthorized, { refusedPublishBefore5: "close" });
    const subscriber = harness.connected().subscribed("#");
    for (const qos of [0, 1, 2] as const) {
      const publisher = harness.connected({ protocolVersion }).publish("forbidden", "", { qos });
      expect(publisher.isClosed).toBe(true);
      expect(publisher.take()).toEqual([]);
    }
    expect(subscriber.take()).toEqual([]);
  });
});

describe("what nobody subscribed to", () => {
  test("[MQTT-3.4.2-1] [MQTT-3.5.2-1] is a success with 0x10 for 5.0 clients", () => {
    const publisher = new BrokerHarness().connected();
    publisher.publish("a", "", { qos: 1, packetIdentifier: 1 }).publish("a", "", { qos: 2, packetIdentifier: 2 });
    expect(publisher.take().map(summary)).toEqual([
      [PUBACK, 1, ReasonCode.NoMatchingSubscribers],
      [PUBREC, 2, ReasonCode.NoMatchingSubscribers],
    ]);
    publisher.acknowledge(PacketType.PUBREL, 2);
    expect(publisher.take().map(summary)).toEqual([[PUBCOMP, 2, 0]]);
  });

  test.each([3, 4] as const)("is acknowledged plainly at protocol level %i", (protocolVersion) => {
    const publisher = new BrokerHarness().connected({ protocolVersion });
    publisher.publish("a", "", { qos: 1, packetIdentifier: 1 }).publish("a", "", { qos: 2, packetIdentifier: 2 });
    expect(publisher.take().map(summary)).toEqual([
      [PUBACK, 1, 0],
      [PUBREC, 2, 0],
    ]);
  });
});
