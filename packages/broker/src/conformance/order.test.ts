/** Message order (section 4.6). */
import { PacketType, type QoS } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `${from + i}`);

/** Takes all that comes, acknowledging it in the given way, until nothing comes any more. */
function takeAll(client: TestClient): string[] {
  const texts: string[] = [];
  for (let quiet = false; !quiet; ) {
    quiet = true;
    for (const packet of client.take()) {
      quiet = false;
      if (packet.type === PacketType.PUBREL) client.acknowledge(PacketType.PUBCOMP, packet.packetIdentifier);
      if (packet.type !== PacketType.PUBLISH) continue;
      texts.push(new TextDecoder().decode(packet.payload));
      const { qos, packetIdentifier } = packet;
      if (qos === 1) client.acknowledge(PacketType.PUBACK, packetIdentifier as number);
      if (qos === 2) client.acknowledge(PacketType.PUBREC, packetIdentifier as number);
    }
  }
  return texts;
}

describe.each([4, 5] as const)("order, protocol level %i", (protocolVersion) => {
  const connect = (harness: BrokerHarness, receiveMaximum = 65_535) =>
    persistentClient(harness, protocolVersion, "subscriber", { receiveMaximum });

  test.each([0, 1, 2] as QoS[])(
    "[MQTT-4.6.0-5] [MQTT-4.6.0-6] [3.1.1 MQTT-4.6.0-5] [3.1.1 MQTT-4.6.0-6] messages of one client at QoS %i arrive in order, topic by topic",
    (qos) => {
      const harness = new BrokerHarness();
      const subscriber = connect(harness).subscribed("a").subscribed("b/#");
      const publisher = harness.connected({ protocolVersion });
      for (const text of numbers(0, 100)) publisher.publish(Number(text) % 3 === 0 ? "a" : "b/c", text, { qos });
      expect(takeAll(subscriber)).toEqual(numbers(0, 100));
    },
  );

  test.each([1, 2] as QoS[])(
    "[MQTT-4.6.0-5] [3.1.1 MQTT-4.6.0-6] QoS %i: the queue first, then what comes while it drains",
    (qos) => {
      const harness = new BrokerHarness({ inFlightMessagesMax: 3 });
      connect(harness).subscribed("a").drop();
      const publisher = harness.connected({ protocolVersion });
      for (const text of numbers(0, 10)) publisher.publish("a", text, { qos });
      const subscriber = connect(harness);
      for (const text of numbers(10, 20)) publisher.publish("a", text, { qos });
      expect(subscriber.connection.inFlightMessages).toBe(3);
      expect(takeAll(subscriber)).toEqual(numbers(0, 20));
    },
  );

  test.each([1, 2] as QoS[])(
    "[MQTT-4.6.0-5] [3.1.1 MQTT-4.6.0-6] QoS %i: resent in the original order, before the rest",
    (qos) => {
      const harness = new BrokerHarness({ inFlightMessagesMax: 6 });
      let subscriber = connect(harness).subscribed("a");
      const publisher = harness.connected({ protocolVersion });
      for (const text of numbers(0, 12)) publisher.publish("a", text, { qos });
      const sent = subscriber.messages();
      expect(sent.map(({ payload }) => new TextDecoder().decode(payload))).toEqual(numbers(0, 6));
      // The identifiers of the first two become free and are used by others.
      for (const { packetIdentifier } of sent.slice(0, 2)) {
        if (qos === 1) subscriber.acknowledge(PacketType.PUBACK, packetIdentifier as number);
        else subscriber.acknowledge(PacketType.PUBREC, packetIdentifier as number);
        if (qos === 2) subscriber.acknowledge(PacketType.PUBCOMP, packetIdentifier as number);
      }
      subscriber.drop();
      publisher.publish("a", "12", { qos });
      subscriber = connect(harness);
      publisher.publish("a", "13", { qos });
      expect(takeAll(subscriber)).toEqual(numbers(2, 14));
    },
  );

  test("[MQTT-4.6.0-5] [3.1.1 MQTT-4.6.0-6] resent in the original order, whatever identifiers the messages have", () => {
    for (let acknowledged = 0; acknowledged < 40; acknowledged++) {
      const harness = new BrokerHarness();
      const subscriber = connect(harness).subscribed("a");
      const publisher = harness.connected({ protocolVersion });
      for (const text of numbers(0, acknowledged)) {
        publisher.publish("a", text, { qos: 1 });
        expect(takeAll(subscriber)).toEqual([text]);
      }
      for (const text of numbers(0, 5)) publisher.publish("a", text, { qos: 1 });
      subscriber.drop();
      expect(connect(harness).payloads()).toEqual(numbers(0, 5));
    }
  });

  test.each([1, 2] as QoS[])(
    "[MQTT-4.6.0-5] [3.1.1 MQTT-4.6.0-6] QoS %i: in order though the connection breaks again and again",
    (qos) => {
      const harness = new BrokerHarness();
      connect(harness).subscribed("a").drop();
      const publisher = harness.connected({ protocolVersion });
      const texts: string[] = [];
      for (let round = 0; round < 6; round++) {
        for (const text of numbers(round * 5, round * 5 + 5)) publisher.publish("a", text, { qos });
        const subscriber = connect(harness);
        const messages = subscriber.messages();
        texts.push(messages.map(({ payload }) => new TextDecoder().decode(payload)).join(" "));
        const type = qos === 1 ? PacketType.PUBACK : PacketType.PUBREC;
        for (const { packetIdentifier } of messages.slice(0, 3))
          subscriber.acknowledge(type, packetIdentifier as number);
        for (const { packetIdentifier } of subscriber.take() as { packetIdentifier: number }[]) {
          subscriber.acknowledge(PacketType.PUBCOMP, packetIdentifier);
        }
        subscriber.drop();
      }
      // Three of each round are done with, five are new.
      expect(texts).toEqual(numbers(0, 6).map((round) => numbers(Number(round) * 3, Number(round) * 5 + 5).join(" ")));
    },
  );

  test("[MQTT-4.6.0-5] [3.1.1 MQTT-4.6.0-6] a retained message does not overtake the live one that replaced it", () => {
    const harness = new BrokerHarness({ inFlightMessagesMax: 1 });
    const publisher = harness.connected({ protocolVersion });
    for (const topic of ["a/1", "a/2", "a/3"]) publisher.publish(topic, `${topic} old`, { retain: true, qos: 1 });
    const subscriber = connect(harness).subscribed("a/+", { qos: 1 });
    expect(subscriber.connection.inFlightMessages).toBe(1);
    for (const topic of ["a/1", "a/2", "a/3"]) publisher.publish(topic, `${topic} new`, { retain: true, qos: 1 });
    const texts = takeAll(subscriber);
    for (const topic of ["a/1", "a/2", "a/3"]) {
      const ofTopic = texts.filter((text) => text.startsWith(topic));
      expect(ofTopic.at(-1)).toBe(`${topic} new`);
      expect(ofTopic.filter((text) => text.endsWith("new"))).toHaveLength(1);
    }
  });

  test("[3.1.1 MQTT-4.6.0-6] answers leave in the order in which their PUBLISH packets came", () => {
    const releases: (() => void)[] = [];
    const harness = new BrokerHarness({
      hooks: [
        {
          onPublish: (publish) => {
            if (publish.message.topicName !== "held") return undefined;
            releases.push(publish.holdAcknowledgement());
            return undefined;
          },
        },
      ],
    });
    const publisher = harness.connected({ protocolVersion });
    publisher.publish("held", "", { qos: 1, packetIdentifier: 1 }).publish("free", "", { qos: 1, packetIdentifier: 2 });
    publisher.publish("held", "", { qos: 2, packetIdentifier: 3 }).publish("free", "", { qos: 2, packetIdentifier: 4 });
    expect(publisher.take()).toEqual([]);
    releases[1]();
    harness.endTurn();
    expect(publisher.take()).toEqual([]);
    releases[0]();
    harness.endTurn();
    const { PUBACK, PUBREC } = PacketType;
    expect(publisher.take()).toMatchObject([
      { type: PUBACK, packetIdentifier: 1 },
      { type: PUBACK, packetIdentifier: 2 },
      { type: PUBREC, packetIdentifier: 3 },
      { type: PUBREC, packetIdentifier: 4 },
    ]);
  });

  test("[3.1.1 MQTT-4.6.0-6] PUBREL follows the order of PUBREC", () => {
    const harness = new BrokerHarness();
    const subscriber = connect(harness).subscribed("a");
    const publisher = harness.connected({ protocolVersion });
    for (const text of numbers(0, 4)) publisher.publish("a", text, { qos: 2 });
    const identifiers = subscriber.messages().map(({ packetIdentifier }) => packetIdentifier as number);
    for (const packetIdentifier of identifiers) subscriber.acknowledge(PacketType.PUBREC, packetIdentifier);
    expect(
      subscriber.take().map((packet) => [packet.type, (packet as { packetIdentifier: number }).packetIdentifier]),
    ).toEqual(identifiers.map((packetIdentifier) => [PacketType.PUBREL, packetIdentifier]));
  });
});
