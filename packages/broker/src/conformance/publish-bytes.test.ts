/** Bytes that come in are the host's again when `receive` returns, whatever kind of array they are in. */
import { encodePacket, PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

/** What a host does that reads into one Buffer again and again. */
function receiveInBuffer(client: TestClient, harness: BrokerHarness, bytes: Uint8Array): void {
  const buffer = Buffer.alloc(bytes.length + 6, 0xee);
  buffer.set(bytes, 3);
  client.connection.receive(buffer, 3, 3 + bytes.length, harness.nowMs);
  buffer.fill(0xee);
  harness.endTurn();
}

const received = (client: TestClient) =>
  client.messages().map((message) => `${message.topicName} ${new TextDecoder().decode(message.payload)}`);

describe.each([
  [4, 4],
  [4, 5],
  [5, 4],
  [5, 5],
] as const)("a reused Buffer, from protocol level %i to %i", (from, to) => {
  const properties = from === 5 ? { contentType: "t", messageExpiryInterval: 100 } : undefined;
  const identified = to === 5 ? { subscriptionIdentifier: 5 } : {};

  test.each([3, 50, 5000])("topics and payloads of %i bytes that are kept are copies", (size) => {
    const harness = new BrokerHarness();
    const topicName = `t/${"x".repeat(size)}`;
    const payload = new Uint8Array(size).fill(0x79);
    const expected = `${topicName} ${"y".repeat(size)}`;
    persistentClient(harness, to, "subscriber").subscribed("#").drop();
    persistentClient(harness, to, "identified").subscribed("#", identified).drop();
    const publisher = harness.connected({ protocolVersion: from });
    const packet = { type: PacketType.PUBLISH, dup: false, retain: true, topicName, payload, properties };
    for (const packetIdentifier of [1, 2, 3]) {
      receiveInBuffer(publisher, harness, encodePacket({ ...packet, qos: 1, packetIdentifier }, from));
    }
    expect(publisher.take().map(({ type }) => type)).toEqual([4, 4, 4]);
    for (const name of ["subscriber", "identified"]) {
      const messages = persistentClient(harness, to, name, { topicAliasMaximum: name === "identified" ? 5 : 0 });
      if (name === "subscriber") expect(received(messages)).toEqual([expected, expected, expected]);
      else expect(received(messages)[0]).toBe(expected);
    }
    const late = harness.connected({ protocolVersion: to }).subscribed("t/+");
    expect(received(late)).toEqual([expected]);
    // The route is known by now: a packet with the same bytes finds it, one with other bytes does not.
    publisher.publish(topicName, "1").publish(`t/${"y".repeat(size)}`, "2");
    expect(received(late)).toEqual([`${topicName} 1`, `t/${"y".repeat(size)} 2`]);
  });

  test.each([
    ["an ordinary subscriber", {}],
    ["a subscriber with an identifier", identified],
  ])("the Message Expiry Interval is found again in a copy, for %s", (_name, options) => {
    const harness = new BrokerHarness();
    persistentClient(harness, to, "subscriber").subscribed("#", options).drop();
    const publisher = harness.connected({ protocolVersion: from });
    const packet = { type: PacketType.PUBLISH, dup: false, retain: false, qos: 1, properties } as const;
    for (const payload of ["small", "l".repeat(5000)].map((text) => new TextEncoder().encode(text))) {
      const bytes = encodePacket({ ...packet, packetIdentifier: 1, topicName: "a", payload }, from);
      receiveInBuffer(publisher, harness, bytes);
    }
    harness.advance(40_000);
    const messages = persistentClient(harness, to, "subscriber").messages();
    const expected = from === 5 && to === 5 ? { contentType: "t", messageExpiryInterval: 60 } : {};
    expect(messages.map((message) => ({ ...message.properties, subscriptionIdentifiers: undefined }))).toEqual([
      expected,
      expected,
    ]);
    expect(messages.map((message) => message.payload.length)).toEqual([5, 5000]);
  });

  test.each([
    [0, {}],
    [1, {}],
    [0, identified],
    [1, identified],
  ] as const)("large payloads at QoS %i that the network has not taken yet are copies, %o", (qos, options) => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion: to }).subscribed("#", options);
    client.stalled = true;
    const publisher = harness.connected({ protocolVersion: from });
    const payload = new Uint8Array(5000).fill(0x79);
    const packet = { type: PacketType.PUBLISH, dup: false, retain: false, topicName: "a", qos, payload, properties };
    receiveInBuffer(publisher, harness, encodePacket({ ...packet, packetIdentifier: qos === 0 ? undefined : 1 }, from));
    client.drain();
    expect(received(client)).toEqual([`a ${"y".repeat(5000)}`]);
  });
});

describe.each([4, 5] as const)("cut packets, protocol level %i", (protocolVersion) => {
  test("a PUBLISH may come byte by byte", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected({ protocolVersion }).subscribed("#");
    const publisher = harness.connected({ protocolVersion });
    const bytes = encodePacket(
      {
        type: PacketType.PUBLISH,
        dup: false,
        qos: 1,
        retain: false,
        topicName: "a/b",
        packetIdentifier: 9,
        payload: Uint8Array.of(1, 2, 3),
      },
      protocolVersion,
    );
    for (const byte of bytes) publisher.sendBytes([byte]);
    expect(publisher.take()).toMatchObject([{ type: PacketType.PUBACK, packetIdentifier: 9 }]);
    expect(subscriber.messages()).toMatchObject([{ topicName: "a/b", payload: Uint8Array.of(1, 2, 3) }]);
  });
});
