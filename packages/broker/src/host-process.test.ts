/** What the process around the broker can do and see: publish, subscribe, look at clients, subscriptions and counters. */
import { PacketType, ReasonCode } from "@tidings/packet";
import { MemorySessionStore } from "@tidings/session";
import { describe, expect, test } from "vitest";
import { persistentClient } from "./conformance/persistent-client.js";
import type { ApplicationMessage, BrokerHooks, IncomingPublish, LocalDelivery, PublishResult } from "./index.js";
import { BrokerHarness } from "./testing/index.js";

/** What a local subscription received: topic, payload as text, QoS, RETAIN. */
class Inbox {
  readonly received: [topicName: string, payload: string, qos: number, retain: boolean][] = [];

  readonly onMessage = (message: ApplicationMessage, { qos, retain }: LocalDelivery): void => {
    this.received.push([message.topicName, new TextDecoder().decode(message.payload), qos, retain]);
  };

  take(): [topicName: string, payload: string, qos: number, retain: boolean][] {
    return this.received.splice(0);
  }
}

describe("publish", () => {
  test("goes the way of a client's PUBLISH, to clients of all versions", () => {
    const harness = new BrokerHarness();
    const clients = ([3, 4, 5] as const).map((protocolVersion) =>
      harness.connected({ protocolVersion }).subscribed("a"),
    );
    const properties = { contentType: "text", userProperties: [["k", "v"]] as [string, string][] };
    for (const qos of [0, 1, 2] as const) {
      const result = harness.broker.publish({ topicName: "a", payload: "h\u00e9", qos, properties });
      expect(result).toEqual({ reasonCode: ReasonCode.Success });
    }
    harness.endTurn();
    for (const client of clients) {
      const messages = client.messages();
      expect(messages.map(({ qos }) => qos)).toEqual([0, 1, 2]);
      for (const { payload, retain, properties: passed } of messages) {
        expect([new TextDecoder().decode(payload), retain]).toEqual(["h\u00e9", false]);
        expect(passed).toEqual(client.version === 5 ? properties : undefined);
      }
    }
  });

  test("is queued for a session without a connection, and copies what it keeps", () => {
    const harness = new BrokerHarness();
    persistentClient(harness, 5, "c").subscribed("a").drop();
    const payload = new TextEncoder().encode("before");
    harness.broker.publish({ topicName: "a", payload, qos: 1, retain: true });
    payload.fill(0x78);
    expect(persistentClient(harness, 5, "c").payloads()).toEqual(["before"]);
    expect(harness.connected().subscribed("a").payloads()).toEqual(["before"]);
  });

  test("answers 0x10 when nobody subscribes, 0x00 when a client, a group or the host does", () => {
    const { broker } = new BrokerHarness();
    const publish = (topicName: string): unknown => broker.publish({ topicName, payload: "x" });
    const inbox = new Inbox();
    broker.subscribeLocally("host", inbox);
    broker.subscribeLocally("$share/g/group", inbox);
    expect(publish("nobody")).toEqual({ reasonCode: ReasonCode.NoMatchingSubscribers });
    expect(publish("host")).toEqual({ reasonCode: ReasonCode.Success });
    expect(publish("group")).toEqual({ reasonCode: ReasonCode.Success });
  });

  test("keeps and clears retained messages", () => {
    const harness = new BrokerHarness();
    harness.broker.publish({ topicName: "a", payload: "1", retain: true });
    harness.broker.publish({ topicName: "a", payload: "2", retain: true, qos: 1 });
    expect(harness.broker.retainedMessageCount).toBe(1);
    expect(harness.connected().subscribed("a").payloads()).toEqual(["2"]);
    harness.broker.publish({ topicName: "a", payload: "", retain: true });
    expect(harness.broker.retainedMessageCount).toBe(0);
  });

  test("may go to $SYS, where clients may not", () => {
    const harness = new BrokerHarness();
    const client = harness.connected().subscribed("$SYS/#");
    harness.broker.publish({ topicName: "$SYS/broker/uptime", payload: "1" });
    harness.endTurn();
    expect(client.payloads()).toEqual(["1"]);
  });

  test("expires like every other message", () => {
    const harness = new BrokerHarness();
    persistentClient(harness, 5, "c").subscribed("a").drop();
    for (const seconds of [10, 30]) {
      const properties = { messageExpiryInterval: seconds };
      harness.broker.publish({ topicName: "a", payload: String(seconds), qos: 1, properties });
    }
    harness.advance(20_000);
    const messages = persistentClient(harness, 5, "c").messages();
    expect(messages.map(({ properties }) => properties?.messageExpiryInterval)).toEqual([10]);
  });

  test("throws for a message that cannot be: the topic, the properties, the QoS", () => {
    const { broker } = new BrokerHarness();
    for (const topicName of ["", "a/#", "+", "a\0", "a\ud800", "x".repeat(65_536)]) {
      expect(() => broker.publish({ topicName, payload: "x" }), JSON.stringify(topicName.slice(0, 9))).toThrow();
    }
    expect(() => broker.publish({ topicName: "a/".repeat(128), payload: "x" })).toThrow(
      expect.objectContaining({ code: "TIDINGS_PROTOCOL_ERROR", reasonCode: ReasonCode.TopicNameInvalid }),
    );
    expect(() => broker.publish({ topicName: "a", payload: "x", qos: 3 as never })).toThrow();
    expect(() => broker.publish({ topicName: "a", payload: "x", properties: { responseTopic: "#" } })).toThrow();
    expect(broker.retainedMessageCount).toBe(0);
  });

  test("passes the publish hooks, but needs nobody's permission", () => {
    const seen: [unknown, string, boolean][] = [];
    const hooks: BrokerHooks = {
      authorizePublish: () => ReasonCode.NotAuthorized,
      onPublish: ({ client, message, will }: IncomingPublish) => {
        seen.push([client, message.topicName, will]);
        if (message.topicName === "refused") return ReasonCode.QuotaExceeded;
        return message.topicName === "changed" ? { payload: new TextEncoder().encode("other") } : undefined;
      },
    };
    const { broker } = new BrokerHarness({ hooks: [hooks] });
    const inbox = new Inbox();
    broker.subscribeLocally("#", inbox);
    expect(broker.publish({ topicName: "a", payload: "x" })).toEqual({ reasonCode: 0 });
    expect(broker.publish({ topicName: "changed", payload: "x" })).toEqual({ reasonCode: 0 });
    expect(broker.publish({ topicName: "refused", payload: "x" })).toEqual({ reasonCode: ReasonCode.QuotaExceeded });
    expect(seen.map(([client, topicName, will]) => [client, topicName, will])).toEqual([
      [undefined, "a", false],
      [undefined, "changed", false],
      [undefined, "refused", false],
    ]);
    expect(inbox.take().map(([topicName, payload]) => [topicName, payload])).toEqual([
      ["a", "x"],
      ["changed", "other"],
    ]);
    expect(broker.droppedMessages.refused).toBe(1);
  });

  test("answers with a promise when a hook does, and not otherwise", async () => {
    const onPublish: BrokerHooks["onPublish"] = async ({ message }) => {
      await Promise.resolve();
      return message.topicName === "no" ? ReasonCode.NotAuthorized : undefined;
    };
    const harness = new BrokerHarness({ hooks: [{ onPublish }] });
    const client = harness.connected().subscribed("#");
    const answers = ["yes", "no"].map((topicName) => harness.broker.publish({ topicName, payload: "x" }));
    expect(answers.every((answer) => answer instanceof Promise)).toBe(true);
    const results = (await Promise.all(answers)) as PublishResult[];
    harness.endTurn();
    expect(results).toEqual([{ reasonCode: 0 }, { reasonCode: ReasonCode.NotAuthorized }]);
    expect(client.messages().map(({ topicName }) => topicName)).toEqual(["yes"]);
  });
});

describe("subscribeLocally", () => {
  test("gets what clients of all versions and the host publish, at no more than its QoS", () => {
    const harness = new BrokerHarness();
    const all = new Inbox();
    const least = new Inbox();
    harness.broker.subscribeLocally("a/+", all);
    harness.broker.subscribeLocally("a/+", { onMessage: least.onMessage, qos: 0 });
    for (const protocolVersion of [3, 4, 5] as const) {
      const client = harness.connected({ protocolVersion });
      client.publish("a/b", "client", { qos: 2 }).publish("b", "other");
      expect(all.take()).toEqual([["a/b", "client", 2, false]]);
      expect(least.take()).toEqual([["a/b", "client", 0, false]]);
    }
    harness.broker.publish({ topicName: "a/c", payload: "host", qos: 1 });
    expect(all.take()).toEqual([["a/c", "host", 1, false]]);
    expect(least.take()).toEqual([["a/c", "host", 0, false]]);
  });

  test("gets retained messages first, unless it wants none", () => {
    const { broker } = new BrokerHarness();
    broker.publish({ topicName: "a", payload: "kept", retain: true, qos: 1 });
    const received = ([undefined, 0, 1, 2] as const).map((retainHandling) => {
      const inbox = new Inbox();
      broker.subscribeLocally("a", { onMessage: inbox.onMessage, retainHandling });
      return inbox.take();
    });
    const kept = [["a", "kept", 1, true]];
    expect(received).toEqual([kept, kept, kept, []]);
  });

  test("gets no retained message that has expired", () => {
    const harness = new BrokerHarness();
    const client = harness.connected();
    client.publish("a", "x", { retain: true, properties: { messageExpiryInterval: 10 } });
    harness.nowMs += 10_000; // a packet comes before anything was swept
    client.send({ type: PacketType.PINGREQ });
    const inbox = new Inbox();
    harness.broker.subscribeLocally("a", inbox);
    expect(inbox.take()).toEqual([]);
    expect(harness.broker.retainedMessage("a")).toBeUndefined();
  });

  test("sees RETAIN of live messages only as Retain As Published", () => {
    const { broker } = new BrokerHarness();
    const plain = new Inbox();
    const published = new Inbox();
    broker.subscribeLocally("a", plain);
    broker.subscribeLocally("a", { onMessage: published.onMessage, retainAsPublished: true });
    broker.publish({ topicName: "a", payload: "x", retain: true });
    expect([plain.take()[0][3], published.take()[0][3]]).toEqual([false, true]);
  });

  test("may be a member of a shared subscription, beside clients", () => {
    const harness = new BrokerHarness();
    const inbox = new Inbox();
    const local = harness.broker.subscribeLocally("$share/g/a", inbox);
    const client = harness.connected().subscribed("$share/g/a");
    for (let i = 0; i < 4; i++) harness.broker.publish({ topicName: "a", payload: String(i) });
    harness.endTurn();
    expect([inbox.take().length, client.messages().length]).toEqual([2, 2]);
    local.unsubscribe();
    harness.broker.publish({ topicName: "a", payload: "x" });
    harness.endTurn();
    expect([inbox.take().length, client.messages().length]).toEqual([0, 1]);
  });

  test("ends at once, and only once", () => {
    const { broker } = new BrokerHarness();
    const inbox = new Inbox();
    const local = broker.subscribeLocally("a", inbox);
    const other = broker.subscribeLocally("a", { onMessage: () => {} });
    expect(broker.subscriptionCount).toBe(2);
    local.unsubscribe();
    local.unsubscribe();
    expect(broker.subscriptionCount).toBe(1);
    expect(broker.publish({ topicName: "a", payload: "x" })).toEqual({ reasonCode: 0 });
    expect(inbox.take()).toEqual([]);
    other.unsubscribe();
    expect(broker.subscriptionCount).toBe(0);
  });

  test("throws for a filter that cannot be, and leaves nothing behind", () => {
    const { broker } = new BrokerHarness({ topicLevelsMax: 3 });
    for (const filter of ["", "a#", "#/a", "a+", "a\0", "$share//a", "$share/g", "a/b/c/d", "$share/g/a/b/c/d"]) {
      expect(() => broker.subscribeLocally(filter, { onMessage: () => {} }), JSON.stringify(filter)).toThrow(
        expect.objectContaining({ code: "TIDINGS_PROTOCOL_ERROR", reasonCode: ReasonCode.TopicFilterInvalid }),
      );
    }
    expect([broker.subscriptionCount, [...broker.subscriptions()]]).toEqual([0, []]);
  });

  test("that throws is reported, and harms nobody", () => {
    const failures: unknown[] = [];
    const harness = new BrokerHarness({
      observer: { failure: (_client, error) => void failures.push((error as Error).message) },
    });
    harness.broker.publish({ topicName: "a", payload: "kept", retain: true });
    const onMessage = (): never => {
      throw new Error("broken");
    };
    harness.broker.subscribeLocally("a", { onMessage });
    const inbox = new Inbox();
    harness.broker.subscribeLocally("a", { onMessage: inbox.onMessage, retainHandling: 2 });
    const client = harness.connected().subscribed("a", { retainHandling: 2 });
    const publisher = harness.connected().publish("a", "live", { qos: 1 });
    expect(failures).toEqual(["broken", "broken"]);
    expect(inbox.take().length).toBe(1);
    expect(client.payloads()).toEqual(["live"]);
    expect(publisher.takeFirst(PacketType.PUBACK).reasonCode).toBe(0);
  });

  test("lends the message for the call, and for longer once it is owned", () => {
    const harness = new BrokerHarness();
    const messages: ApplicationMessage[] = [];
    const onMessage = (message: ApplicationMessage): void => {
      if (message.topicName === "kept") message.own();
      messages.push(message);
    };
    harness.broker.subscribeLocally("#", { onMessage });
    // The test client wipes what it sent.
    const properties = { contentType: "text" };
    harness.connected().publish("kept", "payload", { properties }).publish("lent", "payload", { properties });
    const [kept, lent] = messages.map((message) => new TextDecoder("latin1").decode(message.payload));
    expect(kept).toBe("payload");
    expect(lent).not.toBe("payload");
    expect(messages[0].properties).toEqual(properties);
  });

  test("may publish, subscribe and unsubscribe while it gets a message", () => {
    const { broker } = new BrokerHarness();
    const inbox = new Inbox();
    const local = broker.subscribeLocally("a", {
      onMessage: () => {
        local.unsubscribe();
        broker.subscribeLocally("b", inbox);
        broker.publish({ topicName: "b", payload: "from inside" });
        broker.publish({ topicName: "a", payload: "not again" });
      },
    });
    const behind = new Inbox();
    broker.subscribeLocally("a", behind);
    broker.publish({ topicName: "a", payload: "x" });
    expect(inbox.take().map(([, payload]) => payload)).toEqual(["from inside"]);
    expect(new Set(behind.take().map(([, payload]) => payload))).toEqual(new Set(["x", "not again"]));
  });
});

describe("clients", () => {
  test("are those that are connected now", () => {
    const harness = new BrokerHarness();
    const names = (): string[] => [...harness.broker.clients()].map(({ clientIdentifier }) => clientIdentifier);
    harness.open();
    const one = persistentClient(harness, 5, "one");
    const two = harness.connected({ clientIdentifier: "two", protocolVersion: 4 });
    expect(names()).toEqual(["one", "two"]);
    one.drop();
    expect(names()).toEqual(["two"]);
    expect(harness.broker.client("one")).toBeUndefined();
    expect(harness.broker.sessionCount).toBe(2);
    two.disconnect();
    expect([names(), harness.broker.sessionCount]).toEqual([[], 1]);
  });

  test("show who they are and how much waits for them", () => {
    const harness = new BrokerHarness({ inFlightMessagesMax: 2 });
    const client = harness.connected({
      clientIdentifier: "me",
      cleanStart: false,
      keepAlive: 30,
      userName: "user",
      properties: { sessionExpiryInterval: 60 },
    });
    client.subscribed("a");
    for (let i = 0; i < 5; i++) harness.broker.publish({ topicName: "a", payload: "x", qos: 1 });
    expect(harness.broker.client("me")).toMatchObject({
      clientIdentifier: "me",
      protocolVersion: 5,
      userName: "user",
      keepAlive: 30,
      cleanStart: false,
      sessionExpiryInterval: 60,
      peer: { name: "test" },
      isConnected: true,
      connectedAtMs: harness.nowMs,
      inFlightMessages: 2,
      queuedMessages: 3,
    });
  });

  test("can be sent away, 5.0 ones with the reason", () => {
    for (const protocolVersion of [3, 4, 5] as const) {
      const harness = new BrokerHarness();
      const client = harness.connected({ protocolVersion, clientIdentifier: "me" });
      const details = { reasonString: "maintenance" };
      harness.broker.client("me")?.disconnect(ReasonCode.AdministrativeAction, details);
      harness.endTurn();
      expect(client.isClosed).toBe(true);
      const disconnect = {
        type: PacketType.DISCONNECT,
        reasonCode: ReasonCode.AdministrativeAction,
        properties: details,
      };
      expect(client.take()).toEqual(protocolVersion === 5 ? [disconnect] : []);
      expect(harness.broker.client("me")).toBeUndefined();
    }
  });

  test("are all sent away when the broker closes, and no new ones are taken", () => {
    const harness = new BrokerHarness();
    const [five, four] = [harness.connected(), harness.connected({ protocolVersion: 4 })];
    const silent = harness.open();
    harness.broker.close(harness.nowMs);
    harness.endTurn();
    expect([five, four, silent].map(({ isClosed }) => isClosed)).toEqual([true, true, true]);
    expect(five.take()).toEqual([
      expect.objectContaining({ type: PacketType.DISCONNECT, reasonCode: ReasonCode.ServerShuttingDown }),
    ]);
    expect([...four.take(), ...silent.take()]).toEqual([]);
    expect(() => harness.open()).toThrow("no more connections");
  });

  test("are taken up to the limit of connections, those without CONNECT counted", () => {
    const harness = new BrokerHarness({ connectionsMax: 2 });
    harness.open();
    const client = harness.connected();
    expect(() => harness.open()).toThrow("no more connections");
    client.disconnect();
    harness.open();
  });
});

describe("subscriptions", () => {
  test("are those of clients, connected or not, and of the host", () => {
    const harness = new BrokerHarness();
    const client = persistentClient(harness, 5, "me");
    client.subscribed("a", { qos: 1, noLocal: true, retainAsPublished: true, subscriptionIdentifier: 7 });
    client.subscribed("$share/g/a", { qos: 0, retainHandling: 2 });
    client.drop();
    harness.connected({ protocolVersion: 4, clientIdentifier: "old" }).subscribed("b");
    harness.broker.subscribeLocally("c", { onMessage: () => {}, qos: 1 });
    const plain = { noLocal: false, retainAsPublished: false, retainHandling: 0, subscriptionIdentifier: undefined };
    expect([...harness.broker.subscriptions()]).toEqual([
      {
        clientIdentifier: "me",
        topicFilter: "a",
        qos: 1,
        noLocal: true,
        retainAsPublished: true,
        retainHandling: 0,
        subscriptionIdentifier: 7,
      },
      { clientIdentifier: "me", topicFilter: "$share/g/a", ...plain, qos: 0, retainHandling: 2 },
      { clientIdentifier: "old", topicFilter: "b", ...plain, qos: 2 },
      { clientIdentifier: undefined, topicFilter: "c", ...plain, qos: 1 },
    ]);
    expect(harness.broker.subscriptionCount).toBe(4);
  });

  test("go with their sessions", () => {
    const harness = new BrokerHarness();
    const client = harness.connected().subscribed("a").subscribed("$share/g/a").subscribed("b/#");
    expect(harness.broker.subscriptionCount).toBe(3);
    client.disconnect();
    expect([harness.broker.subscriptionCount, harness.broker.sessionCount]).toEqual([0, 0]);
    expect(harness.broker.publish({ topicName: "a", payload: "x" })).toEqual({ reasonCode: 0x10 });
  });
});

describe("retainedMessage", () => {
  test("shows what is kept for a topic", () => {
    const harness = new BrokerHarness();
    const properties = { contentType: "text", messageExpiryInterval: 100 };
    harness.connected({ clientIdentifier: "me" }).publish("a", "kept", { retain: true, qos: 1, properties });
    const message = harness.broker.retainedMessage("a");
    expect(message).toMatchObject({ topicName: "a", qos: 1, retain: true, publisherIdentifier: "me" });
    expect(new TextDecoder().decode(message?.payload)).toBe("kept");
    expect(message?.properties).toEqual(properties);
    expect(message?.expiresAtMs).toBe(harness.nowMs + 100_000);
    expect(harness.broker.retainedMessage("b")).toBeUndefined();
    expect(harness.broker.retainedMessage("+")).toBeUndefined();
  });

  test("goes when it is cleared, and when it expires", () => {
    const harness = new BrokerHarness();
    const publisher = harness.connected();
    publisher.publish("a", "x", { retain: true });
    publisher.publish("b", "x", { retain: true, properties: { messageExpiryInterval: 10 } });
    expect(harness.broker.retainedMessageCount).toBe(2);
    publisher.publish("a", "", { retain: true });
    expect(harness.broker.retainedMessage("a")).toBeUndefined();
    harness.advance(10_000);
    expect(harness.broker.retainedMessage("b")).toBeUndefined();
    expect(harness.broker.retainedMessageCount).toBe(0);
  });

  test("is there again from a store", async () => {
    const store = new MemorySessionStore();
    const before = new BrokerHarness({ store });
    before.broker.publish({ topicName: "a", payload: "kept", retain: true, qos: 2, properties: { contentType: "t" } });
    before.broker.publish({ topicName: "b", payload: "gone", retain: true });
    before.broker.publish({ topicName: "b", payload: "", retain: true });
    const after = new BrokerHarness({ store });
    await after.broker.recover(after.nowMs);
    expect(after.broker.retainedMessageCount).toBe(1);
    const message = after.broker.retainedMessage("a");
    expect([message?.qos, message?.properties]).toEqual([2, { contentType: "t" }]);
    expect(new TextDecoder().decode(message?.payload)).toBe("kept");
  });
});

describe("every dropped message is counted with its reason, and told to hook and observer", () => {
  const counting = (options: ConstructorParameters<typeof BrokerHarness>[0] = {}): [BrokerHarness, string[]] => {
    const told: string[] = [];
    const observed: string[] = [];
    const onDrop: BrokerHooks["onDrop"] = (clientIdentifier, { topicName }, reason) => {
      told.push(`${clientIdentifier} ${topicName} ${reason}`);
      expect(observed.length).toBe(told.length - 1);
    };
    const messageDropped = (clientIdentifier: string | undefined, reason: string): void => {
      observed.push(`${clientIdentifier} ${reason}`);
    };
    const hooks = [{ onDrop }, ...(options.hooks ?? [])];
    return [new BrokerHarness({ ...options, hooks, observer: { messageDropped } }), told];
  };

  test("queue-full", () => {
    const [harness, told] = counting({ queuedMessagesMax: 1 });
    persistentClient(harness, 5, "c").subscribed("a").drop();
    for (let i = 0; i < 3; i++) harness.broker.publish({ topicName: "a", payload: "x", qos: 1 });
    expect(harness.broker.droppedMessages["queue-full"]).toBe(2);
    expect(told).toEqual(["c a queue-full", "c a queue-full"]);
  });

  test("expired", () => {
    const [harness, told] = counting();
    persistentClient(harness, 5, "c").subscribed("a").drop();
    harness.broker.publish({ topicName: "a", payload: "x", qos: 1, properties: { messageExpiryInterval: 1 } });
    harness.advance(2_000);
    persistentClient(harness, 5, "c");
    expect(harness.broker.droppedMessages.expired).toBe(1);
    expect(told).toEqual(["c a expired"]);
  });

  test("too-large", () => {
    const [harness, told] = counting();
    const client = harness.connected({ clientIdentifier: "c", properties: { maximumPacketSize: 100 } }).subscribed("a");
    for (const qos of [0, 1, 2] as const) harness.broker.publish({ topicName: "a", payload: "x".repeat(100), qos });
    harness.endTurn();
    expect(client.messages()).toEqual([]);
    expect(harness.broker.droppedMessages["too-large"]).toBe(3);
    expect(told).toEqual(["c a too-large", "c a too-large", "c a too-large"]);
  });

  test("slow-consumer", () => {
    const [harness, told] = counting({ outboundHighWaterBytes: 100 });
    const client = harness.connected({ clientIdentifier: "c" }).subscribed("a");
    client.stalled = true;
    for (let i = 0; i < 3; i++) {
      harness.broker.publish({ topicName: "a", payload: "x".repeat(100) });
      harness.endTurn();
    }
    expect(harness.broker.droppedMessages["slow-consumer"]).toBe(2);
    expect(told).toEqual(["c a slow-consumer", "c a slow-consumer"]);
  });

  test("refused and not-permitted", () => {
    const hooks: BrokerHooks[] = [
      {
        authorizePublish: ({ message }) => (message.topicName === "secret" ? ReasonCode.NotAuthorized : undefined),
        onDelivery: (clientIdentifier) => (clientIdentifier === "c" ? ReasonCode.NotAuthorized : undefined),
      },
    ];
    const [harness, told] = counting({ hooks });
    const client = harness.connected({ clientIdentifier: "c" }).subscribed("#");
    const allowed = harness.connected({ clientIdentifier: "d" }).subscribed("#");
    harness.connected({ clientIdentifier: "p" }).publish("secret").publish("open");
    expect([client.messages().length, allowed.messages().length]).toEqual([0, 1]);
    expect(harness.broker.droppedMessages).toMatchObject({ refused: 1, "not-permitted": 1 });
    expect(told).toEqual(["p secret refused", "c open not-permitted"]);
  });

  test("retained-limit, where the message is delivered all the same", () => {
    const [harness, told] = counting({ retainedMessagesMax: 1 });
    const client = harness.connected().subscribed("#");
    for (const topicName of ["a", "b"]) harness.broker.publish({ topicName, payload: "x", retain: true });
    harness.endTurn();
    expect(client.messages().length).toBe(2);
    expect(harness.broker.retainedMessageCount).toBe(1);
    expect(harness.broker.droppedMessages["retained-limit"]).toBe(1);
    expect(told).toEqual(["undefined b retained-limit"]);
  });

  test("session-ended", () => {
    const [harness, told] = counting({ inFlightMessagesMax: 1 });
    persistentClient(harness, 5, "c").subscribed("a");
    for (let i = 0; i < 3; i++) harness.broker.publish({ topicName: "a", payload: "x", qos: 1 });
    harness.connected({ clientIdentifier: "c" });
    expect(harness.broker.droppedMessages["session-ended"]).toBe(3);
    expect(told).toEqual(["c a session-ended", "c a session-ended", "c a session-ended"]);
  });
});
