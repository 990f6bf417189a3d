/**
 * A broker that keeps two messages of each queue in memory and reads the others back from its store does what one does
 * that keeps them all: the same packets to every client, the same drops, whatever happens to sessions in between.
 */
import { PacketType } from "@tidings/packet";
import { DelayedSessionStore } from "@tidings/session/testing";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BrokerOptions } from "./broker-options.js";
import { BrokerHarness, type TestClient } from "./testing/index.js";

const CLIENTS = 4;

/** What is told is durable when the turn ends. */
class DurableHarness extends BrokerHarness {
  constructor(
    readonly store: DelayedSessionStore,
    options: BrokerOptions,
  ) {
    super({ ...options, store });
  }

  override endTurn(): void {
    for (let busy = true; busy; busy = this.store.waitingBatches > 0) {
      this.broker.endTurn();
      this.store.makeDurable();
      super.endTurn();
    }
  }
}

class World {
  private harness: DurableHarness;
  private readonly clients: (TestClient | undefined)[] = [];
  private publisher: TestClient;
  private counter = 0;

  constructor(private readonly options: BrokerOptions) {
    this.harness = new DurableHarness(new DelayedSessionStore(), options);
    this.publisher = this.harness.connected();
    for (let index = 0; index < CLIENTS; index++) this.connect(index, 3600, false);
    for (const [index, client] of this.clients.entries()) {
      client?.subscribed(index % 2 === 0 ? "a" : "+", { qos: 2, subscriptionIdentifier: 1 + index });
      if (index > 0) client?.subscribed("$share/group/s", { qos: 1 });
    }
  }

  publish(topicName: string, qos: 1 | 2, bytes: number, messageExpiryInterval?: number): void {
    const payload = `${++this.counter}`.padEnd(bytes);
    this.publisher.publish(topicName, payload, { qos, properties: { messageExpiryInterval } });
    if (qos === 2) {
      const { packetIdentifier } = this.publisher.takeFirst(PacketType.PUBREC);
      this.publisher.acknowledge(PacketType.PUBREL, packetIdentifier);
    }
    this.publisher.take();
  }

  connect(index: number, sessionExpiryInterval: number, cleanStart: boolean): void {
    this.clients[index] = this.harness.connected({
      clientIdentifier: `c${index}`,
      cleanStart,
      properties: { sessionExpiryInterval, receiveMaximum: 2 },
    });
  }

  drop(index: number): void {
    this.clients[index]?.drop();
    this.clients[index] = undefined;
  }

  /** The client takes what came, and answers it. */
  answer(index: number): unknown[] {
    const client = this.clients[index];
    if (client === undefined || client.isClosed) return [];
    const packets = client.take();
    for (const packet of packets) {
      if (packet.type === PacketType.PUBREL) client.acknowledge(PacketType.PUBCOMP, packet.packetIdentifier);
      if (packet.type !== PacketType.PUBLISH) continue;
      const type = packet.qos === 1 ? PacketType.PUBACK : PacketType.PUBREC;
      client.acknowledge(type, packet.packetIdentifier as number);
    }
    return packets;
  }

  async restart(): Promise<void> {
    const { nowMs, store } = this.harness;
    this.harness = new DurableHarness(store.killed(), this.options);
    this.harness.nowMs = nowMs;
    await this.harness.broker.recover(nowMs);
    this.harness.endTurn();
    this.clients.fill(undefined);
    this.publisher = this.harness.connected();
  }

  advance(milliseconds: number): void {
    this.harness.advance(milliseconds);
  }

  /** What is the same in both worlds. */
  get state(): unknown {
    const { broker } = this.harness;
    return [
      broker.droppedMessages,
      Array.from(broker.sessions.values(), ({ clientIdentifier, outbound }) => [
        clientIdentifier,
        outbound.queue.size,
        outbound.queue.bytes,
        outbound.inFlight.size,
      ]),
    ];
  }

  /** Every session is over; answers with the messages that the store still keeps. */
  end(): number {
    for (let index = 0; index < CLIENTS; index++) {
      this.connect(index, 0, true);
      this.drop(index);
    }
    return this.harness.store.messageCount;
  }

  /** Messages in memory of the queue that has most, and messages of all that are not. Without a store all are. */
  get memory(): [most: number, unread: number] {
    const stored = [...this.harness.broker.sessions.values()].filter(({ store }) => store !== undefined);
    const queues = stored.map(({ outbound }) => outbound.queue);
    const most = Math.max(0, ...queues.map(({ size, unreadSize }) => size - unreadSize));
    return [most, queues.reduce((sum, { unreadSize }) => sum + unreadSize, 0)];
  }
}

type Step = readonly ["publish" | "answer" | "connect" | "drop" | "end" | "restart" | "wait", number, number];

async function take(world: World, [kind, a, b]: Step): Promise<unknown> {
  const index = a % CLIENTS;
  switch (kind) {
    case "publish":
      world.publish(["a", "b", "s"][a % 3], b % 2 === 0 ? 1 : 2, b, b % 5 === 0 ? 1 + (a % 20) : undefined);
      return undefined;
    case "answer":
      return world.answer(index);
    case "connect":
      world.connect(index, 3600, false);
      return world.answer(index);
    case "drop":
      return world.drop(index);
    case "end":
      world.connect(index, 3600, true);
      return world.answer(index);
    case "restart":
      return world.restart();
    case "wait":
      return world.advance(1000 * b);
  }
}

const step = fc.tuple(
  fc.oneof(
    { weight: 24, arbitrary: fc.constant("publish" as const) },
    { weight: 6, arbitrary: fc.constant("answer" as const) },
    { weight: 3, arbitrary: fc.constant("connect" as const) },
    { weight: 4, arbitrary: fc.constant("drop" as const) },
    { weight: 1, arbitrary: fc.constant("end" as const) },
    { weight: 1, arbitrary: fc.constant("restart" as const) },
    { weight: 1, arbitrary: fc.constant("wait" as const) },
  ),
  fc.nat(100),
  fc.nat(60),
);

describe.each(["drop-new", "drop-oldest"] as const)("a queue with the policy %s", (queueFullPolicy) => {
  test("that is read back from the store is one that is in memory", async () => {
    let unreadMost = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 150, size: "max" }), async (steps) => {
        const options: BrokerOptions = { queueFullPolicy, queuedMessagesMax: 20, queuedBytesMax: 4000 };
        const inMemory = new World(options);
        const readBack = new World({ ...options, queuedMessagesInMemoryMax: 2, queuedBytesInMemoryMax: 520 });
        for (const one of steps) {
          expect(await take(readBack, one)).toEqual(await take(inMemory, one));
          expect(readBack.state).toEqual(inMemory.state);
          const [most, unread] = readBack.memory;
          expect(most).toBeLessThanOrEqual(2);
          unreadMost = Math.max(unreadMost, unread);
        }
        expect([readBack.end(), inMemory.end()]).toEqual([0, 0]);
        expect(readBack.state).toEqual(inMemory.state);
      }),
      { numRuns: 60 },
    );
    expect(unreadMost).toBeGreaterThan(10);
  }, 60_000);
});

const RECEIVED = { cleanStart: false, properties: { sessionExpiryInterval: 0, receiveMaximum: 2 } };

describe("a session with a queue that is not all in memory", () => {
  async function away(options: BrokerOptions = {}): Promise<DurableHarness> {
    const harness = new DurableHarness(new DelayedSessionStore(), { queuedMessagesInMemoryMax: 2, ...options });
    const client = harness.connected({ clientIdentifier: "c", properties: { sessionExpiryInterval: 3600 } });
    client.subscribed("a", { qos: 1 }).drop();
    const publisher = harness.connected();
    for (let number = 1; number <= 10; number++) publisher.publish("a", `${number}`, { qos: 1 });
    publisher.drop();
    return harness;
  }

  test("gets all of it on a connection with which it ends, and leaves nothing behind", async () => {
    const harness = await away();
    const client = harness.connected({ clientIdentifier: "c", ...RECEIVED });
    const received: string[] = [];
    for (let messages = client.messages(); messages.length > 0; messages = client.messages()) {
      for (const { payload, packetIdentifier } of messages) {
        received.push(new TextDecoder().decode(payload));
        client.acknowledge(PacketType.PUBACK, packetIdentifier as number);
      }
    }
    expect(received).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
    client.drop();
    expect([harness.broker.sessionCount, harness.store.messageCount]).toEqual([0, 0]);
  });

  test("ends with the process that carried such a connection", async () => {
    const harness = await away();
    harness.connected({ clientIdentifier: "c", ...RECEIVED });
    const next = new DurableHarness(harness.store.killed(), {});
    await next.broker.recover(harness.nowMs);
    next.endTurn();
    expect([next.broker.sessionCount, next.store.messageCount]).toEqual([0, 0]);
  });

  test("counts all of it when it ends, and shows it to hooks that want to see what is dropped", async () => {
    const counted: string[] = [];
    const plain = await away({ observer: { messageDropped: (_client, reason) => void counted.push(reason) } });
    plain.advance(3_601_000);
    expect(counted).toEqual(new Array(10).fill("session-ended"));
    const shown: string[] = [];
    const hooks = [
      {
        onDrop: (_: unknown, { payload }: { payload: Uint8Array }) =>
          void shown.push(new TextDecoder().decode(payload)),
      },
    ];
    const watched = await away({ hooks });
    watched.advance(3_601_000);
    expect([shown.length, shown[0], shown[9]]).toEqual([10, "1", "10"]);
    expect(watched.broker.droppedMessages["session-ended"]).toBe(10);
    expect(watched.store.messageCount).toBe(0);
  });

  test("drops QoS 0 messages behind it, which could not be read back", async () => {
    const harness = await away({ queueQoS0: true });
    harness.connected().publish("a", "lost");
    expect(harness.broker.droppedMessages["queue-full"]).toBe(1);
  });
});
