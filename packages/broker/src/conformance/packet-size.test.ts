/** Maximum Packet Size of a client (5.0 section 3.1.2.11.4): what is larger is dropped as if it was delivered. */
import { encodePacket, PacketType, type PublishPacket } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type ConnectOptions } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

const { PUBACK, PUBREC } = PacketType;

/** Size of a 5.0 PUBLISH to "topic" with this payload and properties. */
function sizeOf(payload: string, qos: 0 | 1 | 2, properties?: PublishPacket["properties"]): number {
  const packet: PublishPacket = {
    type: PacketType.PUBLISH,
    dup: false,
    qos,
    retain: false,
    topicName: "topic",
    packetIdentifier: qos === 0 ? undefined : 1,
    payload: new TextEncoder().encode(payload),
    properties,
  };
  return encodePacket(packet, 5).length;
}

describe.each([0, 1, 2] as const)("a PUBLISH at QoS %i and the client's Maximum Packet Size", (qos) => {
  /** Publishes to a client that takes packets of up to what `payload` makes, then to one that takes a byte less. */
  function bothSides(
    payload: string,
    subscription: { subscriptionIdentifier?: number } = {},
    limits: ConnectOptions["properties"] = {},
    extra: Parameters<typeof sizeOf>[2] = undefined,
  ): number[] {
    const size = sizeOf(payload, qos, extra);
    return [size, size - 1].map((maximumPacketSize) => {
      const harness = new BrokerHarness();
      const client = harness.connected({ properties: { maximumPacketSize, ...limits } }).subscribed("#", subscription);
      harness.connected().publish("topic", payload, { qos });
      return client.messages().length;
    });
  }

  test("counts the whole packet", () => {
    expect(bothSides("x".repeat(20))).toEqual([1, 0]);
    expect(bothSides("x".repeat(500))).toEqual([1, 0]);
    expect(bothSides("x".repeat(5000))).toEqual([1, 0]);
  });

  test("counts Subscription Identifiers", () => {
    const subscriptionIdentifiers = [300];
    expect(bothSides("x".repeat(90), { subscriptionIdentifier: 300 }, {}, { subscriptionIdentifiers })).toEqual([1, 0]);
  });

  test("an alias that would make it too large is left out", () => {
    expect(bothSides("x".repeat(20), {}, { topicAliasMaximum: 5 })).toEqual([1, 0]);
  });

  test("is dropped and counted, and nobody else is concerned", () => {
    const harness = new BrokerHarness();
    const small = harness.connected({ properties: { maximumPacketSize: 100 } }).subscribed("#");
    const large = harness.connected().subscribed("#");
    const old = harness.connected({ protocolVersion: 4 }).subscribed("#");
    const publisher = harness.connected();
    publisher.publish("a", "x".repeat(200), { qos }).publish("a", "fits", { qos });
    expect(small.payloads()).toEqual(["fits"]);
    expect(large.messages()).toHaveLength(2);
    expect(old.messages()).toHaveLength(2);
    expect(small.isClosed).toBe(false);
    for (const answer of publisher.take()) expect(answer).toMatchObject({ reasonCode: 0 });
    expect(harness.broker.droppedMessages["too-large"]).toBe(1);
  });
});

describe("a message that is too large", () => {
  test.each([1, 2] as const)("takes no identifier and no place in the window at QoS %i", (qos) => {
    const harness = new BrokerHarness();
    const client = harness.connected({ properties: { maximumPacketSize: 100, receiveMaximum: 2 } }).subscribed("#");
    const publisher = harness.connected();
    for (let i = 0; i < 5; i++) publisher.publish("a", "x".repeat(200), { qos });
    expect(client.connection.inFlightMessages).toBe(0);
    publisher.publish("a", "1", { qos }).publish("a", "2", { qos }).publish("a", "3", { qos });
    expect(client.messages().map(({ packetIdentifier }) => packetIdentifier)).toEqual([1, 2]);
  });

  test("is dropped from the queue when its turn comes, and the rest goes on", () => {
    const harness = new BrokerHarness();
    persistentClient(harness, 5, "subscriber").subscribed("#").drop();
    const publisher = harness.connected();
    for (const text of ["1", "x".repeat(200), "2", "y".repeat(200)]) publisher.publish("a", text, { qos: 1 });
    const small = persistentClient(harness, 5, "subscriber", { maximumPacketSize: 100 });
    expect(small.payloads()).toEqual(["1", "2"]);
    expect(small.connection.queuedMessages).toBe(0);
    expect(harness.broker.droppedMessages["too-large"]).toBe(2);
    small.drop();
    expect(persistentClient(harness, 5, "subscriber").payloads()).toEqual(["1", "2"]);
  });

  test("is not sent again to a client that has become smaller", () => {
    const harness = new BrokerHarness();
    const large = persistentClient(harness, 5, "subscriber").subscribed("#");
    const publisher = harness.connected();
    publisher.publish("a", "x".repeat(200), { qos: 1 }).publish("a", "small", { qos: 1 });
    expect(large.messages()).toHaveLength(2);
    large.drop();
    const small = persistentClient(harness, 5, "subscriber", { maximumPacketSize: 100 });
    const messages = small.messages();
    expect(messages).toMatchObject([{ dup: true, packetIdentifier: 2 }]);
    small.acknowledge(PUBACK, 2);
    expect(small.connection.inFlightMessages).toBe(0);
    expect(harness.broker.droppedMessages["too-large"]).toBe(1);
  });

  test("a QoS 2 handshake that it had begun still comes to its end", () => {
    const harness = new BrokerHarness();
    const large = persistentClient(harness, 5, "subscriber").subscribed("#");
    harness.connected().publish("a", "x".repeat(200), { qos: 2 });
    const packetIdentifier = large.messages()[0].packetIdentifier as number;
    large.drop();
    const small = persistentClient(harness, 5, "subscriber", { maximumPacketSize: 100 });
    expect(small.messages()).toEqual([]);
    // The client has the message: whatever it says now is answered.
    small.acknowledge(PUBREC, packetIdentifier);
    expect(small.takeFirst(PacketType.PUBREL)).toMatchObject({ packetIdentifier });
    small.acknowledge(PacketType.PUBCOMP, packetIdentifier);
    expect(small.connection.inFlightMessages).toBe(0);
  });

  test("a retained message that is too large is passed over", () => {
    const harness = new BrokerHarness();
    const publisher = harness.connected();
    publisher
      .publish("a/1", "x".repeat(200), { retain: true, qos: 1 })
      .publish("a/2", "small", { retain: true, qos: 1 });
    publisher.publish("a/3", "y".repeat(200), { retain: true });
    const client = harness.connected({ properties: { maximumPacketSize: 100 } }).subscribed("a/+");
    expect(client.payloads()).toEqual(["small"]);
    expect(harness.broker.droppedMessages["too-large"]).toBe(2);
  });

  test("one that expires counts as what is sent, decremented or not", () => {
    const size = sizeOf("x", 1, { messageExpiryInterval: 1 });
    const harness = new BrokerHarness();
    persistentClient(harness, 5, "subscriber").subscribed("#").drop();
    harness.connected().publish("topic", "x", { qos: 1, properties: { messageExpiryInterval: 100 } });
    harness.advance(5000);
    const client = persistentClient(harness, 5, "subscriber", { maximumPacketSize: size });
    expect(client.messages()).toMatchObject([{ properties: { messageExpiryInterval: 95 } }]);
  });
});
