/** Hooks at the other end of a message's way: onDelivery, onDrop; and what wills and the host's own messages pass. */
import { PacketType, ReasonCode } from "@tidings/packet";
import { MemorySessionStore } from "@tidings/session";
import { describe, expect, test } from "vitest";
import type { BrokerOptions } from "./broker-options.js";
import type { BrokerHooks, DropReason } from "./hooks.js";
import { BrokerHarness, type ConnectOptions } from "./testing/index.js";

interface Drop {
  clientIdentifier: string | undefined;
  topicName: string;
  reason: DropReason;
}

function withHooks(hooks: BrokerHooks[], options: BrokerOptions = {}) {
  const failures: unknown[] = [];
  const drops: Drop[] = [];
  const observer = { failure: (_client: unknown, error: unknown) => void failures.push(error) };
  const onDrop: BrokerHooks["onDrop"] = (clientIdentifier, { topicName }, reason) =>
    void drops.push({ clientIdentifier, topicName, reason });
  const harness = new BrokerHarness({ hooks: [...hooks, { onDrop }], observer, ...options });
  return { harness, failures, drops };
}

const persistent = (clientIdentifier: string): ConnectOptions => ({
  clientIdentifier,
  cleanStart: false,
  properties: { sessionExpiryInterval: 60 },
});

const text = (payload: string): Uint8Array => new TextEncoder().encode(payload);

describe("onDelivery", () => {
  /** "guest" gets nothing below "secret/". */
  const guard: BrokerHooks = {
    onDelivery: (clientIdentifier, message) =>
      clientIdentifier === "guest" && message.topicName.startsWith("secret/") ? ReasonCode.NotAuthorized : undefined,
  };

  test.each([0, 1, 2] as const)("keeps a message at QoS %i from one client and leaves the others alone", (qos) => {
    const { harness, drops } = withHooks([guard]);
    const guest = harness.connected({ clientIdentifier: "guest" }).subscribed("#");
    const member = harness.connected({ clientIdentifier: "member" }).subscribed("#");
    const publisher = harness.connected().publish("secret/a", "x", { qos }).publish("open/a", "y", { qos });
    expect(guest.payloads()).toEqual(["y"]);
    expect(member.payloads()).toEqual(["x", "y"]);
    expect(guest.connection.inFlightMessages).toBe(qos === 0 ? 0 : 1);
    expect(harness.broker.droppedMessages["not-permitted"]).toBe(1);
    expect(drops).toEqual([{ clientIdentifier: "guest", topicName: "secret/a", reason: "not-permitted" }]);
    for (const answer of publisher.take()) expect(answer).toMatchObject({ reasonCode: 0 });
  });

  test("is asked for clients that are away, for retained messages and for members of a group", () => {
    const { harness } = withHooks([guard]);
    harness.connected(persistent("guest")).subscribed("secret/a").drop();
    harness.connected().publish("secret/a", "x", { qos: 1, retain: true });
    const guest = harness.connected(persistent("guest"));
    expect(guest.take()).toEqual([]);
    expect(guest.subscribed("secret/+").take()).toEqual([]);
    guest.subscribed("$share/group/secret/b");
    harness.connected().publish("secret/b", "y");
    expect(guest.take()).toEqual([]);
    expect(harness.broker.droppedMessages["not-permitted"]).toBe(4);
  });

  test("is asked once for each message, also with overlapping subscriptions", () => {
    const asked: string[] = [];
    const { harness } = withHooks([{ onDelivery: (clientIdentifier) => void asked.push(clientIdentifier) }]);
    harness.connected({ clientIdentifier: "one" }).subscribed("a").subscribed("#");
    harness.connected({ clientIdentifier: "two" }).subscribed("a");
    harness.connected().publish("a", "", { qos: 1 });
    expect(asked.sort()).toEqual(["one", "two"]);
  });

  test("any of several may refuse; one that throws does, and is reported", () => {
    const error = new Error("broken hook");
    const { harness, failures } = withHooks([
      guard,
      {
        onDelivery(clientIdentifier) {
          if (clientIdentifier === "cursed") throw error;
          return clientIdentifier === "muted" ? ReasonCode.NotAuthorized : 0;
        },
      },
    ]);
    const clients = ["cursed", "muted", "guest", "free"].map((clientIdentifier) =>
      harness.connected({ clientIdentifier }).subscribed("#"),
    );
    harness.connected().publish("secret/a", "x");
    expect(clients.map((client) => client.payloads())).toEqual([[], [], [], ["x"]]);
    expect(failures).toEqual([error]);
  });
});

describe("onDrop", () => {
  test("a hook that throws is reported and harms nobody", () => {
    const error = new Error("broken hook");
    const { harness, failures, drops } = withHooks([
      {
        onDelivery: (clientIdentifier) => (clientIdentifier === "one" ? ReasonCode.NotAuthorized : undefined),
        onDrop() {
          throw error;
        },
      },
    ]);
    const one = harness.connected({ clientIdentifier: "one" }).subscribed("#");
    const two = harness.connected({ clientIdentifier: "two" }).subscribed("#");
    harness.connected().publish("a", "x", { qos: 1 }).takeFirst(PacketType.PUBACK);
    expect([one.payloads(), two.payloads()]).toEqual([[], ["x"]]);
    expect(failures).toEqual([error]);
    expect(drops).toHaveLength(1);
  });

  test("names the client that does not get the message, and the publisher of one that was refused", () => {
    const { harness, drops } = withHooks(
      [{ authorizePublish: ({ message }) => (message.topicName === "no" ? ReasonCode.NotAuthorized : undefined) }],
      { queuedMessagesMax: 1, retainedMessagesMax: 1 },
    );
    harness.connected(persistent("away")).subscribed("#", { qos: 1 }).drop();
    const small = harness.connected({ clientIdentifier: "small", properties: { maximumPacketSize: 60 } });
    small.subscribed("large");
    const publisher = harness.connected({ clientIdentifier: "publisher" }).publish("no");
    publisher.publish("first", "", { qos: 1 }).publish("large", "x".repeat(100), { qos: 1 });
    publisher.publish("kept", "x", { retain: true }).publish("not/kept", "x", { retain: true });
    expect(drops).toHaveLength(4);
    expect(drops).toContainEqual({ clientIdentifier: "publisher", topicName: "no", reason: "refused" });
    expect(drops).toContainEqual({ clientIdentifier: "away", topicName: "large", reason: "queue-full" });
    expect(drops).toContainEqual({ clientIdentifier: "small", topicName: "large", reason: "too-large" });
    expect(drops).toContainEqual({ clientIdentifier: "publisher", topicName: "not/kept", reason: "retained-limit" });
  });
});

describe("a Will Message", () => {
  const will = (properties = {}) =>
    ({ topic: "will", payload: text("gone"), qos: 1, retain: false, properties }) as const;

  test("is authorized at CONNECT and passes onPublish when it is published", () => {
    const seen: unknown[] = [];
    const note =
      (hook: string): BrokerHooks["onPublish"] =>
      (publish) => {
        seen.push([hook, publish.will, publish.client?.clientIdentifier, publish.message.topicName]);
        // Nothing waits for an acknowledgement of a will.
        publish.holdAcknowledgement()(ReasonCode.QuotaExceeded);
        return undefined;
      };
    const { harness } = withHooks([
      { authorizePublish: note("authorizePublish") as BrokerHooks["authorizePublish"], onPublish: note("onPublish") },
    ]);
    const subscriber = harness.connected().subscribed("#");
    const client = harness.connected({ clientIdentifier: "client", will: will() });
    expect(client.take()).toEqual([]);
    expect(seen).toEqual([["authorizePublish", true, "client", "will"]]);
    client.publish("a", "", { qos: 1 });
    expect(client.take()).toMatchObject([{ type: PacketType.PUBACK }]);
    client.drop();
    expect(subscriber.payloads()).toEqual(["", "gone"]);
    expect(seen.at(-1)).toEqual(["onPublish", true, undefined, "will"]);
  });

  test("that is not permitted refuses the CONNECT", () => {
    const { harness } = withHooks([
      { authorizePublish: (publish) => (publish.will ? ReasonCode.NotAuthorized : undefined) },
    ]);
    const client = harness.connect({ will: will() });
    expect(client.take()).toMatchObject([{ type: PacketType.CONNACK, reasonCode: ReasonCode.NotAuthorized }]);
    expect(client.isClosed).toBe(true);
    expect(harness.connect().take()).toMatchObject([{ type: PacketType.CONNACK, reasonCode: 0 }]);
  });

  test("may be changed or refused when it is published", () => {
    for (const answer of [{ topicName: "changed", payload: text("other") }, ReasonCode.NotAuthorized]) {
      const { harness, drops } = withHooks([{ onPublish: (publish) => (publish.will ? answer : undefined) }]);
      const subscriber = harness.connected().subscribed("#");
      harness.connected({ clientIdentifier: "client", will: will() }).drop();
      if (typeof answer === "number") {
        expect(subscriber.take()).toEqual([]);
        expect(drops).toEqual([{ clientIdentifier: "client", topicName: "will", reason: "refused" }]);
      } else {
        expect(subscriber.messages()).toMatchObject([{ topicName: "changed", payload: text("other") }]);
      }
    }
  });

  test("a change that no PUBLISH can carry is refused and reported, and the session ends as it should", () => {
    const { harness, failures, drops } = withHooks([{ onPublish: () => ({ topicName: "#" }) }]);
    harness.connected({ clientIdentifier: "client", will: will() }).drop();
    expect(failures).toHaveLength(1);
    expect(drops).toMatchObject([{ reason: "refused" }]);
    expect(harness.broker.sessionCount).toBe(0);
  });

  test("may wait for a hook", async () => {
    const { harness } = withHooks([{ onPublish: async () => undefined }]);
    const subscriber = harness.connected().subscribed("#");
    harness.connected({ will: will({ messageExpiryInterval: 9 }) }).drop();
    expect(subscriber.take()).toEqual([]);
    await harness.settle();
    expect(subscriber.messages()).toMatchObject([{ topicName: "will", properties: { messageExpiryInterval: 9 } }]);
  });
});

describe("a message of the host", () => {
  test("passes onPublish alone, without a client", () => {
    const seen: unknown[] = [];
    const { harness } = withHooks([
      {
        authorizePublish: () => ReasonCode.NotAuthorized,
        onPublish: ({ client, will, message }) => void seen.push([client, will, message.topicName]),
      },
    ]);
    const subscriber = harness.connected().subscribed("#");
    expect(harness.broker.publish({ topicName: "a", payload: "x" })).toEqual({ reasonCode: 0 });
    harness.endTurn();
    expect(subscriber.payloads()).toEqual(["x"]);
    expect(seen).toEqual([[undefined, false, "a"]]);
  });

  test("may be changed, refused, and changed in a way that cannot be", () => {
    const answers = {
      change: { payload: text("changed") },
      refuse: ReasonCode.QuotaExceeded,
      fail: { topicName: "+" },
    };
    const { harness, drops } = withHooks([
      { onPublish: ({ message }) => answers[message.topicName as keyof typeof answers] },
    ]);
    const subscriber = harness.connected().subscribed("#");
    const publish = (topicName: string) => harness.broker.publish({ topicName, payload: "x", qos: 1 });
    expect([publish("change"), publish("refuse"), publish("fail")]).toEqual([
      { reasonCode: 0 },
      { reasonCode: ReasonCode.QuotaExceeded },
      { reasonCode: ReasonCode.UnspecifiedError },
    ]);
    harness.endTurn();
    expect(subscriber.payloads()).toEqual(["changed"]);
    expect(drops.map(({ clientIdentifier, reason }) => [clientIdentifier, reason])).toEqual([
      [undefined, "refused"],
      [undefined, "refused"],
    ]);
  });

  test("may wait for a hook; the end of that turn is asked for too", async () => {
    let resolve: (reasonCode: undefined) => void = () => {};
    const { harness } = withHooks([{ onPublish: () => new Promise<undefined>((settle) => (resolve = settle)) }], {
      store: new MemorySessionStore(),
    });
    const subscriber = harness.connected().subscribed("#");
    let turns = 0;
    harness.broker.onWantsEndOfTurn = () => {
      turns += 1;
    };
    const result = harness.broker.publish({ topicName: "a", payload: "x", qos: 1 });
    expect(result).toBeInstanceOf(Promise);
    const before = turns;
    resolve(undefined);
    expect(await result).toEqual({ reasonCode: 0 });
    expect(turns).toBeGreaterThan(before);
    harness.endTurn();
    expect(subscriber.payloads()).toEqual(["x"]);
  });
});
