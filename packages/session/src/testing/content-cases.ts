/** What a store is told is there in its next life, all of it and nothing else. */

import type { SuiteTools } from "./session-store-suite.js";
import type { StoreLife } from "./store-life.js";
import { bytesOf, TestMessage } from "./test-message.js";
import { delivery, session, subscription } from "./test-records.js";

export function contentCases(tools: SuiteTools): void {
  sessionCases(tools);
  deliveryCases(tools);
  messageCases(tools);
  retainedCases(tools);
  repetitionCases(tools);
}

function sessionCases({ expect, expectKept, storeTest }: SuiteTools): void {
  storeTest("nothing before it is told anything", async (life) => {
    expect(await life.reopen()).toEqual({ sessions: [], retained: [] });
  });

  storeTest("what a session is, as it was put last", async (life) => {
    life.tell.putSession(session("a", { sessionExpiryInterval: 10, userName: "anna" }));
    life.tell.putSession(session("b", { disconnectedAtMs: 1_700_000_000_000 }));
    life.tell.putSession(session("a", { sessionExpiryInterval: 20, disconnectedAtMs: 5, userName: "berta" }));
    life.tell.putSession(session("b"));
    await expectKept(life);
  });

  storeTest("a will with its moment, until the session is put without it", async (life) => {
    const packet = bytesOf("a will");
    life.tell.putSession(session("a", { will: { packet, delayInterval: 60, publishAtMs: undefined } }));
    life.tell.putSession(session("b", { will: { packet, delayInterval: 60, publishAtMs: 1_700_000_060_000 } }));
    life.tell.putSession(session("c", { will: { packet, delayInterval: 0, publishAtMs: undefined } }));
    life.tell.putSession(session("c"));
    await expectKept(life);
  });

  storeTest("what belongs to a session when the session is put again", async (life) => {
    fill(life, "a", new TestMessage("one"));
    life.tell.putSession(session("a", { sessionExpiryInterval: 7 }));
    await expectKept(life);
  });

  storeTest("nothing of a session that was dropped, and everything of the others", async (life) => {
    const shared = new TestMessage("shared");
    fill(life, "a", shared);
    fill(life, "b", shared);
    life.tell.dropSession("a");
    await expectKept(life);
    life.tell.dropSession("b");
    await expectKept(life);
    expect(await life.reopen()).toEqual({ sessions: [], retained: [] });
  });

  storeTest("nothing of an earlier session of the same client", async (life) => {
    fill(life, "a", new TestMessage("one"));
    life.tell.dropSession("a");
    life.tell.putSession(session("a"));
    await expectKept(life);
    life.tell.enqueue("a", delivery(1), new TestMessage("two"));
    await expectKept(life);
  });

  storeTest("subscriptions, one for each Topic Filter", async (life) => {
    life.tell.putSession(session("a"));
    life.tell.putSession(session("b"));
    life.tell.putSubscription("a", subscription("x/+", { qos: 0 }));
    life.tell.putSubscription("a", subscription("$share/group/x/+", { qos: 2, noLocal: true }));
    life.tell.putSubscription("b", subscription("x/+", { retainHandling: 2, subscriptionIdentifier: 268_435_455 }));
    life.tell.putSubscription("a", subscription("x/+", { retainAsPublished: true, retainHandling: 1 }));
    await expectKept(life);
    life.tell.removeSubscription("a", "x/+");
    life.tell.removeSubscription("a", "no/such");
    await expectKept(life);
  });

  storeTest("what is queued when the last subscription goes", async (life) => {
    fill(life, "a", new TestMessage("one"));
    life.tell.removeSubscription("a", "filter/of/a");
    await expectKept(life);
  });

  storeTest("inbound identifiers until they are removed, for each session its own", async (life) => {
    life.tell.putSession(session("a"));
    life.tell.putSession(session("b"));
    for (const identifier of [1, 65_535, 300]) life.tell.addInbound("a", identifier);
    life.tell.addInbound("b", 1);
    await expectKept(life);
    life.tell.removeInbound("a", 1);
    life.tell.removeInbound("b", 300);
    await expectKept(life);
  });

  storeTest("nothing for a session that is not there", async (life) => {
    life.tell.putSubscription("a", subscription("x"));
    life.tell.enqueue("a", delivery(1), new TestMessage("one"));
    life.tell.sent("a", 1, 1);
    life.tell.released("a", 1);
    life.tell.done("a", 1);
    life.tell.addInbound("a", 1);
    life.tell.removeInbound("a", 1);
    life.tell.removeSubscription("a", "x");
    life.tell.dropSession("a");
    await expectKept(life);
    expect(await life.reopen()).toEqual({ sessions: [], retained: [] });
  });
}

function deliveryCases({ expectKept, storeTest }: SuiteTools): void {
  storeTest("deliveries in the order of their numbers", async (life) => {
    life.tell.putSession(session("a"));
    for (let number = 1; number <= 100; number++) {
      life.tell.enqueue("a", delivery(number, { qos: number % 3 === 0 ? 2 : 1 }), new TestMessage(`${number}`));
    }
    await expectKept(life);
  });

  storeTest("how far each delivery has come: queued, sent, released, done", async (life) => {
    life.tell.putSession(session("a"));
    for (let number = 1; number <= 6; number++) {
      life.tell.enqueue("a", delivery(number, { qos: 2 }), new TestMessage(`${number}`));
    }
    // Numbers and identifiers have nothing to do with each other.
    for (const [number, identifier] of [
      [1, 65_535],
      [2, 1],
      [3, 700],
      [4, 2],
    ] as const) {
      life.tell.sent("a", number, identifier);
    }
    life.tell.released("a", 2);
    life.tell.released("a", 4);
    life.tell.done("a", 4);
    life.tell.done("a", 1);
    await expectKept(life);
    life.tell.done("a", 2);
    life.tell.released("a", 3);
    life.tell.sent("a", 5, 3);
    await expectKept(life);
  });

  storeTest("deliveries that are never done, however many others pass by", async (life) => {
    life.tell.putSession(session("a"));
    for (let number = 1; number <= 500; number++) {
      life.tell.enqueue("a", delivery(number), new TestMessage(`${number}`));
      life.tell.sent("a", number, number);
      if (number % 100 !== 7) life.tell.done("a", number);
      if (number % 50 === 0) life.seal();
    }
    await expectKept(life);
  });

  storeTest("the next delivery number when everything is done", async (life) => {
    life.tell.putSession(session("a"));
    for (let number = 1; number <= 3; number++) {
      life.tell.enqueue("a", delivery(number), new TestMessage(`${number}`));
      life.tell.done("a", number);
    }
    await expectKept(life);
    life.tell.enqueue("a", delivery(4), new TestMessage("4"));
    await expectKept(life);
  });

  storeTest("what is done as done, life after life", async (life) => {
    life.tell.putSession(session("a"));
    life.tell.enqueue("a", delivery(1), new TestMessage("1"));
    life.tell.enqueue("a", delivery(2), new TestMessage("2"));
    await expectKept(life);
    life.tell.done("a", 1);
    await expectKept(life);
    await expectKept(life);
    life.tell.done("a", 2);
    await expectKept(life);
    await expectKept(life);
  });
}

function messageCases({ expect, expectKept, storeTest }: SuiteTools): void {
  storeTest("a message once, for however many sessions it is queued", async (life) => {
    const message = new TestMessage("one");
    for (let i = 0; i < 1000; i++) life.tell.putSession(session(`client-${i}`));
    for (let i = 0; i < 1000; i++) life.tell.enqueue(`client-${i}`, delivery(1, { retain: i % 2 === 0 }), message);
    expect([message.timesStored, message.messageNumber > 0]).toEqual([1, true]);
    await expectKept(life);
    expect(message.timesStored).toEqual(1);
  });

  storeTest("messages with the same content apart", async (life) => {
    const [one, two] = [new TestMessage("same"), new TestMessage("same")];
    life.tell.putSession(session("a"));
    life.tell.enqueue("a", delivery(1), one);
    life.tell.enqueue("a", delivery(2), two);
    expect(one.messageNumber === two.messageNumber).toEqual(false);
    await expectKept(life);
  });

  storeTest("a message until its last delivery is done", async (life) => {
    const message = new TestMessage("one");
    for (const client of ["a", "b", "c"]) {
      life.tell.putSession(session(client));
      life.tell.enqueue(client, delivery(1), message);
    }
    life.tell.done("b", 1);
    await expectKept(life);
    life.tell.dropSession("a");
    await expectKept(life);
    life.tell.done("c", 1);
    await expectKept(life);
  });

  storeTest("a message that is queued twice for one session until both are done", async (life) => {
    const message = new TestMessage("one");
    life.tell.putSession(session("a"));
    life.tell.enqueue("a", delivery(1, { subscriptionIdentifiers: [1], sharedFilter: "$share/g/t" }), message);
    life.tell.enqueue("a", delivery(2, { subscriptionIdentifiers: [2] }), message);
    life.tell.done("a", 1);
    await expectKept(life);
    life.tell.done("a", 2);
    await expectKept(life);
  });

  storeTest("a message that is queued anew after it was forgotten", async (life) => {
    const message = new TestMessage("one");
    life.tell.putSession(session("a"));
    life.tell.putSession(session("b"));
    life.tell.enqueue("a", delivery(1), message);
    life.tell.done("a", 1);
    life.tell.enqueue("b", delivery(1), message);
    await expectKept(life);
    life.tell.done("b", 1);
    await life.durable();
    life.tell.enqueue("a", delivery(2), message);
    await expectKept(life);
  });

  storeTest("a message of an earlier life once, when it is queued again by its number", async (life) => {
    const message = new TestMessage("one");
    life.tell.putSession(session("a"));
    life.tell.putSession(session("b"));
    life.tell.enqueue("a", delivery(1), message);
    await expectKept(life);
    life.tell.enqueue("b", delivery(1), message);
    expect(message.timesStored).toEqual(1);
    await expectKept(life);
    life.tell.done("a", 1);
    await expectKept(life);
  });
}

function retainedCases({ expect, expectKept, storeTest }: SuiteTools): void {
  storeTest("the last retained message of each topic, until it is cleared", async (life) => {
    const at = (topicName: string, name: string) => new TestMessage(name, { topicName });
    life.tell.setRetained("x", at("x", "first"));
    life.tell.setRetained("x/y", at("x/y", "other"));
    life.tell.setRetained("x", at("x", "second"));
    await expectKept(life);
    life.tell.setRetained("x", at("x", "third"));
    life.tell.clearRetained("x/y");
    life.tell.clearRetained("no/such/topic");
    await expectKept(life);
    life.tell.clearRetained("x");
    await expectKept(life);
    expect(await life.reopen()).toEqual({ sessions: [], retained: [] });
  });

  storeTest("a retained message that is queued as well, once, until neither needs it", async (life) => {
    const message = new TestMessage("one", { topicName: "x" });
    life.tell.putSession(session("a"));
    life.tell.setRetained("x", message);
    life.tell.enqueue("a", delivery(1), message);
    expect(message.timesStored).toEqual(1);
    await expectKept(life);
    life.tell.done("a", 1);
    await expectKept(life);
    life.tell.enqueue("a", delivery(2), message);
    life.tell.clearRetained("x");
    await expectKept(life);
    life.tell.done("a", 2);
    await expectKept(life);
  });

  storeTest("retained messages when all sessions are gone", async (life) => {
    const message = new TestMessage("one", { topicName: "x", publisherIdentifier: "a" });
    life.tell.putSession(session("a"));
    life.tell.setRetained("x", message);
    life.tell.enqueue("a", delivery(1), message);
    life.tell.dropSession("a");
    await expectKept(life);
  });

  storeTest("a retained message that is set again as it is", async (life) => {
    const message = new TestMessage("one", { topicName: "x" });
    life.tell.setRetained("x", message);
    life.tell.setRetained("x", message);
    await expectKept(life);
    life.tell.clearRetained("x");
    await expectKept(life);
  });
}

function repetitionCases({ expectKept, storeTest }: SuiteTools): void {
  storeTest(
    "the same when everything is told twice",
    async (life) => {
      const message = new TestMessage("shared", { topicName: "x" });
      fill(life, "a", message);
      fill(life, "b", message);
      life.tell.setRetained("x", message);
      await expectKept(life);
      life.tell.done("a", 1);
      life.tell.removeSubscription("a", "filter/of/a");
      life.tell.removeInbound("a", 9);
      await expectKept(life);
      life.tell.clearRetained("x");
      life.tell.dropSession("b");
      await expectKept(life);
      life.tell.done("a", 2);
      await expectKept(life);
    },
    2,
  );
}

/** A session with something of each kind: a subscription, an inbound identifier, a delivery sent and one queued. */
function fill(life: StoreLife, client: string, message: TestMessage): void {
  life.tell.putSession(session(client));
  life.tell.putSubscription(client, subscription(`filter/of/${client}`));
  life.tell.addInbound(client, 9);
  life.tell.enqueue(client, delivery(1, { qos: 2 }), message);
  life.tell.enqueue(client, delivery(2), message);
  life.tell.sent(client, 1, 4711);
  life.tell.released(client, 1);
}
