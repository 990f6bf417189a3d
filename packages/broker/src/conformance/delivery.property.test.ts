/**
 * Delivery from a publisher to a subscriber through the broker, whatever breaks on the way: connections on either side,
 * noticed or not, with packets lost in both directions, and the broker itself, which goes on from its store.
 */
import { MemorySessionStore } from "@tidings/session";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { BrokerHarness } from "../testing/index.js";
import { LossyPublisher, LossySubscriber } from "./lossy-client.js";

const WINDOW = 4;

class World {
  readonly publisher = new LossyPublisher(WINDOW);
  readonly subscriber = new LossySubscriber();
  readonly store = new MemorySessionStore();
  harness: BrokerHarness;

  constructor(private readonly inFlightMessagesMax: number) {
    this.harness = this.start();
  }

  private start(): BrokerHarness {
    const { inFlightMessagesMax, store } = this;
    return new BrokerHarness({ receiveMaximum: WINDOW, inFlightMessagesMax, queuedMessagesMax: 10_000, store });
  }

  /** The process of the broker ends without a word, and another one goes on. */
  async restart(): Promise<void> {
    const { nowMs } = this.harness;
    this.publisher.lose(false);
    this.subscriber.lose(false);
    this.harness = this.start();
    this.harness.nowMs = nowMs;
    await this.harness.broker.recover(nowMs);
  }

  /** Everybody is connected and nothing is lost any more, until all is quiet. */
  finish(): void {
    for (const one of [this.publisher, this.subscriber]) one.connect(this.harness, 5, 3);
    for (let busy = true; busy; ) {
      busy = [this.publisher, this.subscriber].map((one) => one.pass(100, 100)).some((passed) => passed);
    }
  }
}

type Step = (world: World) => void | Promise<void>;

const who = fc.constantFrom("publisher" as const, "subscriber" as const);
const some = fc.integer({ min: 0, max: 4 });

function step<T>(
  name: string,
  weight: number,
  input: fc.Arbitrary<T>,
  run: (world: World, input: T) => void | Promise<void>,
) {
  const arbitrary = input.map(
    (value): Step =>
      Object.assign((world: World) => run(world, value), {
        toString: () => `${name} ${JSON.stringify(value)}`,
      }),
  );
  return { arbitrary, weight };
}

const steps = fc.array(
  fc.oneof(
    step(
      "publish",
      8,
      fc.record({ topic: fc.constantFrom("a", "b/c"), qos: fc.constantFrom(1 as const, 2 as const) }),
      (world, { topic, qos }) => world.publisher.publish(topic, qos),
    ),
    step(
      "pass",
      12,
      fc.tuple(who, some, some),
      (world, [one, toBroker, toClient]) => void world[one].pass(toBroker, toClient),
    ),
    step(
      "connect",
      5,
      fc.tuple(who, fc.constantFrom(4 as const, 5 as const), fc.integer({ min: 1, max: 4 })),
      (world, [one, version, receiveMaximum]) => world[one].connect(world.harness, version, receiveMaximum),
    ),
    step("lose", 2, fc.tuple(who, fc.boolean()), (world, [one, noticed]) => world[one].lose(noticed)),
    step("wait", 1, fc.integer({ min: 1, max: 20_000 }), (world, milliseconds) => world.harness.advance(milliseconds)),
    step("restart", 1, fc.constant(0), (world) => world.restart()),
  ),
  { maxLength: 120, size: "max" },
);

test("[MQTT-4.3.3-10] [MQTT-4.4.0-1] [MQTT-4.6.0-5] [3.1.1 MQTT-4.3.3-2] [3.1.1 MQTT-4.4.0-1] [3.1.1 MQTT-4.6.0-6] QoS 1 is never lost, QoS 2 neither lost nor doubled, and each topic keeps its order", async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 5 }), async (all, inFlightMessagesMax) => {
      const world = new World(inFlightMessagesMax);
      const { publisher, subscriber } = world;
      publisher.connect(world.harness, 4, 1);
      subscriber.connect(world.harness, 4, 1);
      subscriber.client?.subscribed("a").subscribed("b/#");
      for (const one of all) await one(world);
      world.finish();
      expect(publisher.isDone).toBe(true);
      for (const [key, texts] of publisher.published) {
        const received = subscriber.received.get(key) ?? [];
        // QoS 1 may come again, but not for the first time out of order.
        expect(key.endsWith("1") ? [...new Set(received)] : received).toEqual(texts);
      }
      expect([...subscriber.received.keys()].every((key) => publisher.published.has(key))).toBe(true);
      expect(subscriber.client?.connection.inFlightMessages).toBe(0);
      expect(subscriber.client?.connection.queuedMessages).toBe(0);
      expect(world.store.messageCount).toBe(0);
    }),
    { numRuns: 200 },
  );
}, 60_000);
