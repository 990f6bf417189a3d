/** Hooks that allow or refuse a PUBLISH of a client, at once or later. */
import { type ControlPacket, encodePacket, PacketType, type PublishPacket, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { BrokerOptions } from "./broker-options.js";
import type { BrokerHooks, PublishChange } from "./hooks.js";
import { BrokerHarness } from "./testing/index.js";

const { PUBACK, PUBREC } = PacketType;

/** A promise and what settles it. */
function later<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

const answers = (packets: readonly ControlPacket[]) =>
  packets.map((packet) =>
    "packetIdentifier" in packet && "reasonCode" in packet
      ? [packet.type, packet.packetIdentifier, packet.reasonCode]
      : [packet.type],
  );

function withHooks(hooks: BrokerHooks[], options: BrokerOptions = {}) {
  const failures: unknown[] = [];
  const observer = { failure: (_client: unknown, error: unknown) => void failures.push(error) };
  const harness = new BrokerHarness({ hooks, observer, ...options });
  return { harness, failures, subscriber: harness.connected().subscribed("#") };
}

describe("authorizePublish", () => {
  test("sees the client and the message", () => {
    const seen: unknown[] = [];
    const { harness } = withHooks([
      {
        authorizePublish({ client, message, will }) {
          const { topicName, qos, retain, properties } = message;
          const payload = new TextDecoder().decode(message.payload);
          seen.push([
            client?.clientIdentifier,
            client?.protocolVersion,
            will,
            topicName,
            qos,
            retain,
            payload,
            properties,
          ]);
          return undefined;
        },
      },
    ]);
    const publisher = harness.connected({ clientIdentifier: "five" });
    publisher.publish("a", "x", { qos: 2, retain: true, properties: { contentType: "t", topicAlias: 1 } });
    publisher.publish("", "y", { properties: { topicAlias: 1 } });
    harness.connected({ clientIdentifier: "four", protocolVersion: 4 }).publish("b", "z", { qos: 1 });
    expect(seen).toEqual([
      ["five", 5, false, "a", 2, true, "x", { contentType: "t" }],
      ["five", 5, false, "a", 0, false, "y", undefined],
      ["four", 4, false, "b", 1, false, "z", undefined],
    ]);
  });

  test("the first refusal decides, and hooks behind it are not asked", () => {
    const asked: string[] = [];
    const hook = (name: string, reasonCode: number | undefined): BrokerHooks => ({
      authorizePublish() {
        asked.push(name);
        return reasonCode;
      },
      onPublish: () => void asked.push(`${name} onPublish`),
    });
    const { harness, subscriber } = withHooks([
      hook("one", undefined),
      hook("two", ReasonCode.QuotaExceeded),
      hook("three", ReasonCode.NotAuthorized),
    ]);
    const publisher = harness.connected().publish("a", "", { qos: 1, packetIdentifier: 3 });
    expect(answers(publisher.take())).toEqual([[PUBACK, 3, ReasonCode.QuotaExceeded]]);
    expect(asked).toEqual(["one", "two"]);
    expect(subscriber.take()).toEqual([]);
  });

  test("all are asked before any onPublish", () => {
    const asked: string[] = [];
    const hook = (name: string): BrokerHooks => ({
      authorizePublish: () => void asked.push(`${name} authorizePublish`),
      onPublish: () => void asked.push(`${name} onPublish`),
    });
    const { harness, subscriber } = withHooks([hook("one"), hook("two")]);
    harness.connected().publish("a", "x");
    expect(asked).toEqual(["one authorizePublish", "two authorizePublish", "one onPublish", "two onPublish"]);
    expect(subscriber.payloads()).toEqual(["x"]);
  });

  test.each(["throws", "rejects"])("a hook that %s refuses with 0x80 and is reported", async (how) => {
    const error = new Error("broken hook");
    const { harness, failures, subscriber } = withHooks([
      {
        authorizePublish() {
          if (how === "throws") throw error;
          return Promise.reject(error);
        },
      },
    ]);
    const publisher = harness.connected().publish("a", "", { qos: 1, packetIdentifier: 1 });
    await harness.settle();
    publisher.publish("a", "", { qos: 2, packetIdentifier: 2 });
    await harness.settle();
    expect(answers(publisher.take())).toEqual([
      [PUBACK, 1, ReasonCode.UnspecifiedError],
      [PUBREC, 2, ReasonCode.UnspecifiedError],
    ]);
    expect(failures).toEqual([error, error]);
    expect(subscriber.take()).toEqual([]);
    expect(publisher.isClosed).toBe(false);
  });
});

describe("a hook that answers later", () => {
  const text = (value: string) => new TextEncoder().encode(value);
  const packet = (packetIdentifier: number, value: string, qos: 1 | 2 = 1): PublishPacket => ({
    type: PacketType.PUBLISH,
    dup: false,
    qos,
    retain: false,
    topicName: value.startsWith("ask") ? "ask" : "free",
    packetIdentifier,
    payload: text(value),
  });

  function asking(options: BrokerOptions = {}) {
    const questions: ReturnType<typeof later<number | undefined>>[] = [];
    const hook: BrokerHooks = {
      authorizePublish({ message }) {
        if (message.topicName !== "ask") return undefined;
        const question = later<number | undefined>();
        questions.push(question);
        return question.promise;
      },
    };
    return { ...withHooks([hook], options), questions };
  }

  test("pauses that connection, which goes on in order; others are not concerned", async () => {
    const { harness, questions, subscriber } = asking();
    const publisher = harness.connected();
    const other = harness.connected();
    const chunk = [packet(1, "free 1"), packet(2, "ask 2", 2), packet(3, "free 3"), packet(4, "ask 4")];
    publisher.sendBytes(chunk.flatMap((one) => [...encodePacket(one, 5)]));
    publisher.send(packet(5, "free 5", 2));
    expect(publisher.isPaused).toBe(true);
    expect(answers(publisher.take())).toEqual([[PUBACK, 1, 0]]);
    other.send(packet(9, "free other"));
    expect(subscriber.payloads()).toEqual(["free 1", "free other"]);
    questions[0].resolve(undefined);
    await harness.settle();
    expect(answers(publisher.take())).toEqual([
      [PUBREC, 2, 0],
      [PUBACK, 3, 0],
    ]);
    expect(publisher.isPaused).toBe(true);
    questions[1].resolve(ReasonCode.NotAuthorized);
    await harness.settle();
    expect(publisher.isPaused).toBe(false);
    expect(answers(publisher.take())).toEqual([
      [PUBACK, 4, ReasonCode.NotAuthorized],
      [PUBREC, 5, 0],
    ]);
    expect(subscriber.payloads()).toEqual(["ask 2", "free 3", "free 5"]);
  });

  test.each(["ask", `ask ${"x".repeat(50)}`, `ask ${"x".repeat(5000)}`])(
    "keeps the message as it came",
    async (value) => {
      const { harness, questions, subscriber } = asking();
      const late = harness.connected({ protocolVersion: 4 }).subscribed("#");
      harness.connected().send({ ...packet(1, value), properties: { contentType: "t", userProperties: [["a", "b"]] } });
      harness.connected({ protocolVersion: 4 }).send(packet(1, value));
      for (const question of questions) question.resolve(0);
      await harness.settle();
      const messages = subscriber.messages();
      expect(messages.map(({ payload }) => new TextDecoder().decode(payload))).toEqual([value, value]);
      expect(messages[0].properties).toEqual({ contentType: "t", userProperties: [["a", "b"]] });
      expect(late.payloads()).toEqual([value, value]);
    },
  );

  test("is not heard any more once the connection is gone: the client sends the message again", async () => {
    const { harness, questions, subscriber } = asking();
    const connect = () => harness.connected({ clientIdentifier: "publisher", cleanStart: false });
    const publisher = connect().send(packet(1, "ask"));
    publisher.drop();
    questions[0].resolve(undefined);
    await harness.settle();
    expect(subscriber.take()).toEqual([]);
    const again = connect().send({ ...packet(1, "ask"), dup: true });
    questions[1].resolve(undefined);
    await harness.settle();
    expect(answers(again.take())).toEqual([[PUBACK, 1, 0]]);
    expect(subscriber.payloads()).toEqual(["ask"]);
  });

  test("several one after the other, and a change between", async () => {
    const hooks: BrokerHooks[] = [
      { authorizePublish: async () => undefined, onPublish: async () => ({ topicName: "changed" }) },
      { onPublish: async ({ message }) => (message.topicName === "changed" ? undefined : ReasonCode.NotAuthorized) },
    ];
    const { harness, subscriber } = withHooks(hooks);
    const publisher = harness.connected().publish("a", "x", { qos: 1, packetIdentifier: 1 });
    await harness.settle();
    expect(subscriber.messages()).toMatchObject([{ topicName: "changed" }]);
    expect(answers(publisher.take())).toEqual([[PUBACK, 1, 0]]);
  });

  test("the time that it takes counts for the Message Expiry Interval, also of a changed message", async () => {
    for (const change of [undefined, { topicName: "changed" }]) {
      const question = later<PublishChange | undefined>();
      const { harness, subscriber } = withHooks([{ onPublish: () => question.promise }]);
      harness.connected().publish("a", "x", { properties: { messageExpiryInterval: 100 } });
      harness.advance(40_000);
      question.resolve(change);
      await harness.settle();
      expect(subscriber.messages()).toMatchObject([{ properties: { messageExpiryInterval: 60 } }]);
    }
  });
});

describe.each([0, 1, 2] as const)("a hook that throws its client out and allows the PUBLISH, QoS %i", (qos) => {
  test("leaves it unacknowledged and unrouted, and nothing fails", () => {
    const { harness, failures, subscriber } = withHooks([
      { onPublish: ({ client }) => void client?.disconnect(ReasonCode.AdministrativeAction) },
    ]);
    const publisher = harness.connected().publish("a", "x", { qos });
    expect(publisher.take()).toMatchObject([{ type: PacketType.DISCONNECT, reasonCode: 0x98 }]);
    expect(subscriber.take()).toEqual([]);
    expect(failures).toEqual([]);
  });
});
