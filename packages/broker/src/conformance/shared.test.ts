/** Shared Subscriptions (MQTT 5.0 section 4.8.2), which clients of 3.1 and 3.1.1 may use as well. */
import { PacketType, ReasonCode } from "@tidings/packet";
import { MemorySessionStore } from "@tidings/session";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

/** How many PUBLISH packets each client has received since the last look. */
function counts(...clients: TestClient[]): number[] {
  return clients.map((client) => client.messages().length);
}

describe.each([3, 4, 5] as const)("a shared subscription of protocol level %i", (protocolVersion) => {
  test("gives each message to one member, each group its own, beside whoever subscribed alone", () => {
    const harness = new BrokerHarness();
    const members = [1, 2, 3].map(() => harness.connected({ protocolVersion }).subscribed("$share/g/a/b"));
    const otherName = harness.connected({ protocolVersion }).subscribed("$share/h/a/b");
    const otherFilter = harness.connected({ protocolVersion }).subscribed("$share/g/a/+");
    const alone = harness.connected({ protocolVersion }).subscribed("a/b");
    const publisher = harness.connected({ protocolVersion });
    for (let i = 0; i < 6; i++) publisher.publish("a/b", "", { qos: (i % 3) as 0 | 1 | 2 });
    expect(members.reduce((sum, member) => sum + member.messages().length, 0)).toBe(6);
    expect(counts(otherName, otherFilter, alone)).toEqual([6, 6, 6]);
  });

  test("gives a client a message for each of its groups and one for its own subscriptions", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion }).subscribed("$share/g/a").subscribed("$share/h/a");
    client.subscribed("a").subscribed("+");
    harness.connected({ protocolVersion }).publish("a");
    expect(counts(client)).toEqual([3]);
  });

  test("has its filter behind the Share Name: $share/g//finance matches /finance", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion }).subscribed("$share/g//finance");
    const publisher = harness.connected({ protocolVersion }).publish("finance").publish("g//finance");
    expect(counts(client)).toEqual([0]);
    publisher.publish("/finance");
    expect(counts(client)).toEqual([1]);
  });

  test("may have wildcards", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion }).subscribed("$share/g/a/+").subscribed("$share/g/b/#");
    const publisher = harness.connected({ protocolVersion });
    for (const topic of ["a/1", "a", "a/1/2", "b", "b/1/2"]) publisher.publish(topic);
    expect(client.messages().map(({ topicName }) => topicName)).toEqual(["a/1", "b", "b/1/2"]);
  });

  test("counts its member once, however often it subscribes, with the options of the last time", () => {
    const harness = new BrokerHarness();
    const one = harness.connected({ protocolVersion }).subscribed("$share/g/a").subscribed("$share/g/a", { qos: 0 });
    const two = harness.connected({ protocolVersion }).subscribed("$share/g/a");
    expect(harness.broker.subscriptionCount).toBe(2);
    const publisher = harness.connected({ protocolVersion });
    for (let i = 0; i < 4; i++) publisher.publish("a", "", { qos: 1 });
    expect(one.messages().map(({ qos }) => qos)).toEqual([0, 0]);
    expect(two.messages().map(({ qos }) => qos)).toEqual([1, 1]);
  });

  test("ends for a member that unsubscribes, and with the last one", () => {
    const harness = new BrokerHarness();
    const one = harness.connected({ protocolVersion }).subscribed("$share/g/a");
    const two = harness.connected({ protocolVersion }).subscribed("$share/g/a");
    const publisher = harness.connected({ protocolVersion });
    const topicFilters = ["$share/g/a"];
    one.send({ type: PacketType.UNSUBSCRIBE, packetIdentifier: 9, topicFilters });
    publisher.publish("a").publish("a");
    expect(counts(one, two)).toEqual([0, 2]);
    two.send({ type: PacketType.UNSUBSCRIBE, packetIdentifier: 9, topicFilters });
    publisher.publish("a");
    expect(counts(one, two)).toEqual([0, 0]);
    expect(counts(one.subscribed("$share/g/a"))).toEqual([0]);
    publisher.publish("a");
    expect(counts(one, two)).toEqual([1, 0]);
  });

  test("[MQTT-4.8.2-3] delivers at the lower of the published QoS and the one granted to the member", () => {
    const harness = new BrokerHarness();
    const members = ([0, 1, 2] as const).map((qos) => {
      return harness.connected({ protocolVersion }).subscribed("$share/g/a", { qos });
    });
    const publisher = harness.connected({ protocolVersion });
    for (const qos of [0, 1, 2] as const) {
      for (let i = 0; i < 3; i++) publisher.publish("a", "", { qos });
      expect(members.map((member) => member.messages().map((message) => message.qos))).toEqual([
        [0],
        [Math.min(1, qos)],
        [qos],
      ]);
    }
  });

  test("[MQTT-4.8.2-4] completes a delivery of QoS 2 to the member that it was begun with, before PUBREC and behind it", () => {
    const harness = new BrokerHarness({ sharedSubscriptionStrategy: "sticky" });
    const chosen = persistentClient(harness, protocolVersion, "chosen").subscribed("$share/g/a");
    const other = persistentClient(harness, protocolVersion, "other").subscribed("$share/g/a");
    harness.connected({ protocolVersion }).publish("a", "x", { qos: 2 });
    const packetIdentifier = chosen.messages()[0].packetIdentifier as number;
    chosen.drop();
    const second = persistentClient(harness, protocolVersion, "chosen");
    expect(second.messages()).toEqual([expect.objectContaining({ qos: 2, dup: true, packetIdentifier })]);
    second.acknowledge(PacketType.PUBREC, packetIdentifier);
    expect(second.takeFirst(PacketType.PUBREL).packetIdentifier).toBe(packetIdentifier);
    second.drop();
    const third = persistentClient(harness, protocolVersion, "chosen");
    expect(third.take()).toEqual([expect.objectContaining({ type: PacketType.PUBREL, packetIdentifier })]);
    third.acknowledge(PacketType.PUBCOMP, packetIdentifier);
    expect(third.connection.inFlightMessages).toBe(0);
    expect(other.take()).toEqual([]);
  });

  test("[MQTT-4.8.2-5] gives a message of QoS 2 to nobody else when the session that it was begun with ends", () => {
    for (const withPubrec of [false, true]) {
      const harness = new BrokerHarness({ sharedSubscriptionStrategy: "sticky" });
      const chosen = persistentClient(harness, protocolVersion, "chosen").subscribed("$share/g/a");
      const other = harness.connected({ protocolVersion }).subscribed("$share/g/a");
      harness.connected({ protocolVersion }).publish("a", "x", { qos: 2 });
      const packetIdentifier = chosen.messages()[0].packetIdentifier as number;
      if (withPubrec) chosen.acknowledge(PacketType.PUBREC, packetIdentifier);
      chosen.drop();
      harness.connected({ protocolVersion, clientIdentifier: "chosen" }); // Clean Start ends the session
      harness.advance(10_000);
      expect(other.take()).toEqual([]);
      expect(other.connection.queuedMessages).toBe(0);
    }
  });

  test("hands messages on when a session ends: those of QoS 1, begun or not, and what had not been begun", () => {
    const harness = new BrokerHarness({ sharedSubscriptionStrategy: "sticky", inFlightMessagesMax: 1 });
    const chosen = persistentClient(harness, protocolVersion, "chosen").subscribed("$share/g/a");
    const other = harness.connected({ protocolVersion }).subscribed("$share/g/a", { qos: 1 });
    const publisher = harness.connected({ protocolVersion });
    publisher.publish("a", "1", { qos: 1 }).publish("a", "2", { qos: 2 }).publish("a", "3", { qos: 1 });
    expect(chosen.payloads()).toEqual(["1"]);
    chosen.drop();
    expect(other.take()).toEqual([]);
    harness.connected({ protocolVersion, clientIdentifier: "chosen" });
    const received: string[] = [];
    while (other.received.length > 0) {
      for (const { payload, dup, qos, packetIdentifier } of other.messages()) {
        received.push(new TextDecoder().decode(payload));
        expect([dup, qos]).toEqual([false, 1]);
        other.acknowledge(PacketType.PUBACK, packetIdentifier as number);
      }
    }
    expect(received).toEqual(["1", "2", "3"]);
    expect(harness.broker.droppedMessages["session-ended"]).toBe(0);
  });

  test("counts what nobody is left for when a session ends", () => {
    const harness = new BrokerHarness();
    const client = persistentClient(harness, protocolVersion, "c").subscribed("$share/g/a");
    harness.connected({ protocolVersion }).publish("a", "x", { qos: 1 });
    client.drop();
    harness.connected({ protocolVersion, clientIdentifier: "c" });
    expect(harness.broker.droppedMessages["session-ended"]).toBe(1);
  });

  test("keeps for a store what is handed on", async () => {
    const store = new MemorySessionStore();
    const before = new BrokerHarness({ store, sharedSubscriptionStrategy: "sticky" });
    const chosen = persistentClient(before, protocolVersion, "chosen").subscribed("$share/g/a");
    const other = persistentClient(before, protocolVersion, "other").subscribed("$share/g/a");
    before.connected({ protocolVersion, clientIdentifier: "publisher" }).publish("a", "x", { qos: 1 });
    expect(counts(chosen, other)).toEqual([1, 0]);
    chosen.drop();
    before.connected({ protocolVersion, clientIdentifier: "chosen" });
    expect(counts(other)).toEqual([1]);
    const after = new BrokerHarness({ store });
    await after.broker.recover(after.nowMs);
    const again = persistentClient(after, protocolVersion, "other");
    expect(again.messages()).toEqual([expect.objectContaining({ topicName: "a", qos: 1, dup: true })]);
  });

  test("hands on what came back from a store", async () => {
    const store = new MemorySessionStore();
    const before = new BrokerHarness({ store, sharedSubscriptionStrategy: "sticky" });
    persistentClient(before, protocolVersion, "chosen").subscribed("$share/g/a");
    const other = persistentClient(before, protocolVersion, "other").subscribed("$share/g/a");
    before.connected({ protocolVersion, clientIdentifier: "publisher" }).publish("a", "x", { qos: 1 });
    expect(counts(other)).toEqual([0]);
    const after = new BrokerHarness({ store });
    await after.broker.recover(after.nowMs);
    const again = persistentClient(after, protocolVersion, "other");
    after.connected({ protocolVersion, clientIdentifier: "chosen" });
    expect(counts(again)).toEqual([1]);
  });

  test("chooses members without a connection only when nobody has one, and keeps messages for them then", () => {
    const strategies = ["round-robin", "random", "sticky", "least-in-flight"] as const;
    for (const sharedSubscriptionStrategy of strategies) {
      const harness = new BrokerHarness({ sharedSubscriptionStrategy });
      const names = ["one", "two", "three"];
      const clients = names.map((name) => persistentClient(harness, protocolVersion, name).subscribed("$share/g/a"));
      const publisher = harness.connected({ protocolVersion });
      clients[0].drop();
      clients[2].drop();
      for (let i = 0; i < 9; i++) publisher.publish("a", "", { qos: 1 });
      expect(counts(...clients)).toEqual([0, 9, 0]);
      clients[1].drop();
      for (let i = 0; i < 9; i++) publisher.publish("a", "", { qos: 1 });
      const later = names.map((name) => {
        const messages = persistentClient(harness, protocolVersion, name).messages();
        return messages.filter(({ dup }) => !dup).length;
      });
      expect([sharedSubscriptionStrategy, later[0] + later[1] + later[2]]).toEqual([sharedSubscriptionStrategy, 9]);
    }
  });

  test("takes up its members again from a store", async () => {
    const store = new MemorySessionStore();
    const before = new BrokerHarness({ store });
    for (const name of ["one", "two"]) persistentClient(before, protocolVersion, name).subscribed("$share/g/a");
    const after = new BrokerHarness({ store });
    await after.broker.recover(after.nowMs);
    const clients = ["one", "two"].map((name) => persistentClient(after, protocolVersion, name));
    const publisher = after.connected({ protocolVersion, clientIdentifier: "publisher" });
    for (let i = 0; i < 4; i++) publisher.publish("a");
    expect(counts(...clients)).toEqual([2, 2]);
  });

  test("[MQTT-4.8.2-1] [MQTT-4.8.2-2] is not made for a Share Name that is empty, has a wildcard, or has no filter behind it", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion });
    const filters = ["$share//a", "$share/", "$share/g", "$share/g/", "$share/+/a", "$share/#/a", "$share/g+/a"];
    for (const filter of [...filters, "$share/+g/a", "$share/g#/a", "$share/#"]) {
      client.subscribe(filter, { qos: 1 });
      const refusal = { 3: 1, 4: 0x80, 5: ReasonCode.TopicFilterInvalid }[protocolVersion];
      expect([filter, client.takeFirst(PacketType.SUBACK).reasonCodes]).toEqual([filter, [refusal]]);
    }
    expect(harness.broker.subscriptionCount).toBe(0);
  });
});

test("clients of all versions share one subscription", () => {
  const harness = new BrokerHarness();
  const members = ([3, 4, 5] as const).map((protocolVersion) => {
    return harness.connected({ protocolVersion }).subscribed("$share/g/a", { qos: 1 });
  });
  const publisher = harness.connected();
  for (let i = 0; i < 6; i++) publisher.publish("a", "", { qos: 1, properties: { contentType: "text" } });
  const received = members.map((member) => member.messages().map(({ properties }) => properties?.contentType));
  expect(received).toEqual([
    [undefined, undefined],
    [undefined, undefined],
    ["text", "text"],
  ]);
});

describe("a shared subscription of 5.0", () => {
  test("[MQTT-4.8.2-6] discards a message that its member refused with PUBACK or PUBREC of 0x80 and above", () => {
    for (const qos of [1, 2] as const) {
      const harness = new BrokerHarness({ sharedSubscriptionStrategy: "sticky" });
      const chosen = persistentClient(harness, 5, "chosen").subscribed("$share/g/a");
      const other = harness.connected().subscribed("$share/g/a");
      harness.connected().publish("a", "x", { qos });
      const packetIdentifier = chosen.messages()[0].packetIdentifier as number;
      const type = qos === 1 ? PacketType.PUBACK : PacketType.PUBREC;
      chosen.acknowledge(type, packetIdentifier, ReasonCode.ImplementationSpecificError);
      expect(chosen.take()).toEqual([]);
      expect(chosen.connection.inFlightMessages).toBe(0);
      chosen.drop();
      harness.connected({ clientIdentifier: "chosen" });
      expect(other.take()).toEqual([]);
    }
  });

  test("sends the chosen member's Subscription Identifier, and no other", () => {
    const harness = new BrokerHarness();
    const one = harness.connected().subscribed("$share/g/a", { subscriptionIdentifier: 1 });
    const two = harness.connected().subscribed("$share/g/a", { subscriptionIdentifier: 2 });
    const none = harness.connected().subscribed("$share/g/a").subscribed("a", { subscriptionIdentifier: 3 });
    const publisher = harness.connected();
    for (let i = 0; i < 3; i++) publisher.publish("a");
    const identifiers = (client: TestClient): unknown[] => {
      return client.messages().map(({ properties }) => properties?.subscriptionIdentifiers);
    };
    expect(identifiers(one)).toEqual([[1]]);
    expect(identifiers(two)).toEqual([[2]]);
    expect(identifiers(none).sort()).toEqual([[3], [3], [3], undefined]);
  });

  test("[MQTT-3.3.1-12] [MQTT-3.3.1-13] keeps RETAIN as its member wants it, also for what is handed on", () => {
    const harness = new BrokerHarness({ sharedSubscriptionStrategy: "sticky" });
    const chosen = persistentClient(harness, 5, "chosen").subscribed("$share/g/a", { retainAsPublished: true });
    const other = persistentClient(harness, 5, "other").subscribed("$share/g/a");
    const publisher = harness.connected().publish("a", "x", { qos: 1, retain: true });
    expect(chosen.messages().map(({ retain }) => retain)).toEqual([true]);
    chosen.drop();
    harness.connected({ clientIdentifier: "chosen" });
    expect(other.messages().map(({ retain }) => retain)).toEqual([false]);
    harness.connected().subscribed("$share/g/a", { retainAsPublished: true });
    publisher.publish("a", "y", { qos: 1, retain: true });
    expect(other.messages().map(({ retain }) => retain)).toEqual([false]);
  });

  test("hands on with the identifier and the QoS of the new member", () => {
    const harness = new BrokerHarness({ sharedSubscriptionStrategy: "sticky" });
    const chosen = persistentClient(harness, 5, "chosen").subscribed("$share/g/a", { subscriptionIdentifier: 1 });
    const other = harness.connected().subscribed("$share/g/a", { subscriptionIdentifier: 2, qos: 0 });
    harness.connected().publish("a", "x", { qos: 1 });
    chosen.drop();
    harness.connected({ clientIdentifier: "chosen" });
    expect(other.messages()).toEqual([
      expect.objectContaining({ qos: 0, properties: { subscriptionIdentifiers: [2] } }),
    ]);
  });

  test("[MQTT-3.3.2-5] [MQTT-3.3.2-6] hands on what is left of Message Expiry Interval, and nothing that has expired", () => {
    const harness = new BrokerHarness();
    const chosen = harness.connected({
      clientIdentifier: "chosen",
      cleanStart: false,
      properties: { sessionExpiryInterval: 20 },
    });
    chosen.subscribed("$share/g/a").drop();
    const publisher = harness.connected();
    publisher.publish("a", "short", { qos: 1, properties: { messageExpiryInterval: 10 } });
    publisher.publish("a", "long", { qos: 1, properties: { messageExpiryInterval: 100 } });
    const other = harness.connected().subscribed("$share/g/a");
    harness.advance(21_000);
    expect(other.messages()).toEqual([expect.objectContaining({ properties: { messageExpiryInterval: 80 } })]);
    expect(harness.broker.droppedMessages.expired).toBe(1);
  });
});
