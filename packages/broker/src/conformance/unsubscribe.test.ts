/** UNSUBSCRIBE and UNSUBACK (MQTT 5.0 sections 3.10 and 3.11, 3.1.1 section 3.10), seen from the client. */
import { type ControlPacket, PacketType, type ProtocolVersion, ReasonCode, type UnsubackPacket } from "@tidings/packet";
import { MemorySessionStore } from "@tidings/session";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";

/** The UNSUBACK to one UNSUBSCRIBE, alone. */
function unsubscribe(client: TestClient, ...topicFilters: string[]): UnsubackPacket {
  const packetIdentifier = client.packetIdentifier();
  client.send({ type: PacketType.UNSUBSCRIBE, packetIdentifier, topicFilters });
  const unsuback = client.takeFirst(PacketType.UNSUBACK);
  expect(unsuback.packetIdentifier).toBe(packetIdentifier);
  expect(client.received.filter(({ type }) => type === PacketType.UNSUBACK)).toEqual([]);
  return unsuback;
}

/** UNSUBSCRIBE as bytes, with packet identifier 10. */
function unsubscribeBytes(
  version: ProtocolVersion,
  filters: readonly (readonly number[])[],
  firstByte = 0xa2,
): number[] {
  const body = [0, 10];
  if (version === 5) body.push(0);
  for (const filter of filters) body.push(filter.length >> 8, filter.length & 0xff, ...filter);
  return [firstByte, body.length, ...body];
}

function expectClosed(client: TestClient, ...reasonCodes: number[]): void {
  expect(client.isClosed).toBe(true);
  const packets = client.take();
  if (client.version === 5) {
    expect(packets).toEqual([expect.objectContaining({ type: PacketType.DISCONNECT })]);
    expect(reasonCodes).toContain((packets[0] as ControlPacket & { reasonCode: number }).reasonCode);
  } else expect(packets).toEqual([]);
}

/** 5.0 has a code for each filter, its predecessors have none. */
function codes(version: ProtocolVersion, ...reasonCodes: number[]): number[] {
  return version === 5 ? reasonCodes : [];
}

describe.each([3, 4, 5] as const)("UNSUBSCRIBE of protocol level %i", (protocolVersion) => {
  test("[MQTT-3.10.4-4] [MQTT-3.10.4-5] [MQTT-2.2.1-6] [3.1.1 MQTT-3.10.4-4] [3.1.1 MQTT-2.3.1-7] is answered by UNSUBACK with its packet identifier", () => {
    const client = new BrokerHarness().connected({ protocolVersion }).subscribed("a");
    for (const packetIdentifier of [1, 0xabcd, 0xffff]) {
      client.send({ type: PacketType.UNSUBSCRIBE, packetIdentifier, topicFilters: ["a"] });
      expect(client.take()).toEqual([expect.objectContaining({ type: PacketType.UNSUBACK, packetIdentifier })]);
    }
  });

  test("[MQTT-3.10.4-5] [3.1.1 MQTT-3.10.4-5] is answered also when there was nothing to delete", () => {
    const client = new BrokerHarness().connected({ protocolVersion });
    expect(unsubscribe(client, "a").reasonCodes ?? []).toEqual(codes(protocolVersion, 0x11));
    expect(client.isClosed).toBe(false);
  });

  test("[MQTT-3.10.4-1] [3.1.1 MQTT-3.10.4-1] deletes the subscription with exactly this filter, and only that", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion });
    const filters = ["a/b", "a/+", "a/#", "A/b", "a/b/", "caf\u00e9", "cafe\u0301"];
    for (const filter of filters) client.subscribed(filter);
    const left = (): string[] => [...harness.broker.subscriptions()].map(({ topicFilter }) => topicFilter);
    unsubscribe(client, "a/c");
    unsubscribe(client, "+/b");
    unsubscribe(client, "#");
    unsubscribe(client, "a/B");
    expect(left()).toEqual(filters);
    unsubscribe(client, "a/+");
    unsubscribe(client, "cafe\u0301");
    expect(left()).toEqual(["a/b", "a/#", "A/b", "a/b/", "caf\u00e9"]);
  });

  test("[MQTT-3.10.4-1] [3.1.1 MQTT-3.10.4-1] leaves other clients what they have", () => {
    const harness = new BrokerHarness();
    const other = harness.connected({ protocolVersion }).subscribed("a");
    unsubscribe(harness.connected({ protocolVersion }).subscribed("a"), "a");
    harness.connected({ protocolVersion }).publish("a", "x");
    expect(other.payloads()).toEqual(["x"]);
  });

  test("[MQTT-3.10.4-2] [3.1.1 MQTT-3.10.4-2] ends deliveries for this filter, and for no other that matches", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion }).subscribed("a/b", { qos: 2 }).subscribed("a/+", { qos: 0 });
    const publisher = harness.connected({ protocolVersion });
    unsubscribe(client, "a/b");
    publisher.publish("a/b", "1", { qos: 2 });
    expect(client.messages().map(({ qos }) => qos)).toEqual([0]);
    unsubscribe(client, "a/+");
    publisher.publish("a/b", "2").publish("a/b", "3", { qos: 1 }).publish("a/b", "4", { qos: 2 });
    expect(client.take()).toEqual([]);
    expect(client.connection.queuedMessages).toBe(0);
  });

  test("[MQTT-3.10.4-2] [3.1.1 MQTT-3.10.4-2] ends retained messages that were still to be sent for this filter", () => {
    const harness = new BrokerHarness({ inFlightMessagesMax: 1 });
    const publisher = harness.connected({ protocolVersion });
    for (const topic of ["a/1", "a/2", "a/3"]) publisher.publish(topic, "kept", { retain: true, qos: 1 });
    const client = harness.connected({ protocolVersion }).subscribed("a/+");
    const [first, ...others] = client.messages();
    expect(others).toEqual([]);
    unsubscribe(client, "a/+");
    client.acknowledge(PacketType.PUBACK, first.packetIdentifier as number);
    expect(client.take()).toEqual([]);
  });

  test("[MQTT-3.10.4-3] [3.1.1 MQTT-3.10.4-3] lets deliveries of QoS 1 and 2 that were begun come to their end", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion }).subscribed("a");
    harness.connected({ protocolVersion }).publish("a", "1", { qos: 1 }).publish("a", "2", { qos: 2 });
    const [one, two] = client.messages();
    unsubscribe(client, "a");
    client.acknowledge(PacketType.PUBACK, one.packetIdentifier as number);
    client.acknowledge(PacketType.PUBREC, two.packetIdentifier as number);
    expect(client.takeFirst(PacketType.PUBREL).packetIdentifier).toBe(two.packetIdentifier);
    client.acknowledge(PacketType.PUBCOMP, two.packetIdentifier as number);
    expect(client.connection.inFlightMessages).toBe(0);
    expect(client.take()).toEqual([]);
  });

  test("[MQTT-3.10.4-3] [3.1.1 MQTT-3.10.4-3] lets them come to their end on the next connection too", () => {
    const harness = new BrokerHarness();
    const options = {
      protocolVersion,
      clientIdentifier: "c",
      cleanStart: false,
      properties: protocolVersion === 5 ? { sessionExpiryInterval: 60 } : undefined,
    };
    const client = harness.connected(options).subscribed("a");
    harness.connected({ protocolVersion }).publish("a", "1", { qos: 1 }).publish("a", "2", { qos: 2 });
    const sent = client.messages();
    unsubscribe(client, "a");
    client.drop();
    const resent = harness.connected(options).messages();
    expect(resent.map(({ qos, packetIdentifier, dup }) => ({ qos, packetIdentifier, dup }))).toEqual(
      sent.map(({ qos, packetIdentifier }) => ({ qos, packetIdentifier, dup: true })),
    );
  });

  test("[MQTT-3.10.4-6] [MQTT-3.11.3-1] [MQTT-3.11.3-2] [3.1.1 MQTT-3.10.4-6] takes several filters one after the other and answers once", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion }).subscribed("a").subscribed("b").subscribed("c");
    const { reasonCodes } = unsubscribe(client, "c", "x", "a", "a", "#", "a/#/b");
    expect((reasonCodes ?? []).slice(0, 5)).toEqual(codes(protocolVersion, 0, 0x11, 0, 0x11, 0x11));
    // Table 3-9 has two codes for a filter that no subscription can have.
    if (protocolVersion === 5) expect([0x11, 0x8f]).toContain(reasonCodes[5]);
    expect([...harness.broker.subscriptions()].map(({ topicFilter }) => topicFilter)).toEqual(["b"]);
  });

  test("needs the whole string of a shared subscription", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion }).subscribed("$share/g/a");
    unsubscribe(client, "a");
    unsubscribe(client, "$share/h/a");
    expect(harness.broker.subscriptionCount).toBe(1);
    expect(unsubscribe(client, "$share/g/a").reasonCodes ?? []).toEqual(codes(protocolVersion, 0));
    expect(harness.broker.subscriptionCount).toBe(0);
  });

  test("[MQTT-3.10.3-1] [3.1.1 MQTT-3.10.3-1] is refused when a filter is no UTF-8, and deletes nothing", () => {
    for (const filter of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80]]) {
      const unsubscribed: string[] = [];
      const onUnsubscribe = (_client: unknown, topicFilter: string): void => void unsubscribed.push(topicFilter);
      const client = new BrokerHarness({ hooks: [{ onUnsubscribe }] }).connected({ protocolVersion }).subscribed("a");
      client.sendBytes(unsubscribeBytes(protocolVersion, [[0x61], filter]));
      expectClosed(client, ReasonCode.MalformedPacket);
      expect(unsubscribed).toEqual([]);
    }
  });

  test("[MQTT-3.10.3-2] [3.1.1 MQTT-3.10.3-2] is refused without a filter", () => {
    const client = new BrokerHarness().connected({ protocolVersion });
    client.sendBytes(unsubscribeBytes(protocolVersion, []));
    expectClosed(client, ReasonCode.ProtocolError, ReasonCode.MalformedPacket);
  });

  test("is refused with an empty filter", () => {
    const client = new BrokerHarness().connected({ protocolVersion });
    client.sendBytes(unsubscribeBytes(protocolVersion, [[]]));
    expectClosed(client, ReasonCode.ProtocolError, ReasonCode.MalformedPacket, ReasonCode.TopicFilterInvalid);
  });
});

test.each([4, 5] as const)(
  "[MQTT-3.10.1-1] [3.1.1 MQTT-3.10.1-1] UNSUBSCRIBE of protocol level %i is refused with other fixed header flags than 0010",
  (protocolVersion) => {
    for (let flags = 0; flags < 16; flags++) {
      if (flags === 2) continue;
      const client = new BrokerHarness().connected({ protocolVersion });
      client.sendBytes(unsubscribeBytes(protocolVersion, [[0x61]], 0xa0 | flags));
      expectClosed(client, ReasonCode.MalformedPacket);
    }
  },
);

describe("UNSUBSCRIBE of 5.0", () => {
  test("[MQTT-3.11.2-1] [MQTT-3.11.2-2] gets no Reason String and no User Properties that would exceed Maximum Packet Size", () => {
    const unsuback: UnsubackPacket = { type: PacketType.UNSUBACK, packetIdentifier: 1, reasonCodes: [0x11] };
    const explained = (properties: UnsubackPacket["properties"]): UnsubackPacket => ({ ...unsuback, properties });
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
    const answers = narrow.take() as UnsubackPacket[];
    expect(answers.length).toBe(2);
    for (const packet of answers) {
      expect(packet).toMatchObject(unsuback);
      expect(packet.properties ?? {}).toEqual({});
    }
  });

  test("is forgotten by a store too", async () => {
    const store = new MemorySessionStore();
    const before = new BrokerHarness({ store });
    const options = { clientIdentifier: "c", cleanStart: false, properties: { sessionExpiryInterval: 60 } };
    const client = before.connected(options).subscribed("a").subscribed("b");
    unsubscribe(client, "a");
    const after = new BrokerHarness({ store });
    await after.broker.recover(after.nowMs);
    expect([...after.broker.subscriptions()].map(({ topicFilter }) => topicFilter)).toEqual(["b"]);
  });
});
