import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness } from "../testing/index.js";

describe.each([3, 4, 5] as const)("a PUBLISH of protocol level %i", (protocolVersion) => {
  test("[MQTT-2.2.1-5] [3.1.1 MQTT-2.3.1-6] is answered under its own packet identifier, to the end", () => {
    const harness = new BrokerHarness();
    const publisher = harness.connected({ protocolVersion });
    for (const packetIdentifier of [1, 258, 65_535, 7]) {
      publisher.publish("a", "", { qos: 1, packetIdentifier });
      expect(publisher.take()).toMatchObject([{ type: PacketType.PUBACK, packetIdentifier }]);
      publisher.publish("a", "", { qos: 2, packetIdentifier });
      expect(publisher.take()).toMatchObject([{ type: PacketType.PUBREC, packetIdentifier }]);
      publisher.acknowledge(PacketType.PUBREL, packetIdentifier);
      expect(publisher.take()).toMatchObject([{ type: PacketType.PUBCOMP, packetIdentifier }]);
    }
  });

  test("[MQTT-2.2.1-5] of the broker's own is released under its identifier", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected({ protocolVersion }).subscribed("a");
    const publisher = harness.connected({ protocolVersion });
    for (let i = 0; i < 3; i++) publisher.publish("a", "", { qos: 2 });
    for (const { packetIdentifier } of subscriber.messages().reverse()) {
      subscriber.acknowledge(PacketType.PUBREC, packetIdentifier as number);
      expect(subscriber.take()).toMatchObject([{ type: PacketType.PUBREL, packetIdentifier }]);
    }
  });
});
