/** What was durable is there after a crash, and batches are there whole or not at all. */
import type { SuiteTools } from "./session-store-suite.js";
import { isSame } from "./store-content.js";
import type { StoreLife } from "./store-life.js";
import { TestMessage } from "./test-message.js";
import { delivery, session, subscription } from "./test-records.js";

export function crashCases({ expect, expectKept, expectSame, storeTest }: SuiteTools, how: "kill" | "powerCut"): void {
  /** What is there is one of the states that may be there. */
  async function crash(life: StoreLife): Promise<void> {
    const { content, allowed } = await life.crash(how);
    // A comparison that fails shows the oldest state that is allowed.
    if (!allowed.some((one) => isSame(one, content))) expectSame(content, allowed[0]);
    const messageCount = await life.messageCount();
    if (messageCount !== undefined) expect(messageCount).toEqual(life.model.messages.size);
  }

  storeTest("what was durable is there", async (life) => {
    for (let i = 0; i < 20; i++) {
      tellTurn(life, i);
      if (i % 3 === 0) await life.durable();
      else life.seal();
    }
    await life.durable();
    const expected = life.model.content();
    await crash(life);
    expectSame(life.model.content(), expected);
    await expectKept(life);
  });

  storeTest("what waits is there up to the end of some batch", async (life) => {
    for (let i = 0; i < 50; i++) {
      tellTurn(life, i);
      if (i === 10) await life.durable();
      else life.seal();
    }
    await crash(life);
    await expectKept(life);
  });

  storeTest("a batch that was not sealed is not there", async (life) => {
    tellTurn(life, 0);
    await life.durable();
    const expected = life.model.content();
    tellTurn(life, 1);
    life.tell.enqueue("client", delivery(3), new TestMessage("large", { payload: new Uint8Array(1_000_000) }));
    await crash(life);
    expectSame(life.model.content(), expected);
  });

  storeTest("the store goes on, and through the next crash as well", async (life) => {
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 6; i++) {
        tellTurn(life, round * 6 + i);
        if (i === 3) await life.durable();
        else life.seal();
      }
      await crash(life);
    }
    tellTurn(life, 99);
    await expectKept(life);
  });

  storeTest("an acknowledged end is an end: nothing that was done or dropped comes back", async (life) => {
    for (let i = 0; i < 4; i++) tellTurn(life, i);
    await life.durable();
    for (const { deliveryNumber } of [...life.model.deliveries("client")]) life.tell.done("client", deliveryNumber);
    for (let i = 0; i < 4; i++) life.tell.clearRetained(`topic/retained-${i}`);
    life.tell.dropSession("passing-1");
    await life.durable();
    const expected = life.model.content();
    await crash(life);
    expectSame(life.model.content(), expected);
  });
}

/** What one turn of a busy broker tells: several records that belong together. */
function tellTurn(life: StoreLife, number: number): void {
  life.tell.putSession(session("client", { sessionExpiryInterval: number }));
  life.tell.putSession(session(`passing-${number}`));
  life.tell.putSubscription(`passing-${number}`, subscription("x/#", { subscriptionIdentifier: number + 1 }));
  const retained = new TestMessage(`retained-${number}`);
  life.tell.setRetained(retained.content.topicName, retained);
  const message = new TestMessage(`${number}`, { payload: new Uint8Array((number * 997) % 5000) });
  const next = life.model.nextDeliveryNumber("client");
  life.tell.enqueue("client", delivery(next, { qos: 2 }), message);
  life.tell.enqueue(`passing-${number}`, delivery(1), message);
  life.tell.sent("client", next, next);
  life.tell.addInbound("client", number + 1);
  if (number > 2) {
    life.tell.released("client", next - 1);
    life.tell.done("client", next - 2);
    life.tell.removeInbound("client", number - 1);
    life.tell.dropSession(`passing-${number - 3}`);
    life.tell.clearRetained(`topic/retained-${number - 3}`);
  }
}
