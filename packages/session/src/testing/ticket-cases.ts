/** Tickets name batches, and the store says in order which are durable. */

import type { SuiteTools } from "./session-store-suite.js";
import type { StoreLife, Telling } from "./store-life.js";
import { TestMessage } from "./test-message.js";
import { delivery, session, subscription } from "./test-records.js";

export function ticketCases({ expect, expectKept, storeTest }: SuiteTools): void {
  storeTest("promise nothing while nothing was told", async (life) => {
    expect(life.store.currentTicket <= life.store.durableUpTo).toEqual(true);
    expect(life.seal()).toEqual(life.store.currentTicket);
    expect(life.store.currentTicket <= life.store.durableUpTo).toEqual(true);
    expect(life.store.backlogBytes).toEqual(0);
  });

  storeTest("name the batch that is told, before it is sealed and after", async (life) => {
    for (let i = 0; i < 5; i++) {
      life.tell.putSession(session(`client-${i}`));
      const ticket = life.store.currentTicket;
      life.tell.putSession(session(`another-${i}`));
      expect(life.store.currentTicket).toEqual(ticket);
      expect(life.seal()).toEqual(ticket);
      expect(life.store.currentTicket).toEqual(ticket);
      // Nothing told: no other batch.
      expect(life.seal()).toEqual(ticket);
    }
    await expectKept(life);
  });

  storeTest("grow from batch to batch, or are 0 for good", async (life) => {
    const tickets: number[] = [];
    for (let i = 0; i < 20; i++) {
      life.tell.putSession(session("a", { sessionExpiryInterval: i }));
      tickets.push(life.seal());
      if (i % 5 === 0) await life.durable();
    }
    const always0 = tickets.every((ticket) => ticket === 0);
    const grow = tickets.every((ticket, i) => ticket > (tickets[i - 1] ?? 0));
    expect(always0 || grow).toEqual(true);
  });

  storeTest("cover everything that can be told", async (life) => {
    await life.durable();
    const message = new TestMessage("one", { topicName: "x" });
    const told: ((tell: Telling) => void)[] = [
      (tell) => tell.putSession(session("a")),
      (tell) => tell.putSubscription("a", subscription("x")),
      (tell) => tell.enqueue("a", delivery(1, { qos: 2 }), message),
      (tell) => tell.sent("a", 1, 1),
      (tell) => tell.released("a", 1),
      (tell) => tell.done("a", 1),
      (tell) => tell.addInbound("a", 1),
      (tell) => tell.removeInbound("a", 1),
      (tell) => tell.setRetained("x", message),
      (tell) => tell.clearRetained("x"),
      (tell) => tell.removeSubscription("a", "x"),
      (tell) => tell.dropSession("a"),
    ];
    for (const [index, tellIt] of told.entries()) {
      const before = life.store.currentTicket;
      tellIt(life.tell);
      const { currentTicket } = life.store;
      expect([index, currentTicket === 0 || currentTicket > before]).toEqual([index, true]);
      await life.durable();
      expect([index, life.store.durableUpTo >= currentTicket]).toEqual([index, true]);
    }
  });

  storeTest("become durable in order, each told once and behind the turn", async (life) => {
    // The life itself watches over order, over `durableUpTo`, and over calls from inside.
    const tickets: number[] = [];
    for (let i = 0; i < 30; i++) {
      tell20(life, i);
      tickets.push(life.seal());
    }
    const last = await life.durable();
    expect(life.store.durableUpTo).toEqual(last);
    if (last > 0) {
      expect(life.durableCalls.length > 0).toEqual(true);
      expect(life.durableCalls.at(-1)).toEqual(last);
    } else {
      expect(life.durableCalls).toEqual([]);
    }
    expect(life.store.currentTicket).toEqual(last);
  });

  storeTest("stay durable", async (life) => {
    tell20(life, 0);
    const ticket = await life.durable();
    tell20(life, 1);
    expect(life.store.durableUpTo >= ticket).toEqual(true);
    life.seal();
    expect(life.store.durableUpTo >= ticket).toEqual(true);
    await life.durable();
  });

  storeTest("come with a backlog of the bytes that wait", async (life) => {
    life.tell.putSession(session("a"));
    await life.durable();
    expect(life.store.backlogBytes).toEqual(0);
    life.tell.enqueue("a", delivery(1), new TestMessage("large", { payload: new Uint8Array(100_000) }));
    const waits = life.store.currentTicket > life.store.durableUpTo;
    expect(life.store.backlogBytes >= 100_000).toEqual(waits);
    await life.durable();
    expect(life.store.backlogBytes).toEqual(0);
  });

  storeTest("need no seal before an orderly end", async (life) => {
    tell20(life, 0);
    life.seal();
    tell20(life, 1);
    await expectKept(life);
  });
}

/** A session with 20 deliveries. */
function tell20(life: StoreLife, number: number): void {
  const client = `client-${number}`;
  life.tell.putSession(session(client));
  for (let i = 1; i <= 20; i++) life.tell.enqueue(client, delivery(i), new TestMessage(`${client}/${i}`));
}
