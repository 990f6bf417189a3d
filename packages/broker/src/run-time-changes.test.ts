/** What a listener has of its own, and what can change while the broker runs. */
import { PacketType, type ProtocolVersion, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { Principal } from "./principal.js";
import { BrokerHarness } from "./testing/index.js";

describe("a listener's own facts", () => {
  test.each([
    [3, 1],
    [4, 1],
    [5, ReasonCode.UnsupportedProtocolVersion],
  ] as [ProtocolVersion, number][])("[MQTT-3.1.2-2] version %i is refused where it is not wanted", (version, code) => {
    const harness = new BrokerHarness();
    const others = ([3, 4, 5] as ProtocolVersion[]).filter((other) => other !== version);
    const refused = harness.connect({ protocolVersion: version, listener: { protocolVersions: others } });
    expect(refused.takeFirst(PacketType.CONNACK).reasonCode).toBe(code);
    expect(refused.isClosed).toBe(true);
    harness.connected({ protocolVersion: others[0], listener: { protocolVersions: others } });
  });

  test("limits hold in place of the broker's, and CONNACK announces them", () => {
    const harness = new BrokerHarness();
    const listener = {
      maximumQoS: 1 as const,
      limits: { maximumPacketSize: 200, receiveMaximum: 3, topicAliasMaximum: 2, keepAliveMax: 30 },
    };
    const client = harness.connect({ listener });
    expect(client.takeFirst(PacketType.CONNACK).properties).toMatchObject({
      maximumPacketSize: 200,
      maximumQoS: 1,
      receiveMaximum: 3,
      topicAliasMaximum: 2,
      serverKeepAlive: 30,
    });
    client.subscribe("x", { qos: 2 });
    expect(client.takeFirst(PacketType.SUBACK).reasonCodes).toEqual([1]);
    client.publish("x", new Uint8Array(300));
    expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(ReasonCode.PacketTooLarge);
    harness.connected().publish("x", new Uint8Array(300));
  });

  test("a QoS above a listener's is an error there", () => {
    const client = new BrokerHarness().connected({ listener: { maximumQoS: 0 } });
    client.publish("x", "", { qos: 1 });
    expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(ReasonCode.QoSNotSupported);
  });

  test("its time for CONNECT is its own", () => {
    const harness = new BrokerHarness();
    const hasty = harness.open(5, { limits: { connectTimeoutMs: 1000 } });
    const patient = harness.open(5);
    harness.advance(2000);
    expect([hasty.isClosed, patient.isClosed]).toEqual([true, false]);
  });
});

describe("Broker.updateLimits", () => {
  test("holds for connections to come; those there keep what was announced", () => {
    const harness = new BrokerHarness();
    const before = harness.connected();
    harness.broker.updateLimits({ maximumPacketSize: 100 });
    const after = harness.connect();
    expect(after.takeFirst(PacketType.CONNACK).properties?.maximumPacketSize).toBe(100);
    before.publish("x", new Uint8Array(500), { qos: 1 });
    expect(before.isClosed).toBe(false);
    after.publish("x", new Uint8Array(500));
    expect(after.isClosed).toBe(true);
  });

  test("holds for queues, retained messages and counts at once", () => {
    const harness = new BrokerHarness();
    const sleeper = { clientIdentifier: "s", properties: { sessionExpiryInterval: 100 } };
    harness.connected(sleeper).subscribed("q", { qos: 1 }).drop();
    const client = harness.connected();
    for (let i = 0; i < 5; i++) client.publish("q", `${i}`, { qos: 1 });
    harness.broker.updateLimits({ queuedMessagesMax: 3, retainedMessagesMax: 1, subscriptionsMax: 1 });
    client.publish("q", "5", { qos: 1 });
    expect(harness.broker.droppedMessages["queue-full"]).toBe(1);
    client.publish("r/1", "x", { retain: true }).publish("r/2", "x", { retain: true });
    expect(harness.broker.retainedMessageCount).toBe(1);
    client.take();
    client.subscribe("a").subscribe("b");
    expect(client.take().map((packet) => "reasonCodes" in packet && packet.reasonCodes)).toEqual([[2], [0x97]]);
    expect(harness.broker.limits).toMatchObject({ queuedMessagesMax: 3, queuedBytesMax: 16 * 1_048_576 });
  });

  test.each(["topicLevelsMax", "cachedRoutesMax", "nonsense"])("does not change %s", (name) => {
    const { broker } = new BrokerHarness();
    expect(() => broker.updateLimits({ [name]: 1 })).toThrow(`${name} is no limit that can be changed`);
  });
});

test("Broker.replaceHooks takes effect for connected clients too", () => {
  const harness = new BrokerHarness();
  const client = harness.connected().subscribed("#");
  client.publish("x", "free");
  harness.broker.replaceHooks([
    {
      authenticate: () => ReasonCode.NotAuthorized,
      authorizePublish: () => ReasonCode.NotAuthorized,
      onDelivery: () => ReasonCode.NotAuthorized,
    },
  ]);
  client.publish("x", "denied", { qos: 1 });
  expect(client.takeFirst(PacketType.PUBACK).reasonCode).toBe(ReasonCode.NotAuthorized);
  harness.broker.publish({ topicName: "x", payload: "kept from it" });
  expect(harness.connect().takeFirst(PacketType.CONNACK).reasonCode).toBe(ReasonCode.NotAuthorized);
  harness.broker.replaceHooks([]);
  client.publish("x", "free again");
  harness.endTurn();
  expect(client.payloads()).toEqual(["free", "free again"]);
});

test("Broker.replaceHooks asks what connected clients may receive, and stops asking", () => {
  const harness = new BrokerHarness();
  const reader = harness.connected({ listener: { name: "front" } }).subscribed("#");
  const writer = harness.connected();
  writer.publish("secret", "1");
  const authorizeReceive = (principal: Principal, topicName: string) =>
    principal.listener?.name === "front" && topicName === "secret" ? ReasonCode.NotAuthorized : undefined;
  harness.broker.replaceHooks([{ authorizeReceive }]);
  writer.publish("secret", "2").publish("open", "3");
  harness.broker.replaceHooks([]);
  writer.publish("secret", "4");
  expect(reader.payloads()).toEqual(["1", "3", "4"]);
});
