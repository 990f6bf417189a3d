/** Values at the edges of what the protocol allows come back as they were. */
import type { QoS } from "@tidings/packet";
import type { SuiteTools } from "./session-store-suite.js";
import { bytesOf, TestMessage } from "./test-message.js";
import { delivery, session, subscription } from "./test-records.js";

/** Names that are easily taken for one another, or for something else. */
const NAMES = [
  "a",
  "A",
  "a/b",
  "a//b",
  "/",
  "a/b/",
  "\ufeffa",
  "\u00e4", // one code point
  "a\u0308", // two that look the same
  "\u{1f980}/\u{10ffff}",
  "__proto__",
  "constructor",
  "0",
  "00",
  "x".repeat(500),
  `${"x".repeat(500)}y`,
];

export function valueCases({ expectKept, storeTest }: SuiteTools): void {
  storeTest("of Client Identifiers, Topic Names and Topic Filters", async (life) => {
    for (const [index, name] of NAMES.entries()) {
      const message = new TestMessage(`${index}`, { topicName: name, publisherIdentifier: name });
      life.tell.putSession(session(name, { userName: name }));
      life.tell.putSubscription(name, subscription(name));
      for (const other of NAMES) life.tell.putSubscription(name, subscription(`$share/group/${other}`));
      life.tell.enqueue(name, delivery(1), message);
      life.tell.setRetained(name, message);
    }
    await expectKept(life);
    for (const name of NAMES.filter((_, index) => index % 2 === 0)) {
      life.tell.dropSession(name);
      life.tell.clearRetained(name);
    }
    await expectKept(life);
  });

  storeTest("of names as long as the protocol allows", async (life) => {
    const longest = "n".repeat(65_535);
    const almost = `${"n".repeat(65_534)}m`;
    for (const name of [longest, almost]) {
      const message = new TestMessage(name.slice(-5), { topicName: name, publisherIdentifier: name });
      life.tell.putSession(session(name, { userName: name }));
      life.tell.putSubscription(name, subscription(longest));
      life.tell.putSubscription(name, subscription(almost));
      life.tell.enqueue(name, delivery(1), message);
      life.tell.setRetained(name, message);
    }
    await expectKept(life);
    life.tell.clearRetained(longest);
    life.tell.removeSubscription(almost, almost);
    life.tell.dropSession(longest);
    await expectKept(life);
  });

  storeTest("of payloads and properties: none, all bytes, and megabytes", async (life) => {
    const allBytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const large = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 31 + (i >> 10)) & 0xff);
    const contents = [
      { payload: new Uint8Array(), properties: new Uint8Array() },
      { payload: allBytes, properties: allBytes },
      { payload: large, properties: large.subarray(0, 100_000) },
      { payload: new Uint8Array(), properties: allBytes },
      // A part of something larger.
      { payload: large.subarray(1000, 1010), properties: new Uint8Array() },
    ];
    life.tell.putSession(session("a"));
    for (const [index, content] of contents.entries()) {
      const message = new TestMessage(`${index}`, content);
      life.tell.enqueue("a", delivery(index + 1), message);
      life.tell.setRetained(message.content.topicName, message);
    }
    life.tell.putSession(session("b", { will: { packet: large, delayInterval: 1, publishAtMs: undefined } }));
    await expectKept(life);
    for (let number = 1; number <= contents.length; number++) life.tell.done("a", number);
    await expectKept(life);
  });

  storeTest("of moments and intervals, never and long ago included", async (life) => {
    const moments = [Number.POSITIVE_INFINITY, 0, 1, 1_700_000_000_000, 1_700_000_000_000.5, 6_000_000_000_000];
    const packet = bytesOf("will");
    for (const [index, moment] of moments.entries()) {
      const finite = moment === Number.POSITIVE_INFINITY ? undefined : moment;
      const client = `client-${index}`;
      const interval = [0xffff_ffff, 0xffff_fffe, 1, 0x8000_0000, 60, 0x7fff_ffff][index];
      const will = { packet, delayInterval: interval, publishAtMs: finite };
      life.tell.putSession(session(client, { sessionExpiryInterval: interval, disconnectedAtMs: finite, will }));
      const message = new TestMessage(client, { expiresAtMs: moment });
      life.tell.enqueue(client, delivery(1), message);
      life.tell.setRetained(message.content.topicName, message);
    }
    await expectKept(life);
  });

  storeTest("of flags and levels, in every combination", async (life) => {
    const levels: QoS[] = [0, 1, 2];
    life.tell.putSession(session("a"));
    let number = 0;
    for (const qos of levels) {
      for (const published of levels) {
        for (const flag of [false, true]) {
          for (const retainHandling of [0, 1, 2] as const) {
            number += 1;
            const filter = `filter/${number}`;
            const options = { qos, noLocal: flag, retainAsPublished: !flag, retainHandling };
            life.tell.putSubscription("a", subscription(filter, { ...options, subscriptionIdentifier: number }));
            const subscriptionIdentifiers = [undefined, [number], [1, number, 268_435_455]][retainHandling];
            const message = new TestMessage(`${number}`, {
              qos: published,
              publisherIdentifier: flag ? undefined : "publisher",
            });
            life.tell.enqueue("a", delivery(number, { qos, retain: flag, subscriptionIdentifiers }), message);
          }
        }
      }
    }
    await expectKept(life);
  });

  storeTest("of packet identifiers, all 65,535", async (life) => {
    life.tell.putSession(session("a"));
    for (let identifier = 1; identifier <= 65_535; identifier++) life.tell.addInbound("a", identifier);
    await expectKept(life);
    for (let identifier = 1; identifier < 65_535; identifier++) life.tell.removeInbound("a", identifier);
    await expectKept(life);
  });

  storeTest("of numbers, when a queue is long", async (life) => {
    life.tell.putSession(session("a"));
    const message = new TestMessage("one");
    for (let number = 1; number <= 10_000; number++) life.tell.enqueue("a", delivery(number), message);
    for (let number = 1; number <= 300; number++) life.tell.sent("a", number, 65_535 - number);
    await expectKept(life);
    life.tell.dropSession("a");
    await expectKept(life);
  });
}
