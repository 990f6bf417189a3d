/** Whatever is told, sealed, reopened or killed in whatever order, a store holds what the model holds. */
import type { QoS } from "@tidings/packet";
import { expectQueue } from "./queue-cases.js";
import type { SuiteTools } from "./session-store-suite.js";
import { isSame } from "./store-content.js";
import { StoreLife } from "./store-life.js";
import { TestMessage } from "./test-message.js";
import { delivery, session, subscription } from "./test-records.js";

/** What the suite uses of fast-check. */
export interface FastCheck {
  nat(max: number): unknown;
  tuple(...arbitraries: never[]): unknown;
  array(arbitrary: never, constraints: { maxLength: number; size: "max" }): unknown;
  asyncProperty(arbitrary: never, predicate: (value: never) => Promise<void>): unknown;
  assert(property: never, parameters: { numRuns: number }): Promise<void> | void;
}

/** Likelihoods of what may happen next. */
const WEIGHTS = {
  putSession: 6,
  dropSession: 1,
  putSubscription: 4,
  removeSubscription: 2,
  enqueue: 20,
  enqueueAgain: 10,
  sent: 14,
  released: 8,
  done: 14,
  addInbound: 4,
  removeInbound: 3,
  setRetained: 5,
  clearRetained: 2,
  readQueue: 5,
  seal: 8,
  durable: 2,
  reopen: 2,
  crash: 2,
};
type Step = keyof typeof WEIGHTS;
const STEPS = (Object.keys(WEIGHTS) as Step[]).flatMap((step) => new Array<Step>(WEIGHTS[step]).fill(step));

export function randomCases(tools: SuiteTools, fastCheck: FastCheck): void {
  const { driver, expect, expectKept, expectSame, storeTest } = tools;
  const step = fastCheck.tuple(
    fastCheck.nat(STEPS.length - 1) as never,
    fastCheck.nat(1000) as never,
    fastCheck.nat(1000) as never,
  );
  const steps = fastCheck.array(step as never, { maxLength: 120, size: "max" });

  storeTest("a store holds what it was told", async () => {
    const property = fastCheck.asyncProperty(steps as never, async (chosen: readonly [number, number, number][]) => {
      const life = await StoreLife.begin(driver);
      try {
        const messages: TestMessage[] = [];
        for (const [index, a, b] of chosen) await take(life, STEPS[index], a, b, messages);
        await expectKept(life);
        expect(life.violations).toEqual([]);
      } finally {
        await life.end();
      }
    });
    await fastCheck.assert(property as never, { numRuns: 60 });
  });

  async function take(life: StoreLife, step: Step, a: number, b: number, messages: TestMessage[]): Promise<void> {
    const client = `client-${a % 4}`;
    const known = life.model.deliveries(client);
    const chosen = known[b % Math.max(1, known.length)];
    switch (step) {
      case "putSession":
        life.tell.putSession(session(client, { disconnectedAtMs: b % 2 === 0 ? undefined : b }));
        break;
      case "dropSession":
        life.tell.dropSession(client);
        break;
      case "putSubscription":
        life.tell.putSubscription(client, subscription(`filter/${b % 3}`, { subscriptionIdentifier: b }));
        break;
      case "removeSubscription":
        life.tell.removeSubscription(client, `filter/${b % 3}`);
        break;
      case "enqueue":
      case "enqueueAgain": {
        // Often a message that others have as well, or had.
        let message = messages[b % Math.max(1, messages.length)];
        if (step === "enqueue" || message === undefined) {
          message = new TestMessage(`${messages.length}`, { payload: new Uint8Array(b), qos: 2 });
          messages.push(message);
        }
        const number = life.model.nextDeliveryNumber(client);
        life.tell.enqueue(client, delivery(number, { qos: (1 + (b % 2)) as QoS }), message);
        break;
      }
      case "sent": {
        const queued = known.find(({ packetIdentifier }) => packetIdentifier === 0);
        if (queued !== undefined) {
          life.tell.sent(client, queued.deliveryNumber, 1 + ((queued.deliveryNumber * 7919) % 65_535));
        }
        break;
      }
      case "released":
        if (chosen !== undefined && chosen.packetIdentifier > 0) life.tell.released(client, chosen.deliveryNumber);
        break;
      case "done":
        // Sometimes one that was done before.
        life.tell.done(client, b % 5 === 0 ? 1 + (b % 7) : (chosen?.deliveryNumber ?? 1));
        break;
      case "addInbound":
        life.tell.addInbound(client, 1 + (b % 5));
        break;
      case "removeInbound":
        life.tell.removeInbound(client, 1 + (b % 5));
        break;
      case "setRetained": {
        const topicName = `topic/${b % 4}`;
        const queued = life.model.retainedMessage(topicName);
        const message = b % 3 === 0 && queued !== undefined ? queued : new TestMessage(`${a}`, { topicName });
        life.tell.setRetained(topicName, message);
        if (b % 2 === 0) messages.push(message);
        break;
      }
      case "clearRetained":
        life.tell.clearRetained(`topic/${b % 4}`);
        break;
      case "readQueue":
        if (driver.readsQueues) expectQueue(tools, life, client, 1 + (a % 5), { messages: 1 + (b % 4), bytes: 10 * b });
        break;
      case "seal":
        life.seal();
        break;
      case "durable":
        await life.durable();
        break;
      case "reopen":
        await expectKept(life);
        break;
      case "crash": {
        if (driver.kill === undefined) break;
        const { content, allowed } = await life.crash("kill");
        if (!allowed.some((one) => isSame(one, content))) expectSame(content, allowed[0]);
        break;
      }
    }
  }
}
