/** 3.1 beside 3.1.1 and 5.0: what each leaves out, and what passes between them (behaviour of a mixed broker). */
import { encodePacket, PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness } from "../testing/index.js";

const properties = {
  payloadFormatIndicator: 1,
  messageExpiryInterval: 10,
  contentType: "text/plain",
  responseTopic: "answers",
  correlationData: Uint8Array.of(1, 2),
  userProperties: [["a", "b"] as const],
} as const;

describe("3.1", () => {
  test("does not check the unused bits of fixed headers", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion: 3 });
    // SUBSCRIBE and UNSUBSCRIBE with DUP, PINGREQ with all flags.
    client.sendBytes([0x8a, 0x06, 0, 1, 0, 1, 0x74, 0x01]).sendBytes([0xaa, 0x05, 0, 2, 0, 1, 0x74]);
    client.sendBytes([0xcf, 0x00]);
    expect(client.take().map(({ type }) => type)).toEqual([
      PacketType.SUBACK,
      PacketType.UNSUBACK,
      PacketType.PINGRESP,
    ]);
    client.publish("t", "", { qos: 2, packetIdentifier: 5 }).sendBytes([0x6a, 0x02, 0, 5]);
    expect(client.take().map(({ type }) => type)).toEqual([PacketType.PUBREC, PacketType.PUBCOMP]);
    expect(client.isClosed).toBe(false);
  });

  test("may repeat PUBREL and PUBREC within a connection", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion: 3 }).subscribed("t", { qos: 2 });
    harness.connected().publish("t", "", { qos: 2 });
    const packetIdentifier = client.messages()[0].packetIdentifier as number;
    client.acknowledge(PacketType.PUBREC, packetIdentifier).acknowledge(PacketType.PUBREC, packetIdentifier);
    expect(client.take().map(({ type }) => type)).toEqual([PacketType.PUBREL, PacketType.PUBREL]);
    client.acknowledge(PacketType.PUBREL, 40).acknowledge(PacketType.PUBREL, 40);
    expect(client.take().map(({ type }) => type)).toEqual([PacketType.PUBCOMP, PacketType.PUBCOMP]);
  });

  test("has no SUBACK 0x80: a refused SUBSCRIBE is answered as if it were granted", () => {
    const harness = new BrokerHarness({ hooks: [{ authorizeSubscribe: () => ReasonCode.NotAuthorized }] });
    const client = harness.connected({ protocolVersion: 3 }).subscribe("t", { qos: 1 });
    for (const reasonCode of client.takeFirst(PacketType.SUBACK).reasonCodes) expect(reasonCode).toBeLessThan(3);
    expect(client.isClosed).toBe(false);
    expect(harness.broker.subscriptionCount).toBe(0);
  });

  test("knows no Session Present and no properties: four bytes of CONNACK, two of UNSUBACK", () => {
    const harness = new BrokerHarness();
    const client = harness.connect({ protocolVersion: 3 });
    client.bytes.length = 0;
    client.send({ type: PacketType.UNSUBSCRIBE, packetIdentifier: 3, topicFilters: ["t"] });
    expect(client.bytes).toEqual([0xb0, 0x02, 0x00, 0x03]);
  });
});

describe.each([3, 4] as const)("a client of protocol level %i beside 5.0 clients", (protocolVersion) => {
  test("gets their messages without properties", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion }).subscribed("t", { qos: 1 });
    client.bytes.length = 0;
    harness.connected().publish("t", "text", { qos: 1, properties: { ...properties, userProperties: [["a", "b"]] } });
    const expected = encodePacket(
      {
        type: PacketType.PUBLISH,
        dup: false,
        qos: 1,
        retain: false,
        topicName: "t",
        packetIdentifier: 1,
        payload: new TextEncoder().encode("text"),
      },
      protocolVersion,
    );
    expect(client.bytes).toEqual([...expected]);
  });

  test("gets the topic that an alias stands for", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion }).subscribed("#");
    const publisher = harness.connected();
    publisher.publish("long/topic", "1", { properties: { topicAlias: 1 } });
    publisher.publish("", "2", { properties: { topicAlias: 1 } });
    expect(client.messages().map(({ topicName }) => topicName)).toEqual(["long/topic", "long/topic"]);
  });

  test("does not get what expired while it waited, although it cannot be told when it does", () => {
    const harness = new BrokerHarness();
    const options = { protocolVersion, clientIdentifier: "c", cleanStart: false };
    harness.connected(options).subscribed("t", { qos: 1 }).drop();
    const publisher = harness.connected();
    publisher.publish("t", "short", { qos: 1, properties: { messageExpiryInterval: 10 } });
    publisher.publish("t", "long", { qos: 1, properties: { messageExpiryInterval: 60 } });
    publisher.publish("kept", "short", { retain: true, properties: { messageExpiryInterval: 10 } });
    harness.advance(10_000);
    const again = harness.connected(options).subscribed("kept");
    expect(again.payloads()).toEqual(["long"]);
  });

  test("gets live messages without RETAIN, and retained ones with every SUBSCRIBE", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion }).subscribed("t");
    harness.connected().publish("t", "live", { retain: true });
    expect(client.messages()).toMatchObject([{ retain: false }]);
    for (let i = 0; i < 2; i++) expect(client.subscribed("t").messages()).toMatchObject([{ retain: true }]);
  });

  test("publishes to them without properties, and without what 5.0 alone knows", () => {
    const harness = new BrokerHarness();
    const witness = harness.connected().subscribed("t", { qos: 2, retainAsPublished: true, subscriptionIdentifier: 7 });
    const client = harness.connected({ protocolVersion }).publish("t", "text", { qos: 1, retain: true });
    expect(witness.messages()).toMatchObject([
      { qos: 1, retain: true, dup: false, properties: { subscriptionIdentifiers: [7] } },
    ]);
    client.bytes.length = 0;
    // Nobody is subscribed: 0x10 in 5.0, nothing to say here.
    client.publish("elsewhere", "", { qos: 1, packetIdentifier: 9 });
    expect(client.bytes).toEqual([0x40, 0x02, 0x00, 0x09]);
  });

  test("is bound by what only 5.0 clients are told", () => {
    const beyond = [
      [{ maximumQoS: 1 }, { qos: 2 }],
      [{ retainAvailable: false }, { retain: true }],
      [{ maximumPacketSize: 30 }, { payload: new Uint8Array(30) }],
    ] as const;
    for (const [options, publish] of beyond) {
      const client = new BrokerHarness(options).connected({ protocolVersion }).publish("t", "", publish);
      expect(client.isClosed).toBe(true);
      expect(client.take()).toEqual([]);
    }
  });

  test("is not bound by Receive Maximum, of which it cannot be told", () => {
    const client = new BrokerHarness({ receiveMaximum: 1 }).connected({ protocolVersion });
    for (let i = 0; i < 5; i++) client.publish("t", "", { qos: 2 });
    expect(client.isClosed).toBe(false);
    expect(client.take()).toHaveLength(5);
  });
});
