/** Topic Names and Topic Filters (MQTT 5.0 and 3.1.1 section 4.7), seen from the client. */
import { type ControlPacket, PacketType, type ProtocolVersion, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";

/** A PUBLISH of QoS 0 with these topic bytes. */
function publishBytes(version: ProtocolVersion, topic: readonly number[]): number[] {
  const body = [topic.length >> 8, topic.length & 0xff, ...topic];
  if (version === 5) body.push(0);
  return [0x30, body.length, ...body];
}

function subscribeBytes(version: ProtocolVersion, filter: readonly number[]): number[] {
  const body = [0, 1];
  if (version === 5) body.push(0);
  body.push(filter.length >> 8, filter.length & 0xff, ...filter, 0);
  return [0x82, body.length, ...body];
}

function expectClosed(client: TestClient, ...reasonCodes: number[]): void {
  expect(client.isClosed).toBe(true);
  const packets = client.take();
  if (client.version === 5) {
    expect(packets).toEqual([expect.objectContaining({ type: PacketType.DISCONNECT })]);
    expect(reasonCodes).toContain((packets[0] as ControlPacket & { reasonCode: number }).reasonCode);
  } else expect(packets).toEqual([]);
}

/** The SUBACK refuses, or in 3.1 says yes, and there is no subscription. */
function expectNoSubscription(harness: BrokerHarness, client: TestClient, topicFilter: string): void {
  client.subscribe(topicFilter, { qos: 1 });
  const refusal = { 3: 1, 4: 0x80, 5: ReasonCode.TopicFilterInvalid }[client.version];
  expect([topicFilter, client.takeFirst(PacketType.SUBACK).reasonCodes]).toEqual([topicFilter, [refusal]]);
  expect(harness.broker.subscriptionCount).toBe(0);
}

/** Rows of a filter, topics that it matches, and topics that it does not. */
const MATCHES: readonly (readonly [filter: string, yes: readonly string[], no: readonly string[]])[] = [
  ["a", ["a"], ["A", "a/", "/a", "b", "aa", "a/b", " a"]],
  ["a/b", ["a/b"], ["a", "a/b/", "a/b/c", "a//b", "/a/b", "a/B"]],
  ["#", ["a", "a/b", "/", "/a", "a//", "a b"], ["$SYS/a", "$a"]],
  ["a/#", ["a", "a/", "a/b", "a//", "a/b/c"], ["b", "aa", "/a", "A/b", "ab/c"]],
  ["/#", ["/", "/a", "//", "/a/b"], ["a", "a/b"]],
  ["+", ["a", "b c"], ["/", "/a", "a/", "a/b", "$SYS", "$"]],
  ["a/+", ["a/", "a/b"], ["a", "a/b/", "a//", "a/b/c", "b/a"]],
  ["+/b", ["a/b", "/b"], ["b", "a/b/c", "$SYS/b", "//b"]],
  ["+/+", ["/", "/a", "a/", "a/b"], ["a", "a/b/", "//", "$SYS/a"]],
  ["/+", ["/", "/a"], ["a", "a/b", "//"]],
  ["+/a/#", ["/a", "b/a", "b/a/", "b/a/c/d"], ["a", "a/b", "b/c/a", "$SYS/a/b"]],
  ["a/+/c", ["a/b/c", "a//c", "a/-/c"], ["a/c", "a/b/b/c", "a/b/c/"]],
  ["a//b", ["a//b"], ["a/b", "a///b"]],
  ["$a/#", ["$a", "$a/b"], ["a", "a/b"]],
  ["$a/+", ["$a/b", "$a/"], ["$a", "$b/b"]],
  ["a/$b", ["a/$b"], ["a/b"]],
  ["+/$b", ["a/$b"], ["$b", "$a/$b"]],
];

describe.each([3, 4, 5] as const)("topics of protocol level %i", (protocolVersion) => {
  test.each(MATCHES)(
    "[MQTT-3.3.2-3] [3.1.1 MQTT-3.3.2-3] %s matches what it should, live and retained",
    (filter, yes, no) => {
      const harness = new BrokerHarness();
      const live = harness.connected({ protocolVersion }).subscribed(filter);
      const publisher = harness.connected({ protocolVersion });
      for (const topic of [...yes, ...no]) {
        if (topic.startsWith("$SYS/")) harness.broker.publish({ topicName: topic, payload: "x", retain: true });
        else publisher.publish(topic, "x", { retain: true });
      }
      harness.endTurn();
      expect(live.messages().map(({ topicName }) => topicName)).toEqual(yes);
      const late = harness.connected({ protocolVersion }).subscribed(filter);
      expect(new Set(late.messages().map(({ topicName }) => topicName))).toEqual(new Set(yes));
    },
  );

  test.each(["#", "+", "+/#", "+/a", "+/+", "$share/g/#", "$share/g/+/a", "$share/g/+/#"])(
    "[MQTT-4.7.2-1] [3.1.1 MQTT-4.7.2-1] %s matches no topic that begins with $",
    (filter) => {
      const harness = new BrokerHarness();
      const client = harness.connected({ protocolVersion }).subscribed(filter);
      const publisher = harness.connected({ protocolVersion });
      for (const topic of ["$", "$a", "$a/a", "$SYS", "$SYS/a"]) {
        publisher.publish(topic, "x", { retain: true });
        harness.broker.publish({ topicName: topic, payload: "x", retain: true });
      }
      harness.endTurn();
      expect(client.messages()).toEqual([]);
      expect(client.subscribed(filter).messages()).toEqual([]);
      expect(harness.broker.retainedMessageCount).toBe(5);
    },
  );

  test("[MQTT-4.7.2-1] [3.1.1 MQTT-4.7.2-1] $SYS/# matches what the host publishes there", () => {
    const harness = new BrokerHarness();
    harness.broker.publish({ topicName: "$SYS/a", payload: "kept", retain: true });
    const client = harness.connected({ protocolVersion }).subscribed("$SYS/#");
    harness.broker.publish({ topicName: "$SYS/b", payload: "live" });
    harness.endTurn();
    expect(client.payloads()).toEqual(["kept", "live"]);
  });

  test("[MQTT-4.7.0-1] [MQTT-3.3.2-2] [3.1.1 MQTT-4.7.1-1] [3.1.1 MQTT-3.3.2-2] a Topic Name with a wildcard is refused", () => {
    for (const topic of ["#", "+", "a/#", "a/+/b", "a#", "a+b"]) {
      const harness = new BrokerHarness();
      const subscriber = harness.connected({ protocolVersion }).subscribed("#").subscribed("a/+/b");
      const client = harness.connected({ protocolVersion });
      client.sendBytes(publishBytes(protocolVersion, [...new TextEncoder().encode(topic)]));
      expectClosed(client, ReasonCode.TopicNameInvalid, ReasonCode.MalformedPacket, ReasonCode.ProtocolError);
      expect(subscriber.messages()).toEqual([]);
    }
  });

  test("[MQTT-4.7.1-1] [3.1.1 MQTT-4.7.1-2] a filter with # elsewhere than alone in its last level gets no subscription", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion });
    for (const filter of ["a#", "#a", "a/b#", "a/#b", "#/a", "a/#/b", "##", "a/##", "#/", "+#", "$share/g/a#"]) {
      expectNoSubscription(harness, client, filter);
    }
  });

  test("[MQTT-4.7.1-2] [3.1.1 MQTT-4.7.1-3] a filter with + and something else in a level gets no subscription", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion });
    for (const filter of ["a+", "+a", "a/b+", "a/+b/c", "++", "a/++/b", "$share/g/a+"]) {
      expectNoSubscription(harness, client, filter);
    }
  });

  test("[MQTT-4.7.3-1] [3.1.1 MQTT-4.7.3-1] an empty Topic Name is refused", () => {
    const client = new BrokerHarness().connected({ protocolVersion });
    client.sendBytes(publishBytes(protocolVersion, []));
    expectClosed(client, ReasonCode.ProtocolError, ReasonCode.TopicNameInvalid, ReasonCode.MalformedPacket);
  });

  test("[MQTT-4.7.3-1] [3.1.1 MQTT-4.7.3-1] an empty Topic Filter is refused", () => {
    const client = new BrokerHarness().connected({ protocolVersion });
    client.sendBytes(subscribeBytes(protocolVersion, []));
    expectClosed(client, ReasonCode.ProtocolError, ReasonCode.TopicFilterInvalid, ReasonCode.MalformedPacket);
  });

  test("[MQTT-4.7.3-2] [3.1.1 MQTT-4.7.3-2] U+0000 in a Topic Name or a Topic Filter is refused", () => {
    for (const text of [[0], [0x61, 0], [0, 0x61], [0x61, 0x2f, 0, 0x2f, 0x61]]) {
      const harness = new BrokerHarness();
      const subscriber = harness.connected({ protocolVersion }).subscribed("#");
      const one = harness.connected({ protocolVersion }).sendBytes(publishBytes(protocolVersion, text));
      expectClosed(one, ReasonCode.MalformedPacket, ReasonCode.TopicNameInvalid);
      const two = harness.connected({ protocolVersion }).sendBytes(subscribeBytes(protocolVersion, text));
      expectClosed(two, ReasonCode.MalformedPacket, ReasonCode.TopicFilterInvalid);
      expect(subscriber.messages()).toEqual([]);
    }
  });

  test("[MQTT-4.7.3-3] [3.1.1 MQTT-4.7.3-3] 65,535 bytes are the longest topic: they work, and no more is sent to anybody", () => {
    const harness = new BrokerHarness();
    const longest = `${"\u00e9".repeat(32_767)}x`;
    const client = harness.connected({ protocolVersion }).subscribed(longest).subscribed("#");
    harness.connected({ protocolVersion }).publish(longest, "x", { retain: true });
    expect(client.messages().map(({ topicName }) => topicName)).toEqual([longest]);
    expect(client.subscribed(longest).messages().length).toBe(1);
    expect(() => harness.broker.publish({ topicName: `${longest}y`, payload: "x" })).toThrow();
    expect(() => harness.broker.subscribeLocally(`${longest}y`, { onMessage: () => {} })).toThrow();
    expect(client.messages()).toEqual([]);
  });

  test("[MQTT-4.7.3-4] [3.1.1 MQTT-4.7.3-4] characters are compared as they are, live and retained", () => {
    const topics = [
      "caf\u00e9",
      "cafe\u0301",
      "CAF\u00c9",
      "\ufeffa",
      "a",
      "a ",
      "\u2126",
      "\u03a9",
      "a/",
      "%61",
      "\u{1f600}",
    ];
    const harness = new BrokerHarness();
    const publisher = harness.connected({ protocolVersion });
    for (const topic of topics) publisher.publish(topic, topic, { retain: true });
    for (const topic of topics) {
      const client = harness.connected({ protocolVersion }).subscribed(topic);
      expect(client.messages().map(({ topicName }) => topicName)).toEqual([topic]);
      for (const other of topics) publisher.publish(other, other);
      expect(client.messages().map(({ topicName }) => topicName)).toEqual([topic]);
      client.disconnect();
    }
    expect(harness.broker.retainedMessageCount).toBe(topics.length);
  });

  test("with more levels than the limit are refused, with as many as the limit are not", () => {
    const harness = new BrokerHarness({ topicLevelsMax: 4 });
    const client = harness.connected({ protocolVersion });
    expectNoSubscription(harness, client, "a/b/c/d/e");
    expectNoSubscription(harness, client, "$share/g/a/b/c/d/e");
    client.subscribed("a/b/c/d").publish("a/b/c/d", "x");
    expect(client.payloads()).toEqual(["x"]);
    client.publish("a/b/c/d/e", "x");
    expectClosed(client, ReasonCode.TopicNameInvalid);
  });
});

describe("a client's PUBLISH to a reserved topic", () => {
  const reserved = ["$SYS", "$SYS/a", "$share/g/a"];

  test.each(reserved)("%s is refused with a code of its own in 5.0, and the connection goes on", (topicName) => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected().subscribed("$SYS/#").subscribed("$share/g/a").subscribed("a");
    const client = harness.connected();
    client
      .publish(topicName, "x", { qos: 1, retain: true })
      .publish(topicName, "x", { qos: 2 })
      .publish(topicName, "x");
    const refusals = [ReasonCode.NotAuthorized, ReasonCode.TopicNameInvalid];
    expect(refusals).toContain(client.takeFirst(PacketType.PUBACK).reasonCode);
    expect(refusals).toContain(client.takeFirst(PacketType.PUBREC).reasonCode);
    expect(client.isClosed).toBe(false);
    expect(subscriber.messages()).toEqual([]);
    expect(harness.broker.retainedMessageCount).toBe(0);
  });

  test.each(reserved)("%s is acknowledged and dropped before 5.0, where nothing can say no", (topicName) => {
    for (const protocolVersion of [3, 4] as const) {
      const harness = new BrokerHarness();
      const subscriber = harness.connected().subscribed("$SYS/#").subscribed("$share/g/a").subscribed("a");
      const client = harness.connected({ protocolVersion });
      client.publish(topicName, "x", { qos: 1, retain: true }).publish(topicName, "x", { qos: 2 });
      expect(client.take().map(({ type }) => type)).toEqual([PacketType.PUBACK, PacketType.PUBREC]);
      client.acknowledge(PacketType.PUBREL, 2);
      expect(client.take().map(({ type }) => type)).toEqual([PacketType.PUBCOMP]);
      expect(client.isClosed).toBe(false);
      expect(subscriber.messages()).toEqual([]);
      expect(harness.broker.retainedMessageCount).toBe(0);
      expect(harness.broker.droppedMessages.refused).toBe(2);
    }
  });
});
