/** `authorizeReceive`: whatever a client has subscribed to, it gets what it may receive, on every way a message can take. */
import { PacketType, ReasonCode } from "@tidings/packet";
import { MemorySessionStore } from "@tidings/session";
import { describe, expect, test } from "vitest";
import { persistentClient } from "./conformance/persistent-client.js";
import type { BrokerHooks, HookHost, Principal } from "./index.js";
import { BrokerHarness, type TestClient } from "./testing/index.js";

/** "guest" gets nothing below "secret/" until it is trusted. */
class Guard implements BrokerHooks {
  readonly asked: [string, string][] = [];
  trusted = false;
  private host: HookHost | undefined;

  onAttach(host: HookHost): void {
    this.host = host;
  }

  authorizeReceive({ clientIdentifier }: Principal, topicName: string): ReasonCode | undefined {
    this.asked.push([clientIdentifier, topicName]);
    const refused = clientIdentifier === "guest" && topicName.startsWith("secret/") && !this.trusted;
    return refused ? ReasonCode.NotAuthorized : undefined;
  }

  trust(trusted: boolean): void {
    this.trusted = trusted;
    this.host?.permissionsChanged();
  }
}

function guarded(options: ConstructorParameters<typeof BrokerHarness>[0] = {}) {
  const guard = new Guard();
  return { guard, harness: new BrokerHarness({ ...options, hooks: [guard] }) };
}

function acknowledgeAll(client: TestClient): string[] {
  const payloads: string[] = [];
  for (;;) {
    const messages = client.messages();
    if (messages.length === 0) return payloads;
    for (const { payload, packetIdentifier } of messages) {
      payloads.push(new TextDecoder().decode(payload));
      if (packetIdentifier !== undefined) client.acknowledge(PacketType.PUBACK, packetIdentifier);
    }
  }
}

describe.each([3, 4, 5] as const)("authorizeReceive for protocol level %i", (protocolVersion) => {
  test.each([0, 1, 2] as const)("keeps a topic from one client at QoS %i and leaves the others alone", (qos) => {
    const { harness } = guarded();
    const guest = harness.connected({ clientIdentifier: "guest", protocolVersion }).subscribed("#");
    const member = harness.connected({ clientIdentifier: "member", protocolVersion }).subscribed("#");
    const publisher = harness.connected({ protocolVersion });
    publisher.publish("secret/a", "x", { qos }).publish("open/a", "y", { qos });
    expect(guest.payloads()).toEqual(["y"]);
    expect(member.payloads()).toEqual(["x", "y"]);
    expect(guest.connection.inFlightMessages).toBe(qos === 0 ? 0 : 1);
  });

  test("holds for overlapping subscriptions and for an exact one", () => {
    const { harness } = guarded();
    const guest = harness.connected({ clientIdentifier: "guest", protocolVersion });
    guest.subscribed("#").subscribed("secret/+").subscribed("secret/a");
    harness.connected().publish("secret/a", "x", { qos: 1 });
    expect(guest.take()).toEqual([]);
  });

  test("holds for retained messages", () => {
    const { harness, guard } = guarded();
    harness.connected().publish("secret/a", "x", { retain: true }).publish("open/a", "y", { retain: true, qos: 1 });
    const guest = harness.connected({ clientIdentifier: "guest", protocolVersion }).subscribed("#");
    expect(guest.payloads()).toEqual(["y"]);
    guard.trust(true);
    expect(guest.subscribed("secret/a").payloads()).toEqual(["x"]);
  });

  test("holds for wills", () => {
    const { harness } = guarded();
    const guest = harness.connected({ clientIdentifier: "guest", protocolVersion }).subscribed("#");
    for (const topic of ["secret/will", "open/will"]) {
      const payload = new TextEncoder().encode(topic);
      harness.connected({ will: { topic, payload, qos: 1, retain: false } }).drop();
    }
    expect(guest.payloads()).toEqual(["open/will"]);
  });

  test("holds for a client that is away, and queues nothing for it that it may not have", () => {
    const { harness } = guarded({ queuedMessagesMax: 1 });
    persistentClient(harness, protocolVersion, "guest").subscribed("#").drop();
    const publisher = harness.connected();
    publisher
      .publish("secret/a", "x", { qos: 1 })
      .publish("open/a", "y", { qos: 1 })
      .publish("secret/b", "z", { qos: 1 });
    expect(acknowledgeAll(persistentClient(harness, protocolVersion, "guest"))).toEqual(["y"]);
    expect(harness.broker.droppedMessages["queue-full"]).toBe(0);
  });

  test("holds for what was queued before it was forbidden", () => {
    const { harness, guard } = guarded();
    guard.trust(true);
    persistentClient(harness, protocolVersion, "guest").subscribed("#").drop();
    harness.connected().publish("secret/a", "x", { qos: 1 }).publish("open/a", "y", { qos: 1 });
    guard.trust(false);
    expect(acknowledgeAll(persistentClient(harness, protocolVersion, "guest"))).toEqual(["y"]);
    expect(harness.broker.droppedMessages["not-permitted"]).toBe(1);
    expect(harness.broker.droppedMessages["too-large"]).toBe(0);
  });

  test("holds for what was in flight before it was forbidden", () => {
    const { harness, guard } = guarded();
    guard.trust(true);
    const first = persistentClient(harness, protocolVersion, "guest").subscribed("#");
    harness.connected().publish("secret/a", "x", { qos: 1 }).publish("open/a", "y", { qos: 1 });
    expect(first.payloads()).toEqual(["x", "y"]);
    first.drop();
    guard.trust(false);
    expect(acknowledgeAll(persistentClient(harness, protocolVersion, "guest"))).toEqual(["y"]);
  });
});

describe("authorizeReceive", () => {
  test.each(["round-robin", "random", "sticky", "least-in-flight"] as const)(
    "makes a shared subscription choose another member: %s",
    (sharedSubscriptionStrategy) => {
      const { harness, guard } = guarded({ sharedSubscriptionStrategy });
      const guest = harness.connected({ clientIdentifier: "guest" }).subscribed("$share/group/#");
      const member = harness.connected({ clientIdentifier: "member" }).subscribed("$share/group/#");
      const publisher = harness.connected();
      for (let i = 0; i < 8; i++) publisher.publish("secret/a", `${i}`);
      expect(guest.take()).toEqual([]);
      expect(member.messages()).toHaveLength(8);
      guard.trust(true);
      member.drop();
      publisher.publish("secret/a", "now");
      expect(guest.payloads()).toEqual(["now"]);
    },
  );

  test("gives a shared message to nobody when no member may have it", () => {
    const { harness } = guarded();
    const guest = harness.connected({ clientIdentifier: "guest" }).subscribed("$share/group/#");
    const publisher = harness.connected().publish("secret/a", "x", { qos: 1 });
    expect(guest.take()).toEqual([]);
    expect(publisher.takeFirst(PacketType.PUBACK).reasonCode).toBe(0);
  });

  test("holds for what a member leaves behind", () => {
    const { harness } = guarded();
    const guest = harness.connected({ clientIdentifier: "guest" }).subscribed("$share/group/#");
    const member = harness.connected({ clientIdentifier: "member" }).subscribed("$share/group/#");
    harness.connected().publish("secret/a", "x", { qos: 1 });
    expect(member.payloads()).toEqual(["x"]);
    member.drop(); // its session ends, and what it has not acknowledged goes to another member
    expect(guest.take()).toEqual([]);
    expect(harness.broker.droppedMessages["session-ended"]).toBe(1);
  });

  test("takes effect at once when permissions change", () => {
    const { harness, guard } = guarded();
    const guest = harness.connected({ clientIdentifier: "guest" }).subscribed("#");
    const publisher = harness.connected();
    for (const trusted of [false, true, false]) {
      guard.trust(trusted);
      publisher.publish("secret/a", `${trusted}`).publish("secret/a", `${trusted}`);
    }
    expect(guest.payloads()).toEqual(["true", "true"]);
  });

  test("is asked once for a topic, not for each message", () => {
    const { harness, guard } = guarded();
    harness.connected({ clientIdentifier: "a" }).subscribed("t");
    const publisher = harness.connected();
    for (let i = 0; i < 2; i++) publisher.publish("t"); // a topic is remembered from the second time on
    guard.asked.length = 0;
    for (let i = 0; i < 10; i++) publisher.publish("t");
    expect(guard.asked).toEqual([]);
  });

  test("loses nothing of a session from a store: it is asked about when its client is back", async () => {
    const store = new MemorySessionStore();
    const before = new BrokerHarness({ store });
    persistentClient(before, 5, "guest").subscribed("#");
    before.endTurn();
    const guard = new Guard();
    const after = new BrokerHarness({ store, hooks: [guard] });
    await after.broker.recover(after.nowMs);
    after.connected().publish("secret/a", "x", { qos: 1 }).publish("open/a", "y", { qos: 1 });
    expect(guard.asked).toEqual([]);
    expect(acknowledgeAll(persistentClient(after, 5, "guest"))).toEqual(["y"]);
  });

  test("refuses when it fails, and says so", () => {
    const failures: unknown[] = [];
    const authorizeReceive = (): never => {
      throw new Error("broken");
    };
    const observer = { failure: (_client: unknown, error: unknown) => void failures.push((error as Error).message) };
    const harness = new BrokerHarness({ hooks: [{ authorizeReceive }], observer });
    const client = harness.connected().subscribed("t");
    harness.connected().publish("t");
    expect(client.take()).toEqual([]);
    expect(failures).toEqual(["broken"]);
  });

  test("does not concern the host process", () => {
    const { harness, guard } = guarded();
    const heard: string[] = [];
    harness.broker.subscribeLocally("#", { onMessage: ({ topicName }) => void heard.push(topicName) });
    harness.connected().publish("secret/a");
    expect(heard).toEqual(["secret/a"]);
    expect(guard.asked).toEqual([]);
  });
});
