/**
 * Delivery from a publisher to a subscriber through a broker that is killed at any moment and goes on from what its
 * store had made durable by then: QoS 1 is never lost, QoS 2 neither lost nor doubled.
 */
import { DelayedSessionStore } from "@tidings/session/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LossyPublisher, LossySubscriber } from "./conformance/lossy-client.js";
import { BrokerHarness, type ConnectOptions, type TestClient } from "./testing/index.js";

const WINDOW = 4;

/** Whoever connects is let in at once, so that the clients need not wait; everything else becomes durable when told to. */
class ImpatientHarness extends BrokerHarness {
  /** Each turn is durable when it ends. */
  isQuick = false;

  constructor(
    readonly store: DelayedSessionStore,
    nowMs: number,
  ) {
    super({ store, receiveMaximum: WINDOW, queuedMessagesMax: 10_000, queuedMessagesInMemoryMax: 4 });
    this.nowMs = nowMs;
  }

  override connected(options: ConnectOptions = {}): TestClient {
    const client = this.connect(options);
    this.makeDurable();
    const connack = client.received.shift();
    expect(connack).toMatchObject({ reasonCode: 0 });
    return client;
  }

  override endTurn(): void {
    super.endTurn();
    if (this.isQuick) this.makeDurable();
  }

  makeDurable(batches = Number.POSITIVE_INFINITY): void {
    for (let i = 0; i < batches && this.store.waitingBatches > 0; i++)
      this.store.makeDurable(this.store.durableUpTo + 1);
    super.endTurn();
  }
}

class World {
  readonly publisher = new LossyPublisher(WINDOW);
  readonly subscriber = new LossySubscriber();
  harness = new ImpatientHarness(new DelayedSessionStore(), 1_700_000_000_000);

  begin(): void {
    this.harness.isQuick = true;
    this.publisher.connect(this.harness, 4, 1);
    this.subscriber.connect(this.harness, 5, 3);
    this.subscriber.client?.subscribed("a").subscribed("b/#");
    this.harness.isQuick = false;
  }

  async kill(): Promise<void> {
    const { nowMs, store } = this.harness;
    this.publisher.lose(false);
    this.subscriber.lose(false);
    this.harness = new ImpatientHarness(store.killed(), nowMs);
    await this.harness.broker.recover(nowMs);
    // Nobody waits for a broker that does not come back.
    this.publisher.connect(this.harness, 4, 1);
    this.subscriber.connect(this.harness, 5, 3);
  }

  /** Everybody is connected and nothing waits or is lost any more, until all is quiet. */
  finish(): void {
    this.harness.isQuick = true;
    for (const one of [this.publisher, this.subscriber]) one.connect(this.harness, 5, 3);
    for (let busy = true; busy; ) {
      busy = [this.publisher, this.subscriber].map((one) => one.pass(100, 100)).some((passed) => passed);
    }
  }
}

type Step = readonly ["publish" | "pass" | "durable" | "connect" | "kill", number, number];

async function take(world: World, [kind, a, b]: Step): Promise<void> {
  const one = a % 2 === 0 ? world.publisher : world.subscriber;
  switch (kind) {
    case "publish":
      world.publisher.publish(a % 3 === 0 ? "a" : "b/c", b % 3 === 0 ? 1 : 2);
      break;
    case "pass":
      one.pass(b % 5, a % 5);
      break;
    case "durable":
      world.harness.makeDurable(1 + (a % 3));
      break;
    case "connect":
      one.lose(b % 2 === 0);
      one.connect(world.harness, b % 3 === 0 ? 4 : 5, 1 + (a % 4));
      break;
    case "kill":
      await world.kill();
      break;
  }
}

const step = fc.tuple(
  fc.oneof(
    { weight: 8, arbitrary: fc.constant("publish" as const) },
    { weight: 14, arbitrary: fc.constant("pass" as const) },
    { weight: 8, arbitrary: fc.constant("durable" as const) },
    { weight: 2, arbitrary: fc.constant("connect" as const) },
    { weight: 3, arbitrary: fc.constant("kill" as const) },
  ),
  fc.nat(100),
  fc.nat(100),
);

test("[MQTT-4.3.2-4] [MQTT-4.3.3-8] [MQTT-4.3.3-10] [3.1.1 MQTT-4.3.2-2] [3.1.1 MQTT-4.3.3-2] whenever the broker is killed, QoS 1 is not lost, QoS 2 neither lost nor doubled, and each topic keeps its order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120, size: "max" }), async (steps) => {
      const world = new World();
      world.begin();
      for (const one of steps) await take(world, one);
      world.finish();
      const { publisher, subscriber } = world;
      expect(publisher.isDone).toBe(true);
      for (const [key, texts] of publisher.published) {
        const received = subscriber.received.get(key) ?? [];
        expect(key.endsWith("1") ? [...new Set(received)] : received).toEqual(texts);
      }
      expect(subscriber.client?.connection.inFlightMessages).toBe(0);
      expect(world.harness.store.messageCount).toBe(0);
    }),
    { numRuns: 150 },
  );
}, 60_000);
