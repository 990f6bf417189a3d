/** SUBSCRIBE and SUBACK (MQTT 5.0 and 3.1.1 sections 3.8 and 3.9), seen from the client. */
import { type ControlPacket, PacketType, type ProtocolVersion, ReasonCode, type SubackPacket } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";

/** A SUBSCRIBE with packet identifier 10 as bytes: its first byte, and each filter's bytes with its options. */
function subscribeBytes(
  version: ProtocolVersion,
  filters: readonly (readonly [filter: string | readonly number[], options: number])[],
  firstByte = 0x82,
): number[] {
  const body = [0, 10];
  if (version === 5) body.push(0);
  for (const [filter, options] of filters) {
    const bytes = typeof filter === "string" ? [...new TextEncoder().encode(filter)] : filter;
    body.push(bytes.length >> 8, bytes.length & 0xff, ...bytes, options);
  }
  return [firstByte, body.length, ...body];
}

/** One SUBSCRIBE for several filters; the Reason Codes of its SUBACK. */
function subscribeAll(
  client: TestClient,
  filters: readonly (readonly [topicFilter: string, qos: 0 | 1 | 2])[],
): number[] {
  client.send({
    type: PacketType.SUBSCRIBE,
    packetIdentifier: client.packetIdentifier(),
    subscriptions: filters.map(([topicFilter, qos]) => {
      return { topicFilter, qos, noLocal: false, retainAsPublished: false, retainHandling: 0 };
    }),
  });
  return client.takeFirst(PacketType.SUBACK).reasonCodes;
}

/** The connection is closed, with one of these codes for 5.0 and without a word before. */
function expectClosed(client: TestClient, ...reasonCodes: number[]): void {
  expect(client.isClosed).toBe(true);
  const packets = client.take();
  if (client.version === 5) {
    expect(packets).toEqual([expect.objectContaining({ type: PacketType.DISCONNECT })]);
    expect(reasonCodes).toContain((packets[0] as ControlPacket & { reasonCode: number }).reasonCode);
  } else expect(packets).toEqual([]);
}

describe.each([3, 4, 5] as const)("SUBSCRIBE of protocol level %i", (protocolVersion) => {
  test("[MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-2.2.1-6] [3.1.1 MQTT-3.8.4-1] [3.1.1 MQTT-3.8.4-2] [3.1.1 MQTT-2.3.1-7] is answered by SUBACK with its packet identifier", () => {
    const client = new BrokerHarness().connected({ protocolVersion });
    for (const packetIdentifier of [1, 0xabcd, 0xffff]) {
      client.send({
        type: PacketType.SUBSCRIBE,
        packetIdentifier,
        subscriptions: [{ topicFilter: "a", qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 }],
      });
      expect(client.take()).toEqual([
        expect.objectContaining({ type: PacketType.SUBACK, packetIdentifier, reasonCodes: [1] }),
      ]);
    }
  });

  test("[MQTT-3.8.4-3] [3.1.1 MQTT-3.8.4-3] replaces the subscription with an identical filter", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion }).subscribed("a/+", { qos: 2 }).subscribed("a/+", { qos: 0 });
    expect(harness.broker.subscriptionCount).toBe(1);
    const publisher = harness.connected({ protocolVersion }).publish("a/b", "", { qos: 2 });
    expect(client.messages().map(({ qos }) => qos)).toEqual([0]);
    client.subscribed("a/+", { qos: 1 });
    publisher.publish("a/b", "", { qos: 2 });
    expect(client.messages().map(({ qos }) => qos)).toEqual([1]);
  });

  test("[MQTT-3.8.4-3] [3.1.1 MQTT-3.8.4-3] takes a filter that differs in one character for another one", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion });
    for (const filter of ["a/b", "A/b", "a/+", "a/b/", "/a/b"]) client.subscribed(filter);
    expect([...harness.broker.subscriptions()].map(({ topicFilter }) => topicFilter)).toEqual([
      "a/b",
      "A/b",
      "a/+",
      "a/b/",
      "/a/b",
    ]);
  });

  test("[MQTT-3.8.4-4] [3.1.1 MQTT-3.8.4-3] sends retained messages again when it replaces a subscription", () => {
    const harness = new BrokerHarness();
    harness.connected({ protocolVersion }).publish("a/b", "kept", { retain: true });
    const client = harness.connected({ protocolVersion });
    for (let i = 0; i < 2; i++) {
      client.subscribed("a/+");
      expect(client.messages()).toEqual([expect.objectContaining({ topicName: "a/b", retain: true })]);
    }
  });

  test("[MQTT-3.8.4-4] [3.1.1 MQTT-3.8.4-3] loses no message that waits while it replaces a subscription", () => {
    const harness = new BrokerHarness({ inFlightMessagesMax: 1 });
    const client = harness.connected({ protocolVersion }).subscribed("a", { qos: 1 });
    const publisher = harness.connected({ protocolVersion });
    for (const payload of ["1", "2", "3"]) publisher.publish("a", payload, { qos: 1 });
    client.subscribed("a", { qos: 0 });
    const payloads: string[] = [];
    for (let i = 0; i < 3; i++) {
      const [message] = client.messages();
      payloads.push(new TextDecoder().decode(message.payload));
      client.acknowledge(PacketType.PUBACK, message.packetIdentifier as number);
    }
    expect(payloads).toEqual(["1", "2", "3"]);
  });

  test("[MQTT-3.8.4-5] [MQTT-3.8.4-6] [MQTT-3.9.3-1] [3.1.1 MQTT-3.8.4-4] [3.1.1 MQTT-3.8.4-5] [3.1.1 MQTT-3.9.3-1] takes several filters one after the other and answers once, with a code for each in their order", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion });
    expect(
      subscribeAll(client, [
        ["a", 2],
        ["b", 0],
        ["c", 1],
        ["a", 0],
        ["d", 2],
      ]),
    ).toEqual([2, 0, 1, 0, 2]);
    expect(client.take()).toEqual([]);
    // The later one of two equal filters stands.
    expect([...harness.broker.subscriptions()].map(({ topicFilter, qos }) => [topicFilter, qos])).toEqual([
      ["a", 0],
      ["b", 0],
      ["c", 1],
      ["d", 2],
    ]);
  });

  test("[MQTT-3.8.4-5] [MQTT-3.8.4-6] [3.1.1 MQTT-3.8.4-4] [3.1.1 MQTT-3.8.4-5] answers as many filters as a packet can hold", () => {
    const client = new BrokerHarness().connected({ protocolVersion });
    const filters = Array.from({ length: 60_000 }, () => ["a", 1] as const);
    const reasonCodes = subscribeAll(client, filters);
    expect(reasonCodes.length).toBe(60_000);
    expect(new Set(reasonCodes)).toEqual(new Set([1]));
    expect(client.isClosed).toBe(false);
  });

  test("[MQTT-3.8.4-7] [MQTT-3.2.2-10] [3.1.1 MQTT-3.8.4-5] grants no more than Maximum QoS, and refuses no QoS", () => {
    for (const maximumQoS of [0, 1, 2] as const) {
      const client = new BrokerHarness({ maximumQoS }).connected({ protocolVersion });
      const granted = subscribeAll(client, [
        ["a", 0],
        ["b", 1],
        ["c", 2],
      ]);
      expect(granted).toEqual([0, Math.min(1, maximumQoS), maximumQoS]);
    }
  });

  test("[MQTT-3.8.4-8] [3.1.1 MQTT-3.8.4-6] makes deliveries at the lower of published and granted QoS", () => {
    const harness = new BrokerHarness();
    const publisher = harness.connected({ protocolVersion });
    for (const granted of [0, 1, 2] as const) {
      const client = harness.connected({ protocolVersion }).subscribed("a", { qos: granted });
      for (const published of [0, 1, 2] as const) publisher.publish("a", "", { qos: published });
      expect(client.messages().map(({ qos }) => qos)).toEqual([0, Math.min(1, granted), granted]);
      client.disconnect();
    }
  });

  test("[MQTT-3.8.4-8] [3.1.1 MQTT-3.8.4-6] makes deliveries at the granted QoS where the broker granted less than asked for", () => {
    const authorizeSubscribe = (): number => 1;
    const harness = new BrokerHarness({ hooks: [{ authorizeSubscribe }] });
    const client = harness.connected({ protocolVersion }).subscribed("a", { qos: 2 });
    harness.connected({ protocolVersion }).publish("a", "", { qos: 2 });
    expect(client.messages().map(({ qos }) => qos)).toEqual([1]);
  });

  test("[MQTT-3.8.3-1] [3.1.1 MQTT-3.8.3-1] is refused when a filter is no UTF-8", () => {
    for (const filter of [[0xff], [0x61, 0xc0, 0x80], [0xed, 0xa0, 0x80]]) {
      const client = new BrokerHarness().connected({ protocolVersion });
      client.sendBytes(subscribeBytes(protocolVersion, [[filter, 0]]));
      expectClosed(client, ReasonCode.MalformedPacket);
    }
  });

  test("[MQTT-3.8.3-2] [3.1.1 MQTT-3.8.3-3] is refused without a filter", () => {
    const client = new BrokerHarness().connected({ protocolVersion });
    client.sendBytes(subscribeBytes(protocolVersion, []));
    expectClosed(client, ReasonCode.ProtocolError, ReasonCode.MalformedPacket);
  });

  test("makes nothing of a packet that is cut short behind good filters", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion, clientIdentifier: "cut" });
    const bytes = subscribeBytes(protocolVersion, [
      ["a", 0],
      ["b", 0],
    ]).slice(0, -1);
    bytes[1] -= 1;
    client.sendBytes(bytes);
    expectClosed(client, ReasonCode.MalformedPacket);
    expect(harness.broker.subscriptionCount).toBe(0);
  });

  test("has a place for each session: no more filters than the limit, replacing goes on", () => {
    const harness = new BrokerHarness({ subscriptionsMax: 2 });
    const client = harness.connected({ protocolVersion });
    const codes = subscribeAll(client, [
      ["a", 0],
      ["b", 1],
      ["c", 0],
      ["a", 2],
    ]);
    // 3.1 knows no refusal: SUBACK says yes whatever happens.
    expect(codes).toEqual([0, 1, { 3: 0, 4: 0x80, 5: ReasonCode.QuotaExceeded }[protocolVersion], 2]);
    expect([...harness.broker.subscriptions()].map(({ topicFilter }) => topicFilter)).toEqual(["a", "b"]);
    expect(client.isClosed).toBe(false);
  });
});

describe.each([4, 5] as const)("SUBSCRIBE of protocol level %i", (protocolVersion) => {
  test("[MQTT-3.8.1-1] [3.1.1 MQTT-3.8.1-1] is refused with other fixed header flags than 0010", () => {
    for (let flags = 0; flags < 16; flags++) {
      if (flags === 2) continue;
      const client = new BrokerHarness().connected({ protocolVersion });
      client.sendBytes(subscribeBytes(protocolVersion, [["a", 0]], 0x80 | flags));
      expectClosed(client, ReasonCode.MalformedPacket);
    }
  });

  test("[MQTT-3.8.3-5] [3.1.1 MQTT-3.8.3-4] is refused with reserved bits in its options", () => {
    const reserved = protocolVersion === 5 ? [0x40, 0x80, 0xc1] : [0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x82];
    for (const options of reserved) {
      const client = new BrokerHarness().connected({ protocolVersion });
      client.sendBytes(subscribeBytes(protocolVersion, [["a", options]]));
      expectClosed(client, ReasonCode.MalformedPacket);
    }
  });

  test("[3.1.1 MQTT-3.8.3-4] is refused with QoS 3", () => {
    const client = new BrokerHarness().connected({ protocolVersion });
    client.sendBytes(subscribeBytes(protocolVersion, [["a", 3]]));
    expectClosed(client, ReasonCode.ProtocolError, ReasonCode.MalformedPacket);
  });

  test("[3.1.1 MQTT-3.8.3-2] gets a refusal for filters with wildcards where these are not supported", () => {
    const harness = new BrokerHarness({ wildcardSubscriptionAvailable: false });
    const client = harness.connected({ protocolVersion });
    const refusal = protocolVersion === 5 ? ReasonCode.WildcardSubscriptionsNotSupported : 0x80;
    const codes = subscribeAll(client, [
      ["a/b", 1],
      ["a/+", 1],
      ["#", 1],
      ["$share/g/+", 1],
    ]);
    expect(codes).toEqual([1, refusal, refusal, refusal]);
    harness.connected({ protocolVersion }).publish("a/b", "one").publish("a/c", "none");
    expect(client.payloads()).toEqual(["one"]);
  });

  test("[MQTT-3.8.4-5] [MQTT-3.8.4-7] [3.1.1 MQTT-3.8.4-4] [3.1.1 MQTT-3.8.4-5] gets a failure for a bad filter, and the good ones beside it", () => {
    const harness = new BrokerHarness({ topicLevelsMax: 4 });
    const client = harness.connected({ protocolVersion });
    const codes = subscribeAll(client, [
      ["a", 1],
      ["a/#/b", 1],
      ["a+", 1],
      ["$share/g", 1],
      ["1/2/3/4/5", 1],
      ["b", 2],
    ]);
    const refusal = protocolVersion === 5 ? ReasonCode.TopicFilterInvalid : 0x80;
    expect(codes).toEqual([1, refusal, refusal, refusal, refusal, 2]);
    expect([...harness.broker.subscriptions()].map(({ topicFilter }) => topicFilter)).toEqual(["a", "b"]);
    expect(client.isClosed).toBe(false);
  });

  test("[MQTT-3.9.3-2] [3.1.1 MQTT-3.9.3-2] is answered only with codes that SUBACK knows, whatever a hook says", () => {
    // Table 3-8 of 5.0; 3.1.1 knows one failure.
    const known = [0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2];
    const said: number[] = Array.from({ length: 128 }, (_, index) => 0x80 + index);
    const authorizeSubscribe = (): number => said[next++];
    let next = 0;
    const client = new BrokerHarness({ hooks: [{ authorizeSubscribe }] }).connected({ protocolVersion });
    for (const code of said) {
      client.subscribe("a");
      const expected = protocolVersion === 5 && known.includes(code) ? code : 0x80;
      expect(client.takeFirst(PacketType.SUBACK).reasonCodes).toEqual([expected]);
    }
  });
});

describe("SUBSCRIBE of 3.1", () => {
  test("gets its answer with any fixed header flags, which are not checked", () => {
    const client = new BrokerHarness().connected({ protocolVersion: 3 });
    for (let flags = 0; flags < 16; flags++) {
      client.sendBytes(subscribeBytes(3, [["a", 1]], 0x80 | flags));
      expect(client.takeFirst(PacketType.SUBACK).reasonCodes).toEqual([1]);
    }
  });

  test("is told the QoS that it asked for when it is refused, for there is no other answer", () => {
    const authorizeSubscribe = (): number => ReasonCode.NotAuthorized;
    const harness = new BrokerHarness({ hooks: [{ authorizeSubscribe }] });
    const client = harness.connected({ protocolVersion: 3 });
    const codes = subscribeAll(client, [
      ["a", 0],
      ["b", 1],
      ["c/#/c", 2],
    ]);
    expect(codes).toEqual([0, 1, 2]);
    expect(harness.broker.subscriptionCount).toBe(0);
  });
});

describe("SUBSCRIBE of 5.0", () => {
  test("[MQTT-3.8.3-4] is refused with No Local on a shared subscription", () => {
    const harness = new BrokerHarness();
    const client = harness.connected();
    client.sendBytes(
      subscribeBytes(5, [
        ["a", 0],
        ["$share/g/a", 0x04],
      ]),
    );
    expectClosed(client, ReasonCode.ProtocolError);
    expect(harness.broker.subscriptionCount).toBe(0);
  });

  test("is refused with QoS 3 and with Retain Handling 3", () => {
    for (const options of [0x03, 0x30]) {
      const client = new BrokerHarness().connected();
      client.sendBytes(subscribeBytes(5, [["a", options]]));
      expectClosed(client, ReasonCode.ProtocolError, ReasonCode.MalformedPacket);
    }
  });

  test("gets a refusal for what CONNACK said is not available", () => {
    const harness = new BrokerHarness({ sharedSubscriptionAvailable: false, subscriptionIdentifierAvailable: false });
    const client = harness.connected();
    expect(subscribeAll(client, [["$share/g/a", 1]])).toEqual([ReasonCode.SharedSubscriptionsNotSupported]);
    client.subscribe("a", { subscriptionIdentifier: 1 });
    expect(client.takeFirst(PacketType.SUBACK).reasonCodes).toEqual([ReasonCode.SubscriptionIdentifiersNotSupported]);
    expect(harness.broker.subscriptionCount).toBe(0);
  });

  test("[MQTT-3.9.2-1] [MQTT-3.9.2-2] gets no Reason String and no User Properties that would exceed Maximum Packet Size", () => {
    const suback: SubackPacket = { type: PacketType.SUBACK, packetIdentifier: 1, reasonCodes: [0x80, 0] };
    const explained = (properties: SubackPacket["properties"]): SubackPacket => ({ ...suback, properties });
    const reasonString = "r".repeat(100);
    const userProperties: [string, string][] = [["name", "v".repeat(100)]];
    const harness = new BrokerHarness();
    const roomy = harness.connected({ properties: { maximumPacketSize: 1000 } });
    const narrow = harness.connected({ properties: { maximumPacketSize: 100 } });
    for (const client of [roomy, narrow]) {
      client.connection.answer(explained({ reasonString }));
      client.connection.answer(explained({ userProperties }));
    }
    harness.endTurn();
    expect(roomy.take()).toEqual([explained({ reasonString }), explained({ userProperties })]);
    const answers = narrow.take() as SubackPacket[];
    expect(answers.length).toBe(2);
    for (const packet of answers) {
      expect(packet).toMatchObject(suback);
      expect(packet.properties ?? {}).toEqual({});
    }
  });
});
