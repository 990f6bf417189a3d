/** The properties of a CONNACK that accepts (section 3.2.2.3): told when they differ from what absence means. */
import { type ConnackPacket, PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { BrokerOptions } from "../broker-options.js";
import { BrokerHarness, type ConnectOptions } from "../testing/index.js";

function connackOf(options: BrokerOptions = {}, connect: ConnectOptions = {}): ConnackPacket {
  return new BrokerHarness(options).connect(connect).takeFirst(PacketType.CONNACK);
}

describe("what a property says", () => {
  test("is left out where its absence says the same", () => {
    const options = { receiveMaximum: 65_535, topicAliasMaximum: 0 };
    expect(connackOf(options, { properties: { sessionExpiryInterval: 60 }, keepAlive: 60 })).toEqual({
      type: PacketType.CONNACK,
      sessionPresent: false,
      reasonCode: ReasonCode.Success,
      // Its absence would say that there is no limit.
      properties: { maximumPacketSize: 1_048_576 },
    });
  });

  test("is told where it differs", () => {
    const options: BrokerOptions = {
      receiveMaximum: 7,
      topicAliasMaximum: 3,
      maximumPacketSize: 5000,
      maximumQoS: 1,
      retainAvailable: false,
      wildcardSubscriptionAvailable: false,
      subscriptionIdentifierAvailable: false,
      sharedSubscriptionAvailable: false,
      sessionExpiryIntervalMax: 30,
      keepAliveMax: 20,
    };
    expect(connackOf(options, { properties: { sessionExpiryInterval: 60 }, keepAlive: 60 }).properties).toEqual({
      receiveMaximum: 7,
      topicAliasMaximum: 3,
      maximumPacketSize: 5000,
      maximumQoS: 1,
      retainAvailable: false,
      wildcardSubscriptionAvailable: false,
      subscriptionIdentifierAvailable: false,
      sharedSubscriptionAvailable: false,
      sessionExpiryInterval: 30,
      serverKeepAlive: 20,
    });
  });

  test("Session Expiry Interval and Server Keep Alive are absent where the client's wish stands", () => {
    const options = { sessionExpiryIntervalMax: 60, keepAliveMax: 60 };
    const { properties } = connackOf(options, { properties: { sessionExpiryInterval: 60 }, keepAlive: 60 });
    expect(properties?.sessionExpiryInterval).toBeUndefined();
    expect(properties?.serverKeepAlive).toBeUndefined();
    const absent = connackOf(options, { keepAlive: 30 }).properties;
    expect(absent?.sessionExpiryInterval).toBeUndefined();
    expect(absent?.serverKeepAlive).toBeUndefined();
  });

  test("Assigned Client Identifier is there for an empty one alone", () => {
    expect(connackOf({}, { clientIdentifier: "mine" }).properties?.assignedClientIdentifier).toBeUndefined();
    expect(connackOf({}, { clientIdentifier: "" }).properties?.assignedClientIdentifier).toMatch(/^auto-/);
  });
});

describe("Maximum QoS", () => {
  test.each([0, 1] as const)("[MQTT-3.2.2-9] %i is told", (maximumQoS) => {
    expect(connackOf({ maximumQoS }).properties?.maximumQoS).toBe(maximumQoS);
  });

  test("[MQTT-3.2.2-9] 2 is told by absence", () => {
    expect(connackOf({ maximumQoS: 2 }).properties).not.toHaveProperty("maximumQoS");
  });

  test("[MQTT-3.2.2-10] SUBSCRIBE may ask for any QoS all the same, and is granted less", () => {
    for (const maximumQoS of [0, 1] as const) {
      const harness = new BrokerHarness({ maximumQoS });
      const client = harness.connected();
      for (const qos of [0, 1, 2] as const) {
        client.subscribe(`t/${qos}`, { qos });
        expect(client.takeFirst(PacketType.SUBACK).reasonCodes).toEqual([Math.min(qos, maximumQoS)]);
      }
      expect(client.isClosed).toBe(false);
    }
  });
});

describe("Response Information", () => {
  const options = { responseInformation: (clientIdentifier: string) => `answers/${clientIdentifier}` };
  const clientIdentifier = "c";

  test("[MQTT-3.1.2-28] is not told to a client that did not ask, or asked not to be told", () => {
    expect(connackOf(options).properties).not.toHaveProperty("responseInformation");
    const connect = { properties: { requestResponseInformation: false } };
    expect(connackOf(options, connect).properties).not.toHaveProperty("responseInformation");
  });

  test("is told to a client that asks, if there is any", () => {
    const connect = { clientIdentifier, properties: { requestResponseInformation: true } };
    expect(connackOf(options, connect).properties?.responseInformation).toBe("answers/c");
    expect(connackOf({}, connect).properties).not.toHaveProperty("responseInformation");
  });

  test("is made for the assigned identifier", () => {
    const connect = { clientIdentifier: "", properties: { requestResponseInformation: true } };
    const { properties } = connackOf(options, connect);
    expect(properties?.responseInformation).toBe(`answers/${properties?.assignedClientIdentifier}`);
  });
});

describe("a client that goes beyond what CONNACK told is disconnected, and told why", () => {
  const cases: [string, BrokerOptions, (harness: BrokerHarness) => ReturnType<BrokerHarness["connected"]>, number][] = [
    ["Maximum QoS", { maximumQoS: 1 }, (harness) => harness.connected().publish("t", "", { qos: 2 }), 0x9b],
    ["Maximum QoS 0", { maximumQoS: 0 }, (harness) => harness.connected().publish("t", "", { qos: 1 }), 0x9b],
    [
      "Retain Available",
      { retainAvailable: false },
      (harness) => harness.connected().publish("t", "", { retain: true }),
      0x9a,
    ],
    [
      "Topic Alias Maximum",
      { topicAliasMaximum: 2 },
      (harness) => harness.connected().publish("t", "", { properties: { topicAlias: 3 } }),
      0x94,
    ],
    [
      "no Topic Alias Maximum",
      { topicAliasMaximum: 0 },
      (harness) => harness.connected().publish("t", "", { properties: { topicAlias: 1 } }),
      0x94,
    ],
    [
      "Receive Maximum",
      { receiveMaximum: 1 },
      (harness) => harness.connected().publish("t", "", { qos: 2 }).publish("t", "", { qos: 2 }),
      0x93,
    ],
    [
      "Maximum Packet Size",
      { maximumPacketSize: 50 },
      (harness) => harness.connected().publish("t", "x".repeat(50)),
      0x95,
    ],
  ];

  test.each(cases)("[MQTT-4.13.1-1] %s", (_name, options, misbehave, reasonCode) => {
    const harness = new BrokerHarness(options);
    const client = misbehave(harness);
    expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(reasonCode);
    expect(client.isClosed).toBe(true);
    expect([...harness.broker.clients()]).toEqual([]);
  });
});
