/** What a slab gives back is what it was given, however many messages lie in it. */
import type { StoredMessage } from "@tidings/session";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Broker } from "./broker.js";
import { MessageSlab } from "./message-slab.js";

const stored = fc.record({
  topicName: fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }).filter((name) => !/[+#\0/]/.test(name)),
  publisherIdentifier: fc.option(fc.string({ maxLength: 10, unit: "grapheme" }), { nil: undefined }),
  // User Property "a": "b", any number of times.
  properties: fc.nat(3).map((count) => Uint8Array.from(new Array(count).fill([38, 0, 1, 97, 0, 1, 98]).flat())),
  payload: fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.constant(new Uint8Array(70_000).fill(7))),
  qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  expiresAtMs: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat()),
});

const plain = ({ payload, properties, ...rest }: StoredMessage) => ({
  ...rest,
  payload: Buffer.from(payload).toString("latin1"),
  properties: Buffer.from(properties).toString("latin1"),
});

test("a slab gives back what it was given", () => {
  const broker = new Broker();
  fc.assert(
    fc.property(fc.array(stored, { maxLength: 20 }), (messages) => {
      let slab: MessageSlab | undefined;
      const places = messages.map((message, index) => {
        slab = MessageSlab.for(broker, message, slab);
        return { slab, start: slab.add(message, 2 ** 40 + index) };
      });
      for (const [index, { slab, start }] of places.entries()) {
        const message = slab.messageAt(start);
        expect(plain(message.stored())).toEqual(plain(messages[index]));
        expect([message.messageNumber, message.retain]).toEqual([2 ** 40 + index, true]);
        expect(slab.topicNameAt(start)).toBe(message.topicName);
        expect(slab.sizeBytesAt(start)).toBe(message.sizeBytes);
      }
    }),
  );
});
