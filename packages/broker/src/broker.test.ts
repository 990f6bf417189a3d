import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness } from "./testing/index.js";

describe.each([3, 4, 5] as const)("a broker for clients of protocol level %i", (protocolVersion) => {
  test("passes messages on at each QoS", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected({ protocolVersion }).subscribed("a/#");
    const publisher = harness.connected({ protocolVersion });
    publisher.publish("a/b", "zero").publish("a/b", "one", { qos: 1 }).publish("a/b", "two", { qos: 2 });
    expect(publisher.take().map((packet) => packet.type)).toEqual([PacketType.PUBACK, PacketType.PUBREC]);
    const messages = subscriber.messages();
    expect(messages.map(({ qos, topicName }) => [qos, topicName])).toEqual([
      [0, "a/b"],
      [1, "a/b"],
      [2, "a/b"],
    ]);
    subscriber.acknowledge(PacketType.PUBACK, messages[1].packetIdentifier as number);
    subscriber.acknowledge(PacketType.PUBREC, messages[2].packetIdentifier as number);
    expect(subscriber.takeFirst(PacketType.PUBREL).packetIdentifier).toBe(messages[2].packetIdentifier);
    subscriber.acknowledge(PacketType.PUBCOMP, messages[2].packetIdentifier as number);
    publisher.acknowledge(PacketType.PUBREL, 2);
    expect(publisher.takeFirst(PacketType.PUBCOMP).packetIdentifier).toBe(2);
    expect(subscriber.connection.inFlightMessages).toBe(0);
  });
});
