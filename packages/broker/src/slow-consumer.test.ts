/** A client that does not take its bytes: what waits for it, what is dropped, and that nobody else notices. */
import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { BrokerOptions } from "./broker-options.js";
import type { DropReason } from "./hooks.js";
import { BrokerHarness, type TestClient } from "./testing/index.js";

/** A kilobyte that begins with a number. */
const kilobyte = (number: number): string => `${number} `.padEnd(1000, ".");

const numbersOf = (client: TestClient): number[] => client.payloads().map((text) => Number.parseInt(text, 10));

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe.each([4, 5] as const)("a stalled subscriber, protocol level %i", (protocolVersion) => {
  function start(options: BrokerOptions = {}) {
    const drops: [string | undefined, DropReason][] = [];
    const harness = new BrokerHarness({
      outboundHighWaterBytes: 3000,
      hooks: [{ onDrop: (clientIdentifier, _message, reason) => void drops.push([clientIdentifier, reason]) }],
      ...options,
    });
    const slow = harness.connected({ protocolVersion, clientIdentifier: "slow" }).subscribed("#");
    const fast = harness.connected({ protocolVersion, clientIdentifier: "fast" }).subscribed("#");
    const publisher = harness.connected({ protocolVersion, clientIdentifier: "publisher" });
    const publish = (from: number, to: number, qos: 0 | 1 | 2) => {
      for (const number of range(from, to)) publisher.publish("a", kilobyte(number), { qos });
    };
    slow.stalled = true;
    return { harness, slow, fast, publisher, publish, drops };
  }

  test("gets QoS 0 up to the high-water mark, then none; each one is counted", () => {
    const { harness, slow, fast, publish, drops } = start();
    publish(0, 10, 0);
    expect(numbersOf(fast)).toEqual(range(0, 10));
    expect(slow.take()).toEqual([]);
    const dropped = harness.broker.droppedMessages["slow-consumer"];
    expect(dropped).toBe(10 - 3);
    expect(drops).toEqual(Array(dropped).fill(["slow", "slow-consumer"]));
    slow.drain();
    expect(numbersOf(slow)).toEqual(range(0, 3));
    publish(10, 12, 0);
    expect(numbersOf(slow)).toEqual([10, 11]);
    expect(harness.broker.droppedMessages["slow-consumer"]).toBe(dropped);
  });

  test.each([1, 2] as const)("gets all of QoS %i: it waits, in order", (qos) => {
    const { harness, slow, fast, publish } = start();
    publish(0, 10, qos);
    expect(numbersOf(fast)).toEqual(range(0, 10));
    expect(slow.connection.inFlightMessages).toBe(3);
    expect(slow.connection.queuedMessages).toBe(7);
    slow.drain();
    expect(numbersOf(slow)).toEqual(range(0, 10));
    expect(slow.connection.queuedMessages).toBe(0);
    publish(10, 12, qos);
    expect(numbersOf(slow)).toEqual([10, 11]);
    expect(harness.broker.droppedMessages).toMatchObject({ "slow-consumer": 0, "queue-full": 0 });
  });

  test("gets what waited in portions of the high-water mark, as it takes them", () => {
    const { harness, slow, publisher } = start({ outboundHighWaterBytes: 120_000 });
    for (const number of range(0, 12)) publisher.publish("a", `${number} `.padEnd(50_000, "."), { qos: 1 });
    const inFlight = () => slow.connection.inFlightMessages;
    const steps = [inFlight()];
    while (inFlight() < 12 && steps.length < 20) {
      // All that was handed over is gone, and again nothing more is taken.
      slow.connection.transportDrained(harness.nowMs);
      harness.endTurn();
      steps.push(inFlight());
    }
    expect(steps).toEqual([3, 6, 9, 12]);
    slow.drain();
    expect(numbersOf(slow)).toEqual(range(0, 12));
  });

  test.each([
    ["drop-new", range(0, 5)],
    ["drop-oldest", [0, 1, 2, 8, 9]],
  ] as const)("its queue is bounded by count, policy %s", (queueFullPolicy, expected) => {
    const { harness, slow, publish, drops } = start({ queuedMessagesMax: 2, queueFullPolicy });
    publish(0, 10, 1);
    expect(harness.broker.droppedMessages["queue-full"]).toBe(5);
    expect(drops).toEqual(Array(5).fill(["slow", "queue-full"]));
    slow.drain();
    expect(numbersOf(slow)).toEqual(expected);
  });

  test.each([
    ["drop-new", range(0, 5)],
    ["drop-oldest", [0, 1, 2, 8, 9]],
  ] as const)("its queue is bounded by bytes, policy %s", (queueFullPolicy, expected) => {
    const { harness, slow, publish } = start({ queuedBytesMax: 3000, queueFullPolicy });
    publish(0, 10, 2);
    expect(harness.broker.droppedMessages["queue-full"]).toBe(5);
    slow.drain();
    expect(numbersOf(slow)).toEqual(expected);
  });

  test("large payloads count like small ones", () => {
    const { harness, slow, fast, publisher } = start();
    for (const number of range(0, 4)) publisher.publish("a", `${number} `.padEnd(50_000, "."), { qos: 0 });
    expect(harness.broker.droppedMessages["slow-consumer"]).toBe(3);
    slow.drain();
    expect(numbersOf(slow)).toEqual([0]);
    expect(numbersOf(fast)).toEqual(range(0, 4));
  });

  test("a publisher is never slowed by it", () => {
    const { publisher, publish } = start();
    publish(0, 50, 1);
    expect(publisher.take().filter(({ type }) => type === PacketType.PUBACK)).toHaveLength(50);
    expect(publisher.isPaused).toBe(false);
  });

  test("is closed after the time-out, and only it", () => {
    const { harness, slow, fast, publisher, publish } = start({ stalledTimeoutMs: 20_000 });
    publish(0, 1, 0);
    harness.advance(19_000);
    expect(slow.isClosed).toBe(false);
    harness.advance(2000);
    expect(slow.isClosed).toBe(true);
    expect([fast.isClosed, publisher.isClosed]).toEqual([false, false]);
    publish(1, 2, 0);
    expect(numbersOf(fast)).toEqual([0, 1]);
    expect(harness.broker.droppedMessages["slow-consumer"]).toBe(0);
  });

  test("is not closed when it takes its bytes in time, or has none to take", () => {
    const { harness, slow, publish } = start({ stalledTimeoutMs: 20_000 });
    harness.advance(60_000);
    for (let i = 0; i < 4; i++) {
      publish(i, i + 1, 0);
      harness.advance(15_000);
      slow.drain();
      slow.stalled = true;
    }
    harness.advance(60_000);
    expect(slow.isClosed).toBe(false);
    slow.drain();
    expect(numbersOf(slow)).toEqual(range(0, 4));
  });
});

describe("a client that asks and does not take the answers", () => {
  test("is read no more from twice the high-water mark on, and again when it has taken them", () => {
    const harness = new BrokerHarness({ outboundHighWaterBytes: 20 });
    const client = harness.connected();
    client.stalled = true;
    let answered = 0;
    while (!client.isPaused && answered < 100) {
      client.send({ type: PacketType.PINGREQ });
      answered += 1;
    }
    // PINGRESP has two bytes; the pause is noticed with the packet after.
    expect(answered).toBe(22);
    client.drain();
    expect(client.isPaused).toBe(false);
    expect(client.take()).toHaveLength(answered);
  });

  test("a QoS 1 publisher that takes no PUBACK is paused, others are not", () => {
    const harness = new BrokerHarness({ outboundHighWaterBytes: 100 });
    const publisher = harness.connected();
    const other = harness.connected().subscribed("#");
    publisher.stalled = true;
    let published = 0;
    while (!publisher.isPaused && published < 1000) {
      publisher.publish("a", `${published++}`, { qos: 1 });
    }
    expect(published).toBeLessThan(100);
    expect(numbersOf(other)).toEqual(range(0, published));
    expect(other.isPaused).toBe(false);
    publisher.drain();
    expect(publisher.isPaused).toBe(false);
    expect(publisher.take()).toHaveLength(published);
  });

  test("Keep Alive does not run while the broker does not read", () => {
    const harness = new BrokerHarness({ outboundHighWaterBytes: 20, stalledTimeoutMs: 100_000 });
    const client = harness.connected({ keepAlive: 10 });
    client.stalled = true;
    while (!client.isPaused) client.send({ type: PacketType.PINGREQ });
    harness.advance(60_000);
    expect(client.isClosed).toBe(false);
  });
});
