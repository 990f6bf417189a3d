/** What a client does wrong, and what becomes of its connection (MQTT 5.0 section 4.13; 3.1.1 section 4.8). */
import { PacketType, type ProtocolVersion, ReasonCode } from "@tidings/packet";
import { MemorySessionStore } from "@tidings/session";
import { describe, expect, test } from "vitest";
import type { BrokerOptions } from "../broker-options.js";
import { BrokerHarness, type TestClient } from "../testing/index.js";

const will = { topic: "will", payload: new Uint8Array(0), qos: 0, retain: false } as const;

const malformed = ReasonCode.MalformedPacket;
const wrong = ReasonCode.ProtocolError;

type Case = readonly [name: string, input: readonly number[] | Uint8Array, reasonCodes: readonly ReasonCode[]];

/** The same bytes in 3.1.1 and 5.0. */
const inBoth: readonly Case[] = [
  ["packet type 0", [0x00, 0x00], [malformed]],
  ["a Remaining Length of five bytes", [0xc0, 0x80, 0x80, 0x80, 0x80, 0x01], [malformed]],
  ["PINGREQ with flags", [0xc1, 0x00], [malformed]],
  ["PINGREQ with a body", [0xc0, 0x01, 0x00], [malformed]],
  ["SUBSCRIBE without its flags", [0x80, 0x00], [malformed]],
  ["UNSUBSCRIBE without its flags", [0xa0, 0x00], [malformed]],
  ["PUBREL without its flags", [0x60, 0x02, 0x00, 0x01], [malformed]],
  ["PUBLISH at QoS 3", [0x36, 0x05, 0x00, 0x01, 0x74, 0x00, 0x01], [malformed]],
  ["PUBLISH cut short", [0x30, 0x01, 0x00], [malformed]],
  ["PUBLISH to a topic with a wildcard", encoded([0x00, 0x01, 0x23]), [malformed, wrong, ReasonCode.TopicNameInvalid]],
  ["PUBLISH to a topic that is not UTF-8", encoded([0x00, 0x01, 0xff]), [malformed, ReasonCode.TopicNameInvalid]],
  ["PUBACK cut short", [0x40, 0x01, 0x00], [malformed]],
  ["PUBACK for identifier 0", [0x40, 0x02, 0x00, 0x00], [malformed, wrong]],
  ["CONNACK, which is not for clients", [0x20, 0x02, 0x00, 0x00], [wrong]],
  ["SUBACK, which is not for clients", [0x90, 0x03, 0x00, 0x01, 0x00], [wrong]],
  ["UNSUBACK, which is not for clients", [0xb0, 0x02, 0x00, 0x01], [wrong]],
  ["PINGRESP, which is not for clients", [0xd0, 0x00], [wrong]],
];

/** PUBLISH at QoS 0 with a topic field; a property length of 0 is a payload byte in 3.1.1. */
function encoded(topic: readonly number[]): number[] {
  return [0x30, topic.length + 1, ...topic, 0x00];
}

const shared = [..."$share/g/t"].map((character) => character.charCodeAt(0));

const in5: readonly Case[] = [
  ["a SUBSCRIBE that asks for QoS 3", [0x82, 0x07, 0, 1, 0, 0, 1, 0x74, 0x03], [wrong, malformed]],
  ["a SUBSCRIBE with Retain Handling 3", [0x82, 0x07, 0, 1, 0, 0, 1, 0x74, 0x30], [wrong, malformed]],
  ["a SUBSCRIBE with reserved option bits", [0x82, 0x07, 0, 1, 0, 0, 1, 0x74, 0x40], [malformed]],
  ["a SUBSCRIBE without a filter", [0x82, 0x03, 0, 1, 0], [wrong]],
  ["No Local on a shared subscription", [0x82, 0x10, 0, 1, 0, 0, 10, ...shared, 0x04], [wrong]],
  ["a property twice", [0x30, 0x08, 0, 1, 0x74, 4, 0x01, 0, 0x01, 0], [wrong]],
  ["an unknown property", [0x30, 0x06, 0, 1, 0x74, 2, 0x7f, 0], [malformed]],
  ["a property of another packet", [0x30, 0x09, 0, 1, 0x74, 5, 0x11, 0, 0, 0, 1], [malformed]],
  ["a Subscription Identifier in PUBLISH", [0x30, 0x06, 0, 1, 0x74, 2, 0x0b, 1], [wrong]],
  ["Topic Alias 0", [0x30, 0x07, 0, 1, 0x74, 3, 0x23, 0, 0], [ReasonCode.TopicAliasInvalid]],
  ["a Topic Alias that was never set", [0x30, 0x06, 0, 0, 3, 0x23, 0, 1], [wrong, ReasonCode.TopicAliasInvalid]],
  ["a code that PUBACK does not have", [0x40, 0x03, 0, 1, 0x01], [wrong]],
];

/** A client with a will, a witness, and what the client sends behind its error. */
function misbehave(
  protocolVersion: ProtocolVersion,
  input: readonly number[] | Uint8Array,
): { harness: BrokerHarness; client: TestClient; witness: TestClient } {
  const harness = new BrokerHarness();
  const witness = harness.connected().subscribed("will");
  const client = harness.connected({ protocolVersion, will, clientIdentifier: "c" });
  client.sendBytes([...input, 0xc0, 0x00]).sendBytes([0xc0, 0x00]);
  return { harness, client, witness };
}

describe("an error of the client", () => {
  test.each([...inBoth, ...in5])(
    "[MQTT-4.13.1-1] [MQTT-4.13.2-1] in 5.0, %s: DISCONNECT says why, then the close",
    (_name, input, reasonCodes) => {
      const { harness, client, witness } = misbehave(5, input);
      const farewell = client.takeFirst(PacketType.DISCONNECT);
      expect(reasonCodes).toContain(farewell.reasonCode);
      expect(farewell.properties?.reasonString).toBeTruthy();
      expect(client.take()).toEqual([]);
      expect(client.isClosed).toBe(true);
      expect(harness.broker.client("c")).toBeUndefined();
      // The witness is not concerned, but learns of the will.
      expect(witness.messages()).toHaveLength(1);
      expect(witness.isClosed).toBe(false);
    },
  );

  test.each(inBoth)("[3.1.1 MQTT-4.8.0-1] in 3.1.1, %s: the close", (_name, input) => {
    const { harness, client, witness } = misbehave(4, input);
    expect(client.take()).toEqual([]);
    expect(client.isClosed).toBe(true);
    expect(harness.broker.client("c")).toBeUndefined();
    expect(witness.messages()).toHaveLength(1);
    expect(witness.isClosed).toBe(false);
  });

  test("is told to the observer", () => {
    const codes: unknown[] = [];
    const observer: BrokerOptions["observer"] = {
      protocolError: (client, error) => void codes.push([client.clientIdentifier, error.reasonCode]),
    };
    const harness = new BrokerHarness({ observer });
    harness.connected({ clientIdentifier: "c" }).sendBytes([0x00, 0x00]);
    harness.connected({ clientIdentifier: "d", protocolVersion: 4 }).sendBytes([0xd0, 0x00]);
    expect(codes).toEqual([
      ["c", malformed],
      ["d", wrong],
    ]);
  });
});

describe("an error of the broker's own", () => {
  /** A store that fails for one topic filter. */
  function failing(): BrokerHarness {
    const store = new MemorySessionStore();
    const putSubscription = store.putSubscription.bind(store);
    store.putSubscription = (clientIdentifier, subscription) => {
      if (subscription.topicFilter === "fails") throw new Error("the disk is full");
      putSubscription(clientIdentifier, subscription);
    };
    return new BrokerHarness({ store });
  }

  test("[3.1.1 MQTT-4.8.0-2] over a packet closes the connection that sent it", () => {
    const harness = failing();
    const other = harness.connected({ protocolVersion: 4, cleanStart: false }).subscribed("t");
    const client = harness.connected({ protocolVersion: 4, clientIdentifier: "c", cleanStart: false, will });
    client.subscribe("fails");
    expect(client.take()).toEqual([]);
    expect(client.isClosed).toBe(true);
    harness.connected().publish("t", "goes on");
    expect(other.payloads()).toEqual(["goes on"]);
  });

  test("[MQTT-4.13.2-1] over a packet is told a 5.0 client as 0x80, then the close", () => {
    const properties = { sessionExpiryInterval: 60 };
    const client = failing().connected({ properties }).subscribe("fails");
    expect(client.take()).toEqual([{ type: PacketType.DISCONNECT, reasonCode: ReasonCode.UnspecifiedError }]);
    expect(client.isClosed).toBe(true);
  });
});

describe("a store that fails when the connection ends", () => {
  test("[3.1.1 MQTT-4.8.0-2] [MQTT-4.13.2-1] does not keep the connection open, and is the observer's to hear of", () => {
    const failures: unknown[] = [];
    const store = new MemorySessionStore();
    store.putSession = ({ clientIdentifier }) => {
      if (clientIdentifier === "c") throw new Error("the disk is full");
    };
    const observer = { failure: (_client: unknown, error: unknown) => void failures.push(error) };
    const harness = new BrokerHarness({ store, observer });
    const before5 = harness.connect({ protocolVersion: 4, clientIdentifier: "c", cleanStart: false });
    expect(before5.isClosed).toBe(true);
    expect(before5.bytes).toEqual([]);
    const client = harness.connect({ clientIdentifier: "c", properties: { sessionExpiryInterval: 60 } });
    expect(client.take()).toMatchObject([{ type: PacketType.CONNACK, reasonCode: ReasonCode.UnspecifiedError }]);
    expect(client.isClosed).toBe(true);
    expect(failures).not.toEqual([]);
  });
});

describe("an answer with an error code concerns its request alone", () => {
  const hooks: BrokerOptions["hooks"] = [
    {
      authorizePublish: () => ReasonCode.NotAuthorized,
      authorizeSubscribe: (_client, { topicFilter }) =>
        topicFilter === "refused" ? ReasonCode.NotAuthorized : undefined,
    },
  ];

  test.each([3, 4, 5] as const)("at protocol level %i: the connection goes on", (protocolVersion) => {
    const client = new BrokerHarness({ hooks }).connected({ protocolVersion });
    client.publish("t", "", { qos: 1 }).publish("t", "", { qos: 2 }).publish("t", "");
    client.subscribe("refused").subscribe("allowed").send({ type: PacketType.PINGREQ });
    expect(client.isClosed).toBe(false);
    expect(client.take().map(({ type }) => type)).toEqual([
      PacketType.PUBACK,
      PacketType.PUBREC,
      PacketType.SUBACK,
      PacketType.SUBACK,
      PacketType.PINGRESP,
    ]);
  });

  test("also when the client gives it", () => {
    const harness = new BrokerHarness();
    const client = harness.connected().subscribed("t", { qos: 2 });
    harness.connected().publish("t", "", { qos: 1 }).publish("t", "", { qos: 2 });
    client.acknowledge(PacketType.PUBACK, 1, ReasonCode.QuotaExceeded);
    client.acknowledge(PacketType.PUBREC, 2, ReasonCode.NotAuthorized);
    expect(client.connection.inFlightMessages).toBe(0);
    expect(client.isClosed).toBe(false);
  });
});
