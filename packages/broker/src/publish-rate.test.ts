/** Clients that publish faster than they may: paused or disconnected, and nobody else notices. */
import { encodePacket, PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { BrokerOptions } from "./broker-options.js";
import { BrokerHarness } from "./testing/index.js";

const range = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => String(from + i));

/** Several PUBLISH packets as one chunk, as a fast client sends them. */
function burst(protocolVersion: 4 | 5, from: number, to: number, payloadBytes = 1): Uint8Array {
  const packets = range(from, to).map((text) =>
    encodePacket(
      {
        type: PacketType.PUBLISH,
        dup: false,
        qos: 0,
        retain: false,
        topicName: "t",
        packetIdentifier: undefined,
        payload: new TextEncoder().encode(text.padEnd(payloadBytes, " ")),
      },
      protocolVersion,
    ),
  );
  return Buffer.concat(packets);
}

describe.each([4, 5] as const)("protocol level %i", (protocolVersion) => {
  function start(options: BrokerOptions) {
    const harness = new BrokerHarness(options);
    const subscriber = harness.connected({ protocolVersion }).subscribed("#");
    const publisher = harness.connected({ protocolVersion, keepAlive: 1, clientIdentifier: "publisher" });
    const payloads = () => subscriber.payloads().map((text) => text.trim());
    return { harness, subscriber, publisher, payloads, broker: harness.broker };
  }

  test("a client that is paused is read again when its bucket allows, in order, and loses nothing", () => {
    const { harness, publisher, payloads, broker } = start({ publishRateMax: 10 });
    publisher.sendBytes(burst(protocolVersion, 0, 25));
    expect(payloads()).toEqual(range(0, 10));
    expect([publisher.isPaused, broker.pausedPublisherCount, broker.counters.publishPauses]).toEqual([true, 1, 1]);
    harness.advance(1000);
    const second = payloads();
    expect(second.length).toBeGreaterThanOrEqual(9);
    expect(second.length).toBeLessThanOrEqual(11);
    harness.advance(2000);
    expect([...second, ...payloads()]).toEqual(range(10, 25));
    expect([publisher.isPaused, publisher.isClosed, broker.pausedPublisherCount]).toEqual([false, false, 0]);
  });

  test("the rate holds over time, whatever the client has ready", () => {
    const { harness, publisher, payloads } = start({ publishRateMax: 100, publishBurstMs: 500 });
    publisher.sendBytes(burst(protocolVersion, 0, 2000));
    expect(payloads()).toHaveLength(50);
    harness.advance(10_000);
    const count = payloads().length;
    expect(count).toBeGreaterThan(980);
    expect(count).toBeLessThanOrEqual(1020);
  });

  test("bytes count as well, and a message larger than the burst is only late", () => {
    const { harness, publisher, payloads } = start({ publishBytesRateMax: 1000 });
    publisher.sendBytes(burst(protocolVersion, 0, 1, 5000));
    publisher.sendBytes(burst(protocolVersion, 1, 2));
    expect(payloads()).toEqual(["0"]);
    harness.advance(3500);
    expect(payloads()).toEqual([]);
    harness.advance(1000);
    expect(payloads()).toEqual(["1"]);
  });

  test("[MQTT-3.1.2-22] Keep Alive does not expire while the broker does not read, and does afterwards", () => {
    const { harness, publisher, broker } = start({ publishRateMax: 1 });
    publisher.sendBytes(burst(protocolVersion, 0, 8));
    harness.advance(6000);
    expect([publisher.isClosed, broker.pausedPublisherCount]).toEqual([false, 1]);
    harness.advance(3000);
    expect(broker.pausedPublisherCount).toBe(0);
    harness.advance(1000);
    expect(publisher.isClosed).toBe(true);
  });

  test("what a paused client has sent behind is answered when it is read again", () => {
    const { harness, publisher } = start({ publishRateMax: 1 });
    publisher.sendBytes(burst(protocolVersion, 0, 1));
    publisher.send({ type: PacketType.PINGREQ });
    expect(publisher.take()).toEqual([]);
    harness.advance(1500);
    expect(publisher.take()).toEqual([{ type: PacketType.PINGRESP }]);
  });

  test("policy disconnect: 0x96 for what is one too many, which nobody gets", () => {
    const { publisher, payloads, broker } = start({ publishRateMax: 3, publishRatePolicy: "disconnect" });
    publisher.sendBytes(burst(protocolVersion, 0, 5));
    expect(payloads()).toEqual(range(0, 3));
    expect(publisher.isClosed).toBe(true);
    if (protocolVersion === 5) expect(publisher.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(0x96);
    expect(broker.counters.clientsDisconnected.get(0x96)).toBe(1);
  });

  test("a slow publisher is never in the way of the limit", () => {
    const { harness, publisher, payloads, broker } = start({ publishRateMax: 2, publishRatePolicy: "disconnect" });
    for (let i = 0; i < 20; i++) {
      publisher.sendBytes(burst(protocolVersion, i, i + 1));
      harness.advance(500);
      publisher.send({ type: PacketType.PINGREQ });
    }
    expect(payloads()).toEqual(range(0, 20));
    expect(broker.counters.publishPauses).toBe(0);
  });

  test("a paused client that goes is forgotten", () => {
    const { harness, publisher, broker } = start({ publishRateMax: 1 });
    publisher.sendBytes(burst(protocolVersion, 0, 3));
    publisher.drop();
    expect(broker.pausedPublisherCount).toBe(0);
    harness.advance(5000);
    expect(broker.clientCount).toBe(1);
  });

  test("a hook that decides while the bucket is empty does not wake the client", async () => {
    let decide: () => void = () => {};
    const { harness, publisher, payloads } = start({
      publishRateMax: 2,
      hooks: [{ authorizePublish: () => new Promise((resolve) => (decide = () => resolve(undefined))) }],
    });
    const decided = async () => {
      decide();
      await harness.settle();
    };
    publisher.sendBytes(burst(protocolVersion, 0, 4));
    await decided();
    await decided();
    expect(payloads()).toEqual(["0", "1"]);
    expect(publisher.isPaused).toBe(true);
    harness.advance(1000);
    // It may publish again, and the hook has its turn.
    await decided();
    expect(payloads()).toEqual(["2"]);
  });

  test("limits can be set while the broker runs, and taken away from who waits", () => {
    const { harness, publisher, payloads, broker } = start({});
    publisher.sendBytes(burst(protocolVersion, 0, 100));
    expect(payloads()).toHaveLength(100);
    broker.updateLimits({ publishRateMax: 5 });
    publisher.sendBytes(burst(protocolVersion, 0, 20));
    expect(payloads()).toEqual(range(0, 5));
    broker.updateLimits({ publishRateMax: 0 });
    harness.endTurn();
    expect(payloads()).toEqual(range(5, 20));
    expect(publisher.isPaused).toBe(false);
  });
});

test("a listener has its own rate", () => {
  const harness = new BrokerHarness();
  const subscriber = harness.connected().subscribed("#");
  const limited = harness.connected({ listener: { limits: { publishRateMax: 2 } } });
  const free = harness.connected();
  limited.sendBytes(burst(5, 0, 5));
  expect(subscriber.payloads()).toEqual(range(0, 2));
  free.sendBytes(burst(5, 0, 5));
  expect(subscriber.payloads()).toEqual(range(0, 5));
});
