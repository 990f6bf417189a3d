/** Clients behind a mount point see one branch of the topics as if it were all of them. */
import { PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { mountPointProblem } from "./listener-facts.js";
import { BrokerHarness, type TestClient } from "./testing/index.js";

const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);
const listener = { name: "tenants", mountPoint: "tenant/a/" };

/** What came, by topic and payload. */
const seen = (client: TestClient): [string, string][] =>
  client.messages().map(({ topicName, payload }): [string, string] => [topicName, text(payload)]);

describe.each([4, 5] as const)("a mount point, protocol level %i", (protocolVersion) => {
  const start = () => {
    const harness = new BrokerHarness();
    const outside = harness.connected({ protocolVersion }).subscribed("#");
    const inside = harness.connected({ protocolVersion, listener });
    return { harness, outside, inside };
  };

  test("stands before what its clients publish, at every QoS", () => {
    const { outside, inside } = start();
    inside.publish("x", "0").publish("x/y", "1", { qos: 1 }).publish("z", "2", { qos: 2 });
    expect(inside.takeFirst(PacketType.PUBACK).reasonCode ?? 0).toBe(0);
    expect(seen(outside)).toEqual([
      ["tenant/a/x", "0"],
      ["tenant/a/x/y", "1"],
      ["tenant/a/z", "2"],
    ]);
  });

  test("is taken away from what they get, and hides the rest", () => {
    const { harness, outside, inside } = start();
    const other = harness.connected({ protocolVersion, listener: { mountPoint: "tenant/b/" } }).subscribed("#");
    inside.subscribed("#").subscribed("+/y", { qos: 1 });
    outside.publish("tenant/a/x", "in", { qos: 1 }).publish("tenant/b/x", "other").publish("x", "out");
    outside.publish("tenant/a", "the branch itself");
    inside.publish("q/y", "own");
    expect(seen(inside)).toEqual([
      ["x", "in"],
      ["q/y", "own"],
    ]);
    expect(seen(other)).toEqual([["x", "other"]]);
  });

  test("holds for retained messages, wills, shared subscriptions and what waits for a session", () => {
    const { harness, inside } = start();
    inside.publish("kept", "retained", { retain: true, qos: 1 });
    const late = harness.connected({ protocolVersion, listener }).subscribed("#");
    expect(seen(late)).toEqual([["kept", "retained"]]);
    const member = harness.connected({ protocolVersion, listener }).subscribed("$share/g/work/#");
    inside.publish("work/1", "job");
    expect(seen(member)).toEqual([["work/1", "job"]]);
    const will = { topic: "gone", payload: new Uint8Array([0x78]), qos: 0 as const, retain: false };
    harness.connected({ protocolVersion, listener, will }).drop();
    expect(seen(late).slice(1)).toEqual([["gone", "x"]]);
    const properties = protocolVersion === 5 ? { sessionExpiryInterval: 100 } : undefined;
    const sleeper = { protocolVersion, clientIdentifier: "sleeper", cleanStart: false, listener, properties };
    harness.connected(sleeper).subscribed("news", { qos: 1 }).drop();
    inside.publish("news", "while away", { qos: 1 });
    expect(seen(harness.connected(sleeper))).toEqual([["news", "while away"]]);
  });

  test("a session that was elsewhere before gets nothing from outside", () => {
    const { harness, outside } = start();
    const properties = protocolVersion === 5 ? { sessionExpiryInterval: 100 } : undefined;
    const mover = { protocolVersion, clientIdentifier: "mover", cleanStart: false, properties };
    harness.connected(mover).subscribed("#", { qos: 1 }).drop();
    outside.publish("x", "queued outside", { qos: 1 }).publish("tenant/a/x", "queued inside", { qos: 1 });
    const moved = harness.connected({ ...mover, listener });
    outside.publish("y", "outside", { qos: 1 }).publish("y", "outside").publish("tenant/a/y", "inside");
    expect(seen(moved)).toEqual([
      ["x", "queued inside"],
      ["y", "inside"],
    ]);
  });

  test("unsubscribing takes the same names", () => {
    const { outside, inside } = start();
    inside.subscribed("x");
    inside.send({ type: PacketType.UNSUBSCRIBE, packetIdentifier: 9, topicFilters: ["x"] });
    outside.publish("tenant/a/x");
    expect(seen(inside)).toEqual([]);
  });

  test("there are no topics that begin with a dollar sign", () => {
    const { outside, inside } = start();
    inside.subscribed("#");
    inside.publish("$mine", "1", { qos: 1 }).publish("$SYS/x", "2", { qos: 1 });
    const codes = [inside.takeFirst(PacketType.PUBACK), inside.takeFirst(PacketType.PUBACK)];
    const refused = protocolVersion === 5 ? ReasonCode.NotAuthorized : undefined;
    expect(codes.map(({ reasonCode }) => reasonCode || undefined)).toEqual([refused, refused]);
    expect([...seen(outside), ...seen(inside)]).toEqual([]);
  });

  test("an invalid filter stays invalid, and a name that gets too long is refused", () => {
    const { inside } = start();
    inside.subscribe("a/#/b");
    expect(inside.takeFirst(PacketType.SUBACK).reasonCodes).toEqual([protocolVersion === 5 ? 0x8f : 0x80]);
    inside.publish("x".repeat(65_530));
    expect(inside.isClosed).toBe(true);
    if (protocolVersion === 5) {
      expect(inside.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(ReasonCode.TopicNameInvalid);
    }
  });
});

test("Response Topics are mounted too, and other properties pass", () => {
  const harness = new BrokerHarness();
  const asker = harness.connected({ listener }).subscribed("answers/#");
  const service = harness.connected({ listener }).subscribed("ask");
  const outside = harness.connected().subscribed("tenant/a/ask");
  const properties = {
    responseTopic: "answers/1",
    correlationData: Uint8Array.of(7),
    messageExpiryInterval: 60,
    userProperties: [["a", "b"] as [string, string]],
  };
  asker.publish("ask", "?", { properties });
  const [question] = service.messages();
  expect(question.properties).toMatchObject(properties);
  expect(outside.messages()[0].properties).toMatchObject({ ...properties, responseTopic: "tenant/a/answers/1" });
  service.publish(question.properties?.responseTopic as string, "!");
  expect(seen(asker)).toEqual([["answers/1", "!"]]);
});

test("Topic Aliases work in both directions", () => {
  const harness = new BrokerHarness();
  const inside = harness.connected({ listener, properties: { topicAliasMaximum: 5 } }).subscribed("sensors/#");
  const sender = harness.connected({ listener });
  sender.publish("sensors/long/name", "1", { properties: { topicAlias: 1 } });
  sender.publish("", "2", { properties: { topicAlias: 1 } });
  sender.publish("", "3", { properties: { topicAlias: 1 } });
  const messages = inside.messages();
  expect(messages.map(({ payload }) => text(payload))).toEqual(["1", "2", "3"]);
  const alias = messages.findIndex(({ topicName }) => topicName === "");
  expect(alias).toBeGreaterThan(0);
  expect(messages.slice(0, alias).every(({ topicName }) => topicName === "sensors/long/name")).toBe(true);
});

test("hooks see whole names", () => {
  const asked: string[] = [];
  const harness = new BrokerHarness({
    hooks: [
      {
        authorizePublish: ({ message, client }) => void asked.push(`${client?.listener?.name} ${message.topicName}`),
        authorizeSubscribe: (_client, { topicFilter }) => void asked.push(topicFilter),
      },
    ],
  });
  harness.connected({ listener }).publish("x").subscribed("$share/g/y");
  expect(asked).toEqual(["tenants tenant/a/x", "$share/g/tenant/a/y"]);
});

test.each([
  ["tenant", 'does not end with "/"'],
  ["+/", "contains a wildcard or a null character"],
  ["a/#/", "contains a wildcard or a null character"],
  ["$SYS/", 'begins with "$"'],
  ["a/", undefined],
])("the mount point %j: %s", (mountPoint, problem) => {
  expect(mountPointProblem(mountPoint)).toBe(problem);
});
