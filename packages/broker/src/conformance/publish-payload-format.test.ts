/** The option to check payloads that claim to be text (section 3.3.2.3.2). */
import { PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness } from "../testing/index.js";

const notText = Uint8Array.of(0x61, 0xff);
const claim = { properties: { payloadFormatIndicator: 1 } } as const;

describe("a payload marked as text", () => {
  test("is answered with 0x99 and goes nowhere when it is none and the broker checks", () => {
    const harness = new BrokerHarness({ validatePayloadFormat: true });
    const subscriber = harness.connected().subscribed("#");
    const publisher = harness.connected();
    publisher.publish("a", notText, claim);
    publisher.publish("a", notText, { ...claim, qos: 1, packetIdentifier: 11, retain: true });
    publisher.publish("a", notText, { ...claim, qos: 2, packetIdentifier: 12 });
    expect(publisher.take()).toMatchObject([
      { type: PacketType.PUBACK, packetIdentifier: 11, reasonCode: ReasonCode.PayloadFormatInvalid },
      { type: PacketType.PUBREC, packetIdentifier: 12, reasonCode: ReasonCode.PayloadFormatInvalid },
    ]);
    expect(subscriber.take()).toEqual([]);
    expect(harness.broker.retainedMessageCount).toBe(0);
    expect(harness.broker.droppedMessages.refused).toBe(3);
    expect(publisher.isClosed).toBe(false);
  });

  test("is passed on when it is text, and so is everything that claims nothing", () => {
    const harness = new BrokerHarness({ validatePayloadFormat: true });
    const subscriber = harness.connected().subscribed("#");
    const publisher = harness.connected();
    publisher.publish("a", "grüße", { ...claim, qos: 1 });
    publisher.publish("a", notText, { qos: 1 });
    publisher.publish("a", notText, { qos: 1, properties: { payloadFormatIndicator: 0 } });
    expect(publisher.take()).toMatchObject([{ reasonCode: 0 }, { reasonCode: 0 }, { reasonCode: 0 }]);
    expect(subscriber.messages()).toHaveLength(3);
  });

  test("is not looked at by default", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected().subscribed("#");
    harness.connected().publish("a", notText, { ...claim, qos: 1 });
    expect(subscriber.messages()).toMatchObject([{ payload: notText, properties: { payloadFormatIndicator: 1 } }]);
  });
});
