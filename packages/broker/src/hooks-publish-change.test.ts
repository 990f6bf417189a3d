/** Hooks that change a PUBLISH of a client, or refuse it on the way. */
import { type ControlPacket, PacketType, ReasonCode, type UserProperty } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { BrokerOptions } from "./broker-options.js";
import type { BrokerHooks, PublishChange } from "./hooks.js";
import { BrokerHarness } from "./testing/index.js";

const { PUBACK, PUBREC, PUBCOMP, PUBREL } = PacketType;

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

describe("onPublish", () => {
  const changing = (change: PublishChange, options: BrokerOptions = {}) =>
    withHooks([{ onPublish: () => change }], options);

  test("may change the topic, the payload, the QoS, RETAIN and the properties, each on its own", () => {
    const userProperties: UserProperty[] = [["a", "1"]];
    const properties = { contentType: "t", userProperties, messageExpiryInterval: 50 };
    const arrived = (change: PublishChange) => {
      const { harness, subscriber } = changing(change);
      harness.connected().publish("a", "x", { qos: 1, properties });
      const [{ topicName, payload, qos, properties: arrivedProperties }] = subscriber.messages();
      const retained = harness.broker.retainedMessageCount;
      return { topicName, payload: new TextDecoder().decode(payload), qos, retained, properties: arrivedProperties };
    };
    const same = { topicName: "a", payload: "x", qos: 1, retained: 0, properties };
    expect(arrived({})).toEqual(same);
    expect(arrived({ topicName: "b/c" })).toEqual({ ...same, topicName: "b/c" });
    const payload = "y".repeat(5000);
    expect(arrived({ payload: new TextEncoder().encode(payload) })).toEqual({ ...same, payload });
    expect(arrived({ qos: 0 })).toEqual({ ...same, qos: 0 });
    expect(arrived({ qos: 2 })).toEqual({ ...same, qos: 2 });
    expect(arrived({ retain: true })).toEqual({ ...same, retained: 1 });
    expect(arrived({ properties: {} })).toEqual({ ...same, properties: undefined });
    const other = { responseTopic: "r", messageExpiryInterval: 7 };
    expect(arrived({ properties: other })).toEqual({ ...same, properties: other });
  });

  test.each([3, 4, 5] as const)(
    "the answer is that of the packet, whatever QoS the message has now, level %i",
    (protocolVersion) => {
      for (const qos of [0, 1, 2] as const) {
        const { harness, subscriber } = changing({ qos, topicName: "b" });
        const publisher = harness.connected({ protocolVersion });
        publisher.publish("a", "0").publish("a", "1", { qos: 1, packetIdentifier: 1 });
        publisher.publish("a", "2", { qos: 2, packetIdentifier: 2 });
        publisher.publish("a", "2", { qos: 2, packetIdentifier: 2, dup: true }).acknowledge(PUBREL, 2);
        expect(answers(publisher.take())).toEqual([
          [PUBACK, 1, 0],
          [PUBREC, 2, 0],
          [PUBREC, 2, 0],
          [PUBCOMP, 2, 0],
        ]);
        const messages = subscriber.messages();
        expect(messages.map((message) => [message.topicName, message.qos])).toEqual(Array(3).fill(["b", qos]));
      }
    },
  );

  test("the next hook sees the change", () => {
    const append = ({ message }: { message: { topicName: string } }) => ({
      topicName: `${message.topicName}+1`.replace("+", "/"),
    });
    const { harness, subscriber } = withHooks([{ onPublish: append }, { onPublish: append }]);
    harness.connected().publish("a", "x");
    expect(subscriber.messages()).toMatchObject([{ topicName: "a/1/1" }]);
  });

  test("may refuse", () => {
    const { harness, subscriber } = withHooks([{ onPublish: () => ReasonCode.QuotaExceeded }]);
    const publisher = harness.connected().publish("a", "", { qos: 2, packetIdentifier: 1 });
    expect(answers(publisher.take())).toEqual([[PUBREC, 1, ReasonCode.QuotaExceeded]]);
    expect(subscriber.take()).toEqual([]);
  });

  test.each([
    ["a topic with a wildcard", { topicName: "a/#" }],
    ["an empty topic", { topicName: "" }],
    ["a topic with U+0000", { topicName: "a\0" }],
    ["a Response Topic with a wildcard", { properties: { responseTopic: "+" } }],
  ])("a change to %s is the hook's failure, not the client's", async (_name, change) => {
    for (const onPublish of [() => change, async () => change]) {
      const { harness, failures, subscriber } = withHooks([{ onPublish }]);
      const publisher = harness.connected().publish("a", "", { qos: 1, packetIdentifier: 1 });
      await harness.settle();
      expect(answers(publisher.take())).toEqual([[PUBACK, 1, ReasonCode.UnspecifiedError]]);
      expect(failures).toHaveLength(1);
      expect(subscriber.take()).toEqual([]);
      expect(publisher.isClosed).toBe(false);
    }
  });
});
