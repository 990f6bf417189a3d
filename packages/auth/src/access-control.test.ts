/** Access control in a broker: what is answered, what is delivered, and what a change does to clients that are there. */

import { BrokerHarness, type TestClient } from "@tidings/broker/testing";
import { PacketType, ReasonCode, type SubscribePacket } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { accessControl } from "./access-control.js";
import type { Access } from "./access-policy.js";
import { CachedAccess } from "./cached-access.js";

function codesOf(client: TestClient, ...topicFilters: string[]): number[] {
  const packet: SubscribePacket = {
    type: PacketType.SUBSCRIBE,
    packetIdentifier: client.packetIdentifier(),
    subscriptions: topicFilters.map((topicFilter) => ({
      topicFilter,
      qos: 2,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 0,
    })),
  };
  return client.send(packet).takeFirst(PacketType.SUBACK).reasonCodes;
}

describe.each([3, 4, 5] as const)("rules, protocol level %i", (protocolVersion) => {
  const rules = [
    { allow: "all", users: "root" },
    { deny: "receive", topics: "secret/#" },
    { allow: "subscribe", topics: "#", maximumQoS: 1 },
    { allow: "publish", topics: "own/%u" },
  ] as const;
  const harness = () => new BrokerHarness({ hooks: [accessControl({ rules })] });

  test("answer what a client may publish", () => {
    const broker = harness();
    const root = broker.connected({ userName: "root", protocolVersion }).subscribed("#");
    const anna = broker.connected({ userName: "anna", protocolVersion });
    anna.publish("own/anna", "yes", { qos: 1 }).publish("own/bert", "no", { qos: 1 });
    const answers = anna.take().map((packet) => "reasonCode" in packet && packet.reasonCode);
    expect(answers).toEqual([0, protocolVersion === 5 ? ReasonCode.NotAuthorized : 0]);
    expect(root.payloads()).toEqual(["yes"]);
  });

  test("answer what it may subscribe to, in part and with less", () => {
    const anna = harness().connected({ userName: "anna", protocolVersion });
    const refusal = { 3: 2, 4: 0x80, 5: ReasonCode.NotAuthorized }[protocolVersion];
    expect(codesOf(anna, "a/#", "$SYS/#", "$share/group/a", "$share/group/$SYS/x")).toEqual([1, refusal, 1, refusal]);
  });

  test("hold against a subscription to everything", () => {
    const broker = harness();
    const root = broker.connected({ userName: "root", protocolVersion });
    root.publish("secret/kept", "kept", { retain: true });
    const anna = broker.connected({ userName: "anna", protocolVersion }).subscribed("#").subscribed("secret/kept");
    root.publish("secret/a", "secret").publish("open", "open", { qos: 1 });
    expect(anna.payloads()).toEqual(["open"]);
  });

  test("hold for the will", () => {
    const will = (topic: string) => ({ topic, payload: new Uint8Array(), qos: 0 as const, retain: false });
    const broker = harness();
    const refused = broker.connect({ userName: "anna", protocolVersion, will: will("own/bert") });
    expect(refused.takeFirst(PacketType.CONNACK).reasonCode).toBe(protocolVersion === 5 ? ReasonCode.NotAuthorized : 5);
    broker.connected({ userName: "anna", protocolVersion, will: will("own/anna") });
  });
});

test("rules are asked first, then the ACL file", () => {
  const access = accessControl({ rules: [{ deny: "publish", topics: "a" }], aclFile: "topic a\ntopic b" });
  const client = new BrokerHarness({ hooks: [access] }).connected();
  const answer = (topicName: string) =>
    client.publish(topicName, "", { qos: 1 }).takeFirst(PacketType.PUBACK).reasonCode < 0x80;
  expect(["a", "b", "c"].map(answer)).toEqual([false, true, false]);
});

test("nothing configured is no opinion, and an empty list denies everything", () => {
  const answer = (access: ReturnType<typeof accessControl>) => {
    const client = new BrokerHarness({ hooks: [access] }).connected();
    return client.publish("a", "", { qos: 1 }).takeFirst(PacketType.PUBACK).reasonCode < 0x80;
  };
  expect(answer(accessControl())).toBe(true);
  expect(answer(accessControl({ rules: [] }))).toBe(false);
  expect(answer(accessControl({ aclFile: "" }))).toBe(false);
});

test("what replaces it holds at once for clients that are connected, and a mistake changes nothing", () => {
  const access = accessControl({ aclFile: "topic a" });
  const harness = new BrokerHarness({ hooks: [access] });
  const reader = harness.connected().subscribed("#");
  const writer = harness.connected();
  const received = () => {
    for (const topicName of ["a", "b", "a", "b"]) writer.publish(topicName, topicName);
    return reader.payloads();
  };
  expect(received()).toEqual(["a", "a"]);
  access.replace({ aclFile: "topic b" });
  expect(received()).toEqual(["b", "b"]);
  expect(() => access.replace({ aclFile: "topic" })).toThrow();
  expect(received()).toEqual(["b", "b"]);
  access.replace({});
  expect(received()).toEqual(["a", "b", "a", "b"]);
});

test("clients with permissions of their own are bound by these alone", () => {
  const access = accessControl({ rules: [] });
  const base = { clientIdentifier: "c", userName: "anna", groups: [], claims: undefined, peer: undefined };
  expect(access.authorizeReceive({ ...base, permissions: undefined }, "a")).toBe(ReasonCode.NotAuthorized);
  expect(access.authorizeReceive({ ...base, permissions: { publish: [], subscribe: [] } }, "a")).toBe(undefined);
});

describe("decisions", () => {
  function counting(): { access: Access; asked: string[] } {
    const asked: string[] = [];
    const access: Access = {
      publish: (topicName, qos, retain) => asked.push(`${topicName} ${qos} ${retain}`) > 0 && qos < 2,
      receive: (topicName) => asked.push(topicName) > 0 && topicName !== "no",
      subscribe: () => 2,
    };
    return { access, asked };
  }

  test("are made once for each question", () => {
    const { access, asked } = counting();
    const cached = new CachedAccess(access, 10);
    for (let i = 0; i < 3; i++) {
      expect(cached.publish("t", 0, false)).toBe(true);
      expect(cached.publish("t", 0, true)).toBe(true);
      expect(cached.publish("t", 2, true)).toBe(false);
      expect(cached.receive("t")).toBe(true);
      expect(cached.receive("no")).toBe(false);
    }
    expect(asked).toEqual(["t 0 false", "t 0 true", "t 2 true", "t", "no"]);
  });

  test("are forgotten when there are too many, or the topic is long", () => {
    const { access, asked } = counting();
    const cached = new CachedAccess(access, 2);
    for (const topicName of ["a", "b", "c", "b", "c", "a"]) cached.receive(topicName);
    expect(asked).toEqual(["a", "b", "c", "a"]);
    const long = "x".repeat(200);
    cached.receive(long);
    cached.receive(long);
    expect(asked.slice(4)).toEqual([long, long]);
  });
});
