/**
 * How much work a message costs, counted and not timed: writes, encodings, turns, promises, allocations. A change that
 * breaks batching fails here, on any machine.
 */

import { createHook } from "node:async_hooks";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { PacketType, type PublishPacket, type QoS } from "@tidings/packet";
import { describe, expect, test, vi } from "vitest";
import { ApplicationMessage } from "./application-message.js";
import { CountedBroker, type CountedStream } from "./testing/counted-streams.js";

const publish = (qos: QoS, packetIdentifier: number, topicName = "t"): PublishPacket => ({
  type: PacketType.PUBLISH,
  dup: false,
  qos,
  retain: false,
  topicName,
  packetIdentifier: qos === 0 ? undefined : packetIdentifier,
  payload: new Uint8Array(64),
});

const publishes = (qos: QoS, count: number, topicName?: string): PublishPacket[] =>
  Array.from({ length: count }, (_, index) => publish(qos, index + 1, topicName));

function fanOut(receivers: number, qos: QoS) {
  const counted = new CountedBroker();
  const publisher = counted.connect("publisher");
  const subscribers = Array.from({ length: receivers }, (_, i) => counted.subscriber(`s${i}`, "t", qos));
  return { counted, publisher, subscribers };
}

/** Work of a kind that async hooks see, while `body` runs. */
function asynchronousWork(body: () => void): string[] {
  const kinds: string[] = [];
  const hook = createHook({ init: (_id, type) => void kinds.push(type) }).enable();
  body();
  hook.disable();
  return kinds;
}

describe.each([0, 1, 2] as const)("at QoS %i", (qos) => {
  test("100 messages to 10 subscribers in one turn are 10 writes of 100 packets", () => {
    const { counted, publisher, subscribers } = fanOut(10, qos);
    publisher.bring(...publishes(qos, 100));
    counted.settle();
    for (const subscriber of subscribers) expect(subscriber.packetsPerWrite).toEqual([100]);
    // What the publisher is owed leaves in one write too.
    expect(publisher.packetsPerWrite).toEqual(qos === 0 ? [] : [100]);
  });

  test("messages of 50 publishers to one subscriber in one turn are one write after the first", () => {
    const counted = new CountedBroker();
    const subscriber = counted.subscriber("subscriber", "in/+", qos);
    const publishers = Array.from({ length: 50 }, (_, i) => counted.connect(`p${i}`));
    const turn = (): void => {
      publishers.forEach((publisher, i) => void publisher.bring(...publishes(qos, 2, `in/${i}`)));
      counted.settle();
    };
    turn();
    // The first read might have been a lone one, and was written at once.
    expect(subscriber.packetsPerWrite).toEqual([2, 98]);
    if (qos > 0) return; // the subscriber's window is full of what it has not acknowledged
    subscriber.reset();
    turn();
    expect(subscriber.packetsPerWrite).toEqual([100]);
  });

  test("a turn schedules its end once, and makes no promise, timer or callback of its own", () => {
    const { counted, publisher } = fanOut(10, qos);
    publisher.bring(...publishes(qos, 10)); // what is made once is made
    counted.settle();
    counted.turnsScheduled = 0;
    const packets = publishes(qos, 1_000).map((packet, i) => ({
      ...packet,
      packetIdentifier: qos === 0 ? undefined : 11 + i,
    }));
    const work = asynchronousWork(() => {
      publisher.bring(...packets);
      counted.endTurn();
    });
    expect(work).toEqual([]);
    expect(counted.turnsScheduled).toBe(1);
  });
});

describe("a lone message", () => {
  test("is written within the read that brought it", () => {
    const { counted, publisher, subscribers } = fanOut(1, 0);
    counted.settle();
    publisher.bring(publish(0, 0));
    expect(subscribers[0].packetsPerWrite).toEqual([1]);
    counted.settle();
    expect(subscribers[0].packetsPerWrite).toEqual([1]);
  });

  test("waits for the end of the turn where turns bring many reads", () => {
    const counted = new CountedBroker();
    const pairs = Array.from({ length: 20 }, (_, i) => ({
      publisher: counted.connect(`p${i}`),
      subscriber: counted.subscriber(`s${i}`, "all", 0),
    }));
    const turn = (): void => {
      for (const { publisher } of pairs) publisher.bring(publish(0, 0, "all"));
      counted.endTurn();
    };
    turn();
    for (const { subscriber } of pairs) subscriber.reset();
    turn();
    for (const { subscriber } of pairs) expect(subscriber.packetsPerWrite).toEqual([20]);
  });
});

describe("encodings", () => {
  function encodingsOf(body: () => void): number {
    const encode = vi.spyOn(ApplicationMessage.prototype as unknown as { encode: () => unknown }, "encode");
    body();
    const count = encode.mock.calls.length;
    encode.mockRestore();
    return count;
  }

  test("receivers of the publisher's version and kind get its own bytes: none", () => {
    for (const qos of [0, 1, 2] as const) {
      const { counted, publisher, subscribers } = fanOut(100, qos);
      expect(
        encodingsOf(() => {
          publisher.bring(publish(qos, 1));
          counted.settle();
        }),
      ).toBe(0);
      expect(subscribers.every(({ received }) => received.length === 1)).toBe(true);
    }
  });

  test("a mixed crowd of 300 costs one for each other kind", () => {
    const counted = new CountedBroker();
    const publisher = counted.connect("publisher", 4);
    const subscribers: CountedStream[] = [];
    for (let i = 0; i < 75; i++) {
      subscribers.push(counted.subscriber(`a${i}`, "t", 0, 4), counted.subscriber(`b${i}`, "t", 1, 4));
      subscribers.push(counted.subscriber(`c${i}`, "t", 0, 5), counted.subscriber(`d${i}`, "t", 1, 5));
    }
    const count = encodingsOf(() => {
      publisher.bring(publish(1, 1));
      counted.settle();
    });
    expect(count).toBe(3); // 3.1.1 at QoS 0; 5.0 at QoS 0 and 1
    expect(subscribers.every(({ received }) => received.length === 1)).toBe(true);
  });
});

describe("memory", () => {
  /** Bytes of JavaScript heap and of buffers for each message, in a process that collects no garbage meanwhile. */
  function allocatedPerMessage(qos: QoS, subscribers: number): { heap: number; buffers: number } {
    const program = fileURLToPath(new URL("./testing/measure-allocations.ts", import.meta.url));
    const node = ["--conditions=@tidings/source", "--import", "tsx", "--expose-gc"];
    const space = ["--min-semi-space-size=128", "--max-semi-space-size=128"];
    return JSON.parse(
      execFileSync(process.execPath, [...node, ...space, program, String(qos), String(subscribers)], {
        encoding: "utf8",
      }),
    );
  }

  test("a message allocates a few objects, and a receiver next to nothing", () => {
    const one = allocatedPerMessage(0, 1);
    const ten = allocatedPerMessage(0, 10);
    expect(one.heap).toBeLessThan(600);
    expect((ten.heap - one.heap) / 9).toBeLessThan(60);
    expect(ten.buffers).toBeLessThan(10);
  });

  test("at QoS 1 it is copied once, whatever the number of receivers", () => {
    const one = allocatedPerMessage(1, 1);
    const ten = allocatedPerMessage(1, 10);
    expect(one.heap).toBeLessThan(1_200);
    expect((ten.heap - one.heap) / 9).toBeLessThan(120);
    expect(one.buffers).toBeLessThan(150);
    expect(ten.buffers).toBeLessThan(150);
  });
});
