/** The Topic Name of a PUBLISH (section 3.3.2.1). */
import { PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness } from "../testing/index.js";

/** QoS 0 PUBLISH with the given bytes as its topic. */
function publishTo(topic: readonly number[], version: 4 | 5): number[] {
  const body = [topic.length >> 8, topic.length & 0xff, ...topic, ...(version === 5 ? [0] : []), 0x78];
  return [0x30, body.length, ...body];
}

const text = (topic: string): number[] => [...new TextEncoder().encode(topic)];

describe.each([4, 5] as const)("Topic Names, protocol level %i", (protocolVersion) => {
  test.each([
    ["a lone continuation byte", [0x61, 0x80]],
    ["an encoded surrogate", [0xed, 0xa0, 0x80]],
    ["an overlong form", [0xc0, 0x80]],
    ["U+0000", [0x61, 0x00, 0x62]],
    ["a cut sequence", [0xe2, 0x82]],
  ])("[MQTT-3.3.2-1] [3.1.1 MQTT-3.3.2-1] a topic with %s is a Malformed Packet", (_name, topic) => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected({ protocolVersion }).subscribed("#");
    const publisher = harness.connected({ protocolVersion }).sendBytes(publishTo(topic, protocolVersion));
    expect(publisher.isClosed).toBe(true);
    expect(publisher.take()).toMatchObject(
      protocolVersion === 5 ? [{ type: PacketType.DISCONNECT, reasonCode: ReasonCode.MalformedPacket }] : [],
    );
    expect(subscriber.take()).toEqual([]);
  });

  test("[MQTT-3.3.2-1] [3.1.1 MQTT-3.3.2-1] a topic whose length reaches beyond the packet ends the connection", () => {
    const harness = new BrokerHarness();
    const publisher = harness.connected({ protocolVersion }).sendBytes([0x30, 4, 0, 9, 0x61, 0x62]);
    expect(publisher.isClosed).toBe(true);
    expect(publisher.take()).toMatchObject(
      protocolVersion === 5 ? [{ type: PacketType.DISCONNECT, reasonCode: ReasonCode.MalformedPacket }] : [],
    );
  });

  test("[MQTT-3.3.2-1] [3.1.1 MQTT-3.3.2-1] topics beyond ASCII arrive as they were sent", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected({ protocolVersion }).subscribed("#");
    const topics = ["Straße/ß", "日本/東京", "🙂", "\ufeffmarked", "a//b", "/", " "];
    const publisher = harness.connected({ protocolVersion });
    for (const topic of topics) publisher.publish(topic);
    expect(subscriber.messages().map(({ topicName }) => topicName)).toEqual(topics);
  });

  test.each(["#", "+", "a/#", "a/+/b", "a+", "a#b"])(
    "[MQTT-3.3.2-2] [3.1.1 MQTT-3.3.2-2] a PUBLISH to %s ends the connection",
    (topic) => {
      const harness = new BrokerHarness();
      const subscriber = harness.connected({ protocolVersion }).subscribed("#");
      const publisher = harness.connected({ protocolVersion }).sendBytes(publishTo(text(topic), protocolVersion));
      expect(publisher.isClosed).toBe(true);
      if (protocolVersion === 5) {
        expect([ReasonCode.MalformedPacket, ReasonCode.ProtocolError, ReasonCode.TopicNameInvalid]).toContain(
          publisher.takeFirst(PacketType.DISCONNECT).reasonCode,
        );
      }
      expect(publisher.take()).toEqual([]);
      expect(subscriber.take()).toEqual([]);
    },
  );

  test("[MQTT-3.3.2-3] [3.1.1 MQTT-3.3.2-3] a subscriber gets the topics that its filters match, and no other", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected({ protocolVersion }).subscribed("a/+/c").subscribed("x/#").subscribed("+/y");
    const publisher = harness.connected({ protocolVersion });
    const matching = ["a/b/c", "a//c", "x", "x/y/z", "q/y", "/y"];
    const others = ["a/b", "a/b/c/d", "a", "X/y/z", "xx", "y", "q/y/", "$a/y"];
    for (const topic of [...matching, ...others]) publisher.publish(topic, "", { qos: 1 });
    expect(subscriber.messages().map(({ topicName }) => topicName)).toEqual(matching);
  });

  test.each([
    ["$SYS/broker/load", ReasonCode.NotAuthorized],
    ["$share/group/a", ReasonCode.TopicNameInvalid],
  ])("a PUBLISH to %s is turned away and the connection goes on", (topic, reasonCode) => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected({ protocolVersion }).subscribed("#").subscribed("$SYS/#");
    const publisher = harness.connected({ protocolVersion });
    publisher.publish(topic, "", { qos: 1, packetIdentifier: 5 });
    expect(publisher.take()).toMatchObject([
      { type: PacketType.PUBACK, packetIdentifier: 5, reasonCode: protocolVersion === 5 ? reasonCode : 0 },
    ]);
    expect(subscriber.take()).toEqual([]);
    expect(publisher.isClosed).toBe(false);
    expect(harness.broker.droppedMessages.refused).toBe(1);
  });

  test("other topics that begin with $ are ordinary, but no wildcard at the front matches them", () => {
    const harness = new BrokerHarness();
    const everything = harness.connected({ protocolVersion }).subscribed("#").subscribed("+/b");
    const subscriber = harness.connected({ protocolVersion }).subscribed("$a/#");
    harness.connected({ protocolVersion }).publish("$a/b", "x");
    expect(subscriber.payloads()).toEqual(["x"]);
    expect(everything.take()).toEqual([]);
  });

  test("a topic with more levels than the limit ends the connection with 0x90", () => {
    const harness = new BrokerHarness({ topicLevelsMax: 4 });
    const subscriber = harness.connected({ protocolVersion }).subscribed("#");
    const publisher = harness.connected({ protocolVersion }).publish("1/2/3/4", "deep");
    publisher.publish("1/2/3/4/5", "too deep");
    expect(subscriber.payloads()).toEqual(["deep"]);
    expect(publisher.isClosed).toBe(true);
    expect(publisher.take()).toMatchObject(
      protocolVersion === 5 ? [{ type: PacketType.DISCONNECT, reasonCode: ReasonCode.TopicNameInvalid }] : [],
    );
  });
});
