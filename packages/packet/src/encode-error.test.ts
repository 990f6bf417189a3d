/** What the encoder refuses: packets that no sender may send. */
import { describe, expect, it } from "vitest";
import type { ConnectPacket, ControlPacket, PublishPacket, SubscribePacket } from "./control-packet.js";
import type { ProtocolVersion } from "./packet-type.js";
import { encodePacket, packetLength, writePacket } from "./write-packet.js";

const empty = new Uint8Array(0);
const long = "a".repeat(65_536);
const tooManyBytes = new Uint8Array(65_536);

function connect(fields: Partial<ConnectPacket>, protocolVersion: ProtocolVersion = 5): ConnectPacket {
  return { type: 1, protocolVersion, cleanStart: true, keepAlive: 0, clientIdentifier: "c", ...fields };
}

function publish(fields: Partial<PublishPacket>): PublishPacket {
  return { type: 3, dup: false, qos: 0, retain: false, topicName: "t", payload: empty, ...fields };
}

function subscribe(
  fields: Partial<SubscribePacket["subscriptions"][0]>,
  more: Partial<SubscribePacket> = {},
): ControlPacket {
  const request = { topicFilter: "a", qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0, ...fields };
  return { type: 8, packetIdentifier: 1, subscriptions: [request as never], ...more };
}

function will(fields: Partial<ConnectPacket["will"]>): ConnectPacket["will"] {
  return { topic: "w", payload: empty, qos: 0, retain: false, ...fields };
}

const rows: [name: string, version: ProtocolVersion, packet: ControlPacket][] = [
  ["an unknown packet type", 5, { type: 16 } as never],
  ["packet type 0", 5, { type: 0 } as never],
  ["AUTH in 3.1.1", 4, { type: 15, reasonCode: 0x18, properties: { authenticationMethod: "m" } }],
  ["AUTH without a method", 5, { type: 15, reasonCode: 0x18 }],
  [
    "[MQTT-3.15.2-1] AUTH with another code",
    5,
    { type: 15, reasonCode: 0x80, properties: { authenticationMethod: "m" } },
  ],

  ["an unknown protocol version", 5, connect({}, 6 as never)],
  ["a bridge in 5.0", 5, connect({ bridge: true })],
  ["Keep Alive above 65535", 5, connect({ keepAlive: 65_536 })],
  ["Keep Alive below 0", 5, connect({ keepAlive: -1 })],
  ["Keep Alive that is no integer", 5, connect({ keepAlive: 1.5 })],
  ["[MQTT-3.1.3-4] a client identifier with a lone surrogate", 5, connect({ clientIdentifier: "\ud800" })],
  ["[3.1.1 MQTT-3.1.3-4] a client identifier with U+0000", 4, connect({ clientIdentifier: "\0" }, 4)],
  ["[MQTT-3.1.3-12] a user name with U+0000", 5, connect({ userName: "a\0" })],
  ["[3.1.1 MQTT-3.1.3-11] a user name with a lone surrogate", 4, connect({ userName: "\udc00" }, 4)],
  ["a client identifier of 65536 bytes", 5, connect({ clientIdentifier: long })],
  ["a password of 65536 bytes", 5, connect({ password: tooManyBytes })],
  ["[3.1.1 MQTT-3.1.2-22] a password without user name in 3.1.1", 4, connect({ password: empty }, 4)],
  ["a password without user name in 3.1", 3, connect({ password: empty }, 3)],
  ["CONNECT properties in 3.1.1", 4, connect({ properties: {} }, 4)],
  ["[MQTT-3.1.2-12] Will QoS 3", 5, connect({ will: will({ qos: 3 as never }) })],
  ["[3.1.1 MQTT-3.1.2-14] Will QoS 3", 4, connect({ will: will({ qos: 3 as never }) }, 4)],
  ["[MQTT-4.7.3-1] an empty Will Topic", 5, connect({ will: will({ topic: "" }) })],
  ["[MQTT-4.7.0-1] a Will Topic with a wildcard", 5, connect({ will: will({ topic: "a/#" }) })],
  ["[MQTT-3.1.3-11] a Will Topic with U+0000", 5, connect({ will: will({ topic: "\0" }) })],
  ["[3.1.1 MQTT-3.1.3-10] a Will Topic with U+0000", 4, connect({ will: will({ topic: "\0" }) }, 4)],
  ["a Will Payload of 65536 bytes", 5, connect({ will: will({ payload: tooManyBytes }) })],
  ["Will Properties in 3.1.1", 4, connect({ will: will({ properties: {} }) }, 4)],
  ["a property of PUBLISH in the will", 5, connect({ will: will({ properties: { topicAlias: 1 } as never }) })],
  ["a flag that is no boolean", 5, connect({ properties: { requestProblemInformation: 1 as never } })],
  ["Authentication Data without method", 5, connect({ properties: { authenticationData: empty } })],

  ["[MQTT-3.2.2-8] CONNACK with a code of PUBACK", 5, { type: 2, sessionPresent: false, reasonCode: 0x10 }],
  ["CONNACK 3.1.1 with a Reason Code of 5.0", 4, { type: 2, sessionPresent: false, reasonCode: 0x87 }],
  ["CONNACK with half a code", 4, { type: 2, sessionPresent: false, reasonCode: 0.5 }],
  ["[MQTT-3.2.2-6] CONNACK 5.0 refusing with Session Present", 5, { type: 2, sessionPresent: true, reasonCode: 0x87 }],
  [
    "[3.1.1 MQTT-3.2.2-4] CONNACK 3.1.1 refusing with Session Present",
    4,
    { type: 2, sessionPresent: true, reasonCode: 5 },
  ],
  ["CONNACK properties in 3.1.1", 4, { type: 2, sessionPresent: false, reasonCode: 0, properties: {} }],

  ["[MQTT-3.3.1-2] [MQTT-4.3.1-1] PUBLISH 5.0 with QoS 0 and DUP", 5, publish({ dup: true })],
  ["[3.1.1 MQTT-3.3.1-2] [3.1.1 MQTT-4.3.1-1] PUBLISH 3.1.1 with QoS 0 and DUP", 4, publish({ dup: true })],
  ["[MQTT-2.2.1-2] PUBLISH 5.0 with QoS 0 and a Packet Identifier", 5, publish({ packetIdentifier: 1 })],
  ["[3.1.1 MQTT-2.3.1-5] PUBLISH 3.1.1 with QoS 0 and a Packet Identifier", 4, publish({ packetIdentifier: 1 })],
  ["[MQTT-3.3.1-4] PUBLISH 5.0 with QoS 3", 5, publish({ qos: 3 as never, packetIdentifier: 1 })],
  ["[3.1.1 MQTT-3.3.1-4] PUBLISH 3.1.1 with QoS 3", 4, publish({ qos: 3 as never, packetIdentifier: 1 })],
  ["[MQTT-2.2.1-3] [MQTT-2.2.1-4] PUBLISH 5.0 with Packet Identifier 0", 5, publish({ qos: 1, packetIdentifier: 0 })],
  ["[3.1.1 MQTT-2.3.1-1] PUBLISH 3.1.1 with Packet Identifier 0", 4, publish({ qos: 1, packetIdentifier: 0 })],
  ["PUBLISH with QoS 1 and no Packet Identifier", 5, publish({ qos: 1 })],
  ["PUBLISH with Packet Identifier 65536", 5, publish({ qos: 2, packetIdentifier: 65_536 })],
  ["[MQTT-4.7.3-1] PUBLISH 5.0 with neither topic nor alias", 5, publish({ topicName: "" })],
  ["[3.1.1 MQTT-4.7.3-1] PUBLISH 3.1.1 with an empty topic", 4, publish({ topicName: "" })],
  ["[MQTT-3.3.2-2] [MQTT-4.7.0-1] PUBLISH 5.0 to a wildcard", 5, publish({ topicName: "a/+" })],
  ["[3.1.1 MQTT-3.3.2-2] [3.1.1 MQTT-4.7.1-1] PUBLISH 3.1.1 to a wildcard", 4, publish({ topicName: "a/#" })],
  ["[MQTT-3.3.2-1] [MQTT-4.7.3-2] PUBLISH 5.0 with U+0000 in its topic", 5, publish({ topicName: "a\0" })],
  [
    "[3.1.1 MQTT-3.3.2-1] [3.1.1 MQTT-4.7.3-2] PUBLISH 3.1.1 with U+0000 in its topic",
    4,
    publish({ topicName: "a\0" }),
  ],
  ["[MQTT-4.7.3-3] PUBLISH 5.0 with a topic of 65536 bytes", 5, publish({ topicName: long })],
  ["[3.1.1 MQTT-4.7.3-3] PUBLISH 3.1.1 with a topic of 65536 bytes", 4, publish({ topicName: long })],
  ["PUBLISH properties in 3.1.1", 4, publish({ properties: { topicAlias: 1 } })],
  ["[MQTT-3.3.2-8] Topic Alias 0", 5, publish({ properties: { topicAlias: 0 } })],
  ["Topic Alias 65536", 5, publish({ properties: { topicAlias: 65_536 } })],
  ["[MQTT-3.3.2-14] a Response Topic with a wildcard", 5, publish({ properties: { responseTopic: "a/+" } })],
  ["an empty Response Topic", 5, publish({ properties: { responseTopic: "" } })],
  ["[MQTT-3.3.2-13] a Response Topic with a lone surrogate", 5, publish({ properties: { responseTopic: "\ud800" } })],
  ["[MQTT-3.3.2-19] a Content Type with U+0000", 5, publish({ properties: { contentType: "\0" } })],
  ["Payload Format Indicator 2", 5, publish({ properties: { payloadFormatIndicator: 2 as never } })],
  ["a Message Expiry Interval above four bytes", 5, publish({ properties: { messageExpiryInterval: 4_294_967_296 } })],
  ["a Message Expiry Interval of NaN", 5, publish({ properties: { messageExpiryInterval: Number.NaN } })],
  ["Subscription Identifier 0", 5, publish({ properties: { subscriptionIdentifiers: [0] } })],
  [
    "a Subscription Identifier above four bytes",
    5,
    publish({ properties: { subscriptionIdentifiers: [268_435_456] } }),
  ],
  [
    "[MQTT-1.5.7-1] a User Property with U+0000 in its name",
    5,
    publish({ properties: { userProperties: [["\0", ""]] } }),
  ],
  [
    "[MQTT-1.5.7-1] a User Property with U+0000 in its value",
    5,
    publish({ properties: { userProperties: [["", "\0"]] } }),
  ],
  ["Correlation Data of 65536 bytes", 5, publish({ properties: { correlationData: tooManyBytes } })],
  ["a property that is not allowed in PUBLISH", 5, publish({ properties: { reasonString: "r" } as never })],
  ["a property that does not exist", 5, publish({ properties: { nonsense: 1 } as never })],
  ["a packet above 268,435,460 bytes", 4, publish({ payload: { length: 268_435_453 } as never })],

  ["a Packet Identifier of 0 in PUBACK", 4, { type: 4, packetIdentifier: 0, reasonCode: 0 }],
  ["a Reason Code in PUBACK 3.1.1", 4, { type: 4, packetIdentifier: 1, reasonCode: 0x87 }],
  ["properties in PUBACK 3.1.1", 4, { type: 4, packetIdentifier: 1, reasonCode: 0, properties: {} }],
  ["[MQTT-3.4.2-1] PUBACK with a code of PUBREL", 5, { type: 4, packetIdentifier: 1, reasonCode: 0x92 }],
  ["[MQTT-3.5.2-1] PUBREC with a code of PUBREL", 5, { type: 5, packetIdentifier: 1, reasonCode: 0x92 }],
  ["[MQTT-3.6.2-1] PUBREL with a code of PUBACK", 5, { type: 6, packetIdentifier: 1, reasonCode: 0x10 }],
  ["[MQTT-3.7.2-1] PUBCOMP with a code of PUBACK", 5, { type: 7, packetIdentifier: 1, reasonCode: 0x10 }],

  ["[MQTT-2.2.1-3] SUBSCRIBE 5.0 with Packet Identifier 0", 5, subscribe({}, { packetIdentifier: 0 })],
  ["[3.1.1 MQTT-2.3.1-1] SUBSCRIBE 3.1.1 with Packet Identifier 0", 4, subscribe({}, { packetIdentifier: 0 })],
  ["[MQTT-3.8.3-2] SUBSCRIBE 5.0 without filters", 5, subscribe({}, { subscriptions: [] })],
  ["[3.1.1 MQTT-3.8.3-3] SUBSCRIBE 3.1.1 without filters", 4, subscribe({}, { subscriptions: [] })],
  ["[MQTT-4.7.3-1] SUBSCRIBE 5.0 with an empty filter", 5, subscribe({ topicFilter: "" })],
  ["[3.1.1 MQTT-4.7.3-1] SUBSCRIBE 3.1.1 with an empty filter", 4, subscribe({ topicFilter: "" })],
  ["[MQTT-3.8.3-1] SUBSCRIBE 5.0 with a lone surrogate", 5, subscribe({ topicFilter: "\ud800" })],
  ["[3.1.1 MQTT-3.8.3-1] SUBSCRIBE 3.1.1 with a lone surrogate", 4, subscribe({ topicFilter: "\ud800" })],
  ["[MQTT-4.7.3-2] SUBSCRIBE 5.0 with U+0000", 5, subscribe({ topicFilter: "\0" })],
  ["[3.1.1 MQTT-4.7.3-2] SUBSCRIBE 3.1.1 with U+0000", 4, subscribe({ topicFilter: "\0" })],
  ["[MQTT-4.7.3-3] SUBSCRIBE 5.0 with a filter of 65536 bytes", 5, subscribe({ topicFilter: long })],
  ["[3.1.1 MQTT-4.7.3-3] SUBSCRIBE 3.1.1 with a filter of 65536 bytes", 4, subscribe({ topicFilter: long })],
  ["SUBSCRIBE with QoS 3", 5, subscribe({ qos: 3 as never })],
  ["[3.1.1 MQTT-3.8.3-4] SUBSCRIBE 3.1.1 with QoS 3", 4, subscribe({ qos: 3 as never })],
  ["SUBSCRIBE with Retain Handling 3", 5, subscribe({ retainHandling: 3 as never })],
  ["No Local in 3.1.1", 4, subscribe({ noLocal: true })],
  ["Retain As Published in 3.1.1", 4, subscribe({ retainAsPublished: true })],
  ["Retain Handling in 3.1.1", 4, subscribe({ retainHandling: 1 })],
  ["[MQTT-3.8.3-4] No Local on a Shared Subscription", 5, subscribe({ topicFilter: "$share/g/t", noLocal: true })],
  [
    "SUBSCRIBE with two Subscription Identifiers",
    5,
    subscribe({}, { properties: { subscriptionIdentifiers: [1, 2] } }),
  ],
  ["SUBSCRIBE properties in 3.1.1", 4, subscribe({}, { properties: {} })],

  ["SUBACK without codes", 5, { type: 9, packetIdentifier: 1, reasonCodes: [] }],
  ["SUBACK with Packet Identifier 0", 5, { type: 9, packetIdentifier: 0, reasonCodes: [0] }],
  ["[MQTT-3.9.3-2] SUBACK 5.0 with code 3", 5, { type: 9, packetIdentifier: 1, reasonCodes: [0, 3] }],
  [
    "[3.1.1 MQTT-3.9.3-2] SUBACK 3.1.1 with a Reason Code of 5.0",
    4,
    { type: 9, packetIdentifier: 1, reasonCodes: [0x87] },
  ],
  ["SUBACK 3.1 with a failure", 3, { type: 9, packetIdentifier: 1, reasonCodes: [0x80] }],
  ["SUBACK properties in 3.1.1", 4, { type: 9, packetIdentifier: 1, reasonCodes: [0], properties: {} }],

  [
    "[MQTT-2.2.1-3] UNSUBSCRIBE 5.0 with Packet Identifier 0",
    5,
    { type: 10, packetIdentifier: 0, topicFilters: ["a"] },
  ],
  ["[MQTT-3.10.3-2] UNSUBSCRIBE 5.0 without filters", 5, { type: 10, packetIdentifier: 1, topicFilters: [] }],
  ["[3.1.1 MQTT-3.10.3-2] UNSUBSCRIBE 3.1.1 without filters", 4, { type: 10, packetIdentifier: 1, topicFilters: [] }],
  ["[MQTT-3.10.3-1] UNSUBSCRIBE 5.0 with U+0000", 5, { type: 10, packetIdentifier: 1, topicFilters: ["\0"] }],
  [
    "[3.1.1 MQTT-3.10.3-1] UNSUBSCRIBE 3.1.1 with a lone surrogate",
    4,
    { type: 10, packetIdentifier: 1, topicFilters: ["\ud800"] },
  ],
  ["UNSUBSCRIBE with an empty filter", 5, { type: 10, packetIdentifier: 1, topicFilters: [""] }],
  ["UNSUBSCRIBE properties in 3.1.1", 4, { type: 10, packetIdentifier: 1, topicFilters: ["a"], properties: {} }],

  ["UNSUBACK 5.0 without codes", 5, { type: 11, packetIdentifier: 1, reasonCodes: [] }],
  ["UNSUBACK with Packet Identifier 0", 4, { type: 11, packetIdentifier: 0, reasonCodes: [] }],
  ["[MQTT-3.11.3-2] UNSUBACK with a code of SUBACK", 5, { type: 11, packetIdentifier: 1, reasonCodes: [1] }],
  ["UNSUBACK properties in 3.1.1", 4, { type: 11, packetIdentifier: 1, reasonCodes: [], properties: {} }],

  ["[MQTT-3.14.2-1] DISCONNECT with a code of CONNACK", 5, { type: 14, reasonCode: 0x86 }],
  ["DISCONNECT with Bad authentication method", 5, { type: 14, reasonCode: 0x8c }],
  ["a Reason Code in DISCONNECT 3.1.1", 4, { type: 14, reasonCode: 4 }],
  ["properties in DISCONNECT 3.1.1", 4, { type: 14, reasonCode: 0, properties: {} }],
];

describe("the encoder refuses", () => {
  for (const [name, version, packet] of rows) {
    it(name, () => {
      const refusal = expect.objectContaining({ name: "EncodeError", code: "TIDINGS_INVALID_PACKET" });
      const target = new Uint8Array(64);
      const offset = 8;
      expect(() => packetLength(packet, version)).toThrow(refusal);
      expect(() => encodePacket(packet, version)).toThrow(refusal);
      expect(() => writePacket(packet, version, target, offset)).toThrow(refusal);
      expect(target.subarray(0, offset).every((byte) => byte === 0)).toBe(true);
    });
  }

  it("nothing of the longest strings and binary fields", () => {
    const text = "a".repeat(65_535);
    const bytes = new Uint8Array(65_535);
    const packet = connect({ clientIdentifier: text, userName: text, password: bytes });
    expect(encodePacket(packet, 5).length).toBe(4 + 11 + 3 * 65_537);
  });

  it("a target that is too short, and leaves it as it is", () => {
    const packet = publish({ topicName: "topic" });
    const target = new Uint8Array(packetLength(packet, 5) + 2);
    expect(writePacket(packet, 5, target, 2)).toBe(target.length);
    target.fill(0);
    expect(() => writePacket(packet, 5, target, 3)).toThrow(
      expect.objectContaining({ code: "TIDINGS_INVALID_PACKET" }),
    );
    expect(() => writePacket(packet, 5, target, -1)).toThrow(
      expect.objectContaining({ code: "TIDINGS_INVALID_PACKET" }),
    );
    expect(target.every((byte) => byte === 0)).toBe(true);
  });
});

describe("the encoder leaves out", () => {
  it("properties that are undefined", () => {
    const packet = publish({ properties: { contentType: undefined, topicAlias: 1, userProperties: [] } });
    expect([...encodePacket(packet, 5)]).toEqual([0x30, 7, 0, 1, 0x74, 3, 0x23, 0, 1]);
  });

  it("Session Present in 3.1 and the codes of UNSUBACK before 5.0, which have no room", () => {
    expect([...encodePacket({ type: 2, sessionPresent: true, reasonCode: 0 }, 3)]).toEqual([0x20, 2, 0, 0]);
    expect([...encodePacket({ type: 11, packetIdentifier: 1, reasonCodes: [0] }, 4)]).toEqual([0xb0, 2, 0, 1]);
  });
});
