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

describe.each([4, 5] as const)("a reused Buffer, protocol level %i", (protocolVersion) => {
  test.each([3, 50, 5000])("topics and payloads of %i bytes that are kept are copies", (size) => {
    const harness = new BrokerHarness();
    const topicName = `t/${"x".repeat(size)}`;
    const payload = new Uint8Array(size).fill(0x79);
    const received = (client: TestClient) =>
      client.messages().map((message) => `${message.topicName} ${new TextDecoder().decode(message.payload)}`);
    const expected = `${topicName} ${"y".repeat(size)}`;
    persistentClient(harness, protocolVersion, "subscriber").subscribed("#").drop();
    const publisher = harness.connected({ protocolVersion });
    const packet = { type: PacketType.PUBLISH, dup: false, retain: true, topicName, payload };
    for (const packetIdentifier of [1, 2, 3]) {
      receiveInBuffer(publisher, harness, encodePacket({ ...packet, qos: 1, packetIdentifier }, protocolVersion));
    }
    expect(publisher.take().map(({ type }) => type)).toEqual([4, 4, 4]);
    expect(received(persistentClient(harness, protocolVersion, "subscriber"))).toEqual([expected, expected, expected]);
    const late = harness.connected({ protocolVersion }).subscribed("t/+");
    expect(received(late)).toEqual([expected]);
    // The route is known by now: a packet with the same bytes finds it, one with other bytes does not.
    publisher.publish(topicName, "1").publish(`t/${"y".repeat(size)}`, "2");
    expect(received(late)).toEqual([`${topicName} 1`, `t/${"y".repeat(size)} 2`]);
  });

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
