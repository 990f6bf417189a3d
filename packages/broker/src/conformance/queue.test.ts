/** The queue of a session: what is kept for a client that is away or slow, and its limits (section 4.1). */
import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { BrokerOptions } from "../broker-options.js";
import { BrokerHarness } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `${from + i}`);

describe.each([4, 5] as const)("the queue of a client that is away, protocol level %i", (protocolVersion) => {
  function start(options: BrokerOptions) {
    const harness = new BrokerHarness(options);
    const subscriber = persistentClient(harness, protocolVersion, "subscriber").subscribed("#");
    const publisher = harness.connected({ protocolVersion });
    const publish = (from: number, to: number, payload = (text: string) => text) => {
      for (const text of numbers(from, to)) publisher.publish("a", payload(text), { qos: 1 });
    };
    return {
      harness,
      subscriber,
      publisher,
      publish,
      resume: () => persistentClient(harness, protocolVersion, "subscriber"),
    };
  }

  test("keeps the first messages when it is full", () => {
    const { harness, subscriber, publish, resume } = start({ queuedMessagesMax: 3 });
    subscriber.drop();
    publish(0, 10);
    expect(harness.broker.droppedMessages["queue-full"]).toBe(7);
    expect(resume().payloads()).toEqual(numbers(0, 3));
  });

  test("keeps the last messages where the policy says so", () => {
    const { harness, subscriber, publish, resume } = start({ queuedMessagesMax: 3, queueFullPolicy: "drop-oldest" });
    subscriber.drop();
    publish(0, 10);
    expect(harness.broker.droppedMessages["queue-full"]).toBe(7);
    expect(resume().payloads()).toEqual(numbers(7, 10));
  });

  test("is bounded by bytes too, each message counted with what it costs beside its payload", () => {
    const { harness, subscriber, publish, resume } = start({ queuedBytesMax: 4000 });
    subscriber.drop();
    publish(0, 10, (text) => text.repeat(1000));
    expect(harness.broker.droppedMessages["queue-full"]).toBe(7);
    expect(
      resume()
        .payloads()
        .map((text) => text[0]),
    ).toEqual(["0", "1", "2"]);
  });

  test("makes room for a large message by dropping as many old ones as it takes", () => {
    const options = { queuedBytesMax: 4000, queueFullPolicy: "drop-oldest" } as const;
    const { harness, subscriber, publisher, publish, resume } = start(options);
    subscriber.drop();
    publish(0, 4, (text) => text.repeat(700));
    publisher.publish("a", "x".repeat(2500), { qos: 1 });
    expect(harness.broker.droppedMessages["queue-full"]).toBe(3);
    expect(
      resume()
        .payloads()
        .map((text) => text.length),
    ).toEqual([700, 2500]);
  });

  test.each(["drop-new", "drop-oldest"] as const)(
    "a message larger than the whole queue is refused by %s and pushes nothing out",
    (queueFullPolicy) => {
      const { harness, subscriber, publisher, publish, resume } = start({ queuedBytesMax: 4000, queueFullPolicy });
      subscriber.drop();
      publish(0, 2);
      publisher.publish("a", "x".repeat(5000), { qos: 1 });
      expect(harness.broker.droppedMessages["queue-full"]).toBe(1);
      expect(resume().payloads()).toEqual(["0", "1"]);
    },
  );

  test("is behind what is in flight: that is not counted and not dropped", () => {
    const { harness, subscriber, publish, resume } = start({
      queuedMessagesMax: 2,
      inFlightMessagesMax: 3,
      queueFullPolicy: "drop-oldest",
    });
    publish(0, 10);
    expect(subscriber.payloads()).toEqual(numbers(0, 3));
    expect(harness.broker.droppedMessages["queue-full"]).toBe(5);
    subscriber.drop();
    const again = resume();
    const messages = again.messages();
    expect(messages.map(({ dup }) => dup)).toEqual([true, true, true]);
    for (const { packetIdentifier } of messages) again.acknowledge(PacketType.PUBACK, packetIdentifier as number);
    expect(again.payloads()).toEqual(["8", "9"]);
  });

  test("has room again for what was taken out of it", () => {
    const { subscriber, publish, resume } = start({ queuedMessagesMax: 3 });
    for (let round = 0; round < 5; round++) {
      const client = round === 0 ? subscriber : resume();
      client.drop();
      publish(round * 3, round * 3 + 3);
      const again = resume();
      const messages = again.messages();
      expect(messages.map(({ payload }) => new TextDecoder().decode(payload))).toEqual(
        numbers(round * 3, round * 3 + 3),
      );
      for (const { packetIdentifier } of messages) again.acknowledge(PacketType.PUBACK, packetIdentifier as number);
    }
  });

  test("a full queue neither slows nor refuses the publisher, and no other subscriber", () => {
    const { harness, subscriber, publisher, publish } = start({ queuedMessagesMax: 1 });
    subscriber.drop();
    const other = harness.connected({ protocolVersion }).subscribed("#");
    publish(0, 20);
    expect(publisher.take()).toHaveLength(20);
    expect(publisher.isPaused).toBe(false);
    expect(other.payloads()).toEqual(numbers(0, 20));
  });

  test("keeps QoS 0 only where the broker is told so, in its place among the others", () => {
    for (const queueQoS0 of [false, true]) {
      const { harness, subscriber, publisher, resume } = start({ queueQoS0 });
      subscriber.drop();
      publisher.publish("a", "0").publish("a", "1", { qos: 1 }).publish("a", "2").publish("a", "3", { qos: 2 });
      const messages = resume().messages();
      expect(messages.map(({ payload, qos }) => [new TextDecoder().decode(payload), qos])).toEqual(
        [
          ["0", 0],
          ["1", 1],
          ["2", 0],
          ["3", 2],
        ].filter(([, qos]) => queueQoS0 || qos !== 0),
      );
      harness.broker.client("subscriber")?.disconnect(0);
      expect(
        resume()
          .messages()
          .map(({ qos }) => qos),
      ).toEqual([1, 2]);
    }
  });

  test("goes with its session", () => {
    const { harness, subscriber, publish, resume } = start({});
    subscriber.drop();
    publish(0, 3);
    harness.connected({ protocolVersion, clientIdentifier: "subscriber", cleanStart: true }).drop();
    expect(resume().take()).toEqual([]);
    expect(harness.broker.droppedMessages["session-ended"]).toBe(3);
  });
});

test("a client whose session ends with its connection has nothing kept for it", () => {
  const harness = new BrokerHarness();
  harness.connected({ clientIdentifier: "subscriber" }).subscribed("a").drop();
  const publisher = harness.connected().publish("a", "x", { qos: 1 });
  expect(publisher.takeFirst(PacketType.PUBACK).reasonCode).toBe(0x10);
  expect(harness.connected({ clientIdentifier: "subscriber", cleanStart: false }).take()).toEqual([]);
});
