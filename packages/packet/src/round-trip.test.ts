import { describe, expect, it } from "vitest";
import { type ControlPacket, encodePacket, PacketDecoder, PacketType, type ProtocolVersion } from "./index.js";

const packets: [ProtocolVersion, ControlPacket][] = [
  [
    5,
    {
      type: PacketType.CONNECT,
      protocolVersion: 5,
      cleanStart: true,
      keepAlive: 60,
      clientIdentifier: "client",
      will: { topic: "w", payload: Uint8Array.of(1, 2), qos: 1, retain: true, properties: { willDelayInterval: 5 } },
      userName: "u",
      password: Uint8Array.of(3),
      properties: { receiveMaximum: 10, userProperties: [["a", "é".repeat(100)]] },
    },
  ],
  [5, { type: PacketType.PUBLISH, dup: false, qos: 0, retain: false, topicName: "a/b", payload: Uint8Array.of(1) }],
  [
    5,
    {
      type: PacketType.PUBLISH,
      dup: true,
      qos: 2,
      retain: true,
      topicName: "",
      packetIdentifier: 77,
      payload: new Uint8Array(0),
      properties: { topicAlias: 4, subscriptionIdentifiers: [1, 200], responseTopic: "r" },
    },
  ],
  [
    5,
    {
      type: PacketType.SUBSCRIBE,
      packetIdentifier: 2,
      subscriptions: [{ topicFilter: "a/#", qos: 2, noLocal: true, retainAsPublished: true, retainHandling: 2 }],
    },
  ],
  [4, { type: PacketType.PUBREL, packetIdentifier: 2, reasonCode: 0 }],
  [5, { type: PacketType.DISCONNECT, reasonCode: 0x81, properties: { reasonString: "x" } }],
];

describe("encode and decode", () => {
  for (const [version, packet] of packets) {
    it(`gives packet type ${packet.type} of version ${version} back`, () => {
      const decoded: ControlPacket[] = [];
      const errors: Error[] = [];
      const decoder = new PacketDecoder(
        { version },
        { onPacket: (p) => decoded.push(p), onError: (error) => errors.push(error) },
      );
      const bytes = encodePacket(packet, version);
      decoder.push(bytes);
      for (const byte of bytes) decoder.push(Uint8Array.of(byte));
      expect(errors).toEqual([]);
      expect(decoded).toEqual([packet, packet]);
    });
  }
});
