/** A queue is read again page by page, whatever has happened to it. */
import type { QueuePageLimits, RecoveredDelivery } from "../session-store.js";
import type { SuiteTools } from "./session-store-suite.js";
import { plainDelivery } from "./store-content.js";
import type { StoreLife } from "./store-life.js";
import { TestMessage } from "./test-message.js";
import { delivery, session } from "./test-records.js";

const NO_LIMITS = { messages: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };

/** Reads a queue to its end; fails if it is not that of the model, or if a page is larger than asked for. */
export function expectQueue(
  { expect }: SuiteTools,
  life: StoreLife,
  clientIdentifier: string,
  from = 1,
  limits: QueuePageLimits = NO_LIMITS,
): void {
  const expected = life.model
    .deliveries(clientIdentifier)
    .filter(({ deliveryNumber, packetIdentifier }) => packetIdentifier === 0 && deliveryNumber >= from)
    .map(({ message, ...rest }) => plainDelivery({ ...rest, message: message.content }));
  const found: object[] = [];
  let next = from;
  for (let page: object[] = [{}]; page.length > 0; found.push(...page)) {
    page = [];
    let bytes = 0;
    const visit = ({ messageNumber, ...rest }: RecoveredDelivery): void => {
      if (page.length > 0 && (page.length >= limits.messages || bytes >= limits.bytes))
        throw new Error("a page is larger than it may be");
      const { topicName, properties, payload } = rest.message;
      bytes += topicName.length + properties.length + payload.length;
      page.push(plainDelivery(rest));
    };
    const { store } = life;
    next = store.readQueue?.(clientIdentifier, next, limits, visit) ?? Number.NaN;
  }
  if (JSON.stringify(found) !== JSON.stringify(expected)) expect(found).toEqual(expected);
}

export function queueCases(tools: SuiteTools): void {
  const { expectKept, storeTest } = tools;

  storeTest("all of it, in the turn that brings it, later, and in the next life", async (life) => {
    life.tell.putSession(session("a"));
    life.tell.putSession(session("b"));
    const both = new TestMessage("for both");
    for (let number = 1; number <= 300; number++) {
      life.tell.enqueue("a", delivery(number, { qos: 2, retain: number % 2 === 0 }), new TestMessage(`${number}`));
      if (number % 100 === 0) expectQueue(tools, life, "a");
    }
    life.tell.enqueue("b", delivery(1, { subscriptionIdentifiers: [1, 268_435_455] }), both);
    life.tell.enqueue("a", delivery(301, { sharedFilter: "$share/group/x/#" }), both);
    for (const client of ["a", "b"]) expectQueue(tools, life, client);
    await life.durable();
    for (const client of ["a", "b"]) expectQueue(tools, life, client, 1, { ...NO_LIMITS, messages: 7 });
    await expectKept(life);
    for (const client of ["a", "b"]) expectQueue(tools, life, client, 1, { ...NO_LIMITS, messages: 50 });
  });

  storeTest("from a number on, without what is sent or done", async (life) => {
    life.tell.putSession(session("a"));
    for (let number = 1; number <= 40; number++) life.tell.enqueue("a", delivery(number), new TestMessage(`${number}`));
    for (let number = 1; number <= 10; number++) life.tell.sent("a", number, 100 + number);
    for (let number = 3; number <= 15; number++) life.tell.done("a", number);
    for (const from of [1, 2, 16, 17, 40, 41]) expectQueue(tools, life, "a", from);
    await expectKept(life);
    for (const from of [1, 2, 16, 17, 40, 41]) expectQueue(tools, life, "a", from);
  });

  storeTest("at least one message, however large", async (life) => {
    life.tell.putSession(session("a"));
    for (let number = 1; number <= 5; number++) {
      const payload = new Uint8Array(100_000).fill(number);
      life.tell.enqueue("a", delivery(number), new TestMessage(`${number}`, { payload }));
    }
    expectQueue(tools, life, "a", 1, { messages: 10, bytes: 1 });
    expectQueue(tools, life, "a", 1, { messages: 10, bytes: 0 });
    await life.durable();
    expectQueue(tools, life, "a", 1, { messages: 10, bytes: 250_000 });
  });

  storeTest("a message that many have, from each one's queue", async (life) => {
    const message = new TestMessage("for all");
    const clients = Array.from({ length: 50 }, (_, index) => `client-${index}`);
    for (const client of clients) life.tell.putSession(session(client));
    for (let number = 1; number <= 5; number++) {
      for (const client of clients) life.tell.enqueue(client, delivery(number), message);
      await life.durable();
    }
    for (const client of clients) expectQueue(tools, life, client);
  });

  storeTest("nothing of a session that is not there", async (life) => {
    expectQueue(tools, life, "a");
    life.tell.putSession(session("a"));
    life.tell.enqueue("a", delivery(1), new TestMessage("one"));
    life.tell.dropSession("a");
    expectQueue(tools, life, "a");
  });
}
