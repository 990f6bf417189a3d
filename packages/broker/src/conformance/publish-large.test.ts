/**
 * Payloads around the size from which they are referenced and no longer copied (4 KiB) and far beyond, between all pairs
 * of versions and QoS levels. What arrives is compared byte by byte.
 */
import { PacketType, type PublishPacket, type QoS } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

const SIZES = [0, 1, 4095, 4096, 4097, 100 * 1024];

/** Bytes of which no two neighbouring blocks are alike. */
const payloads = new Map(
  SIZES.map((size) => {
    const payload = Buffer.alloc(size);
    for (let i = 0, state = size + 1; i < size; i++) {
      state = (state * 48_271) % 2_147_483_647;
      payload[i] = state;
    }
    return [size, payload];
  }),
);

const payloadOf = (size: number): Buffer => payloads.get(size) as Buffer;

/** Not compared by `expect`, which takes long and prints a lot. */
const isIntact = ({ payload }: PublishPacket): boolean => payloadOf(payload.length).equals(payload);

/** One PUBLISH of each size arrived, whole and in order. */
function expectSizes(messages: readonly PublishPacket[], qos: QoS, dup = false): void {
  expect(messages.map((message) => [message.topicName, message.qos, message.dup, message.payload.length])).toEqual(
    SIZES.map((size) => [`size/${size}`, qos, dup, size]),
  );
  expect(messages.every(isIntact)).toBe(true);
}

function publishSizes(publisher: TestClient, qos: QoS): void {
  for (const size of SIZES) {
    const properties =
      publisher.version === 5 ? { messageExpiryInterval: 77, userProperties: [["key", "value"] as const] } : undefined;
    publisher.publish(`size/${size}`, payloadOf(size), { qos, properties });
    publisher.take();
    if (qos === 2) publisher.acknowledge(PacketType.PUBREL, publisher.packetIdentifier() - 1).take();
  }
}

const pairs: [4 | 5, QoS, 4 | 5, QoS][] = [];
for (const from of [4, 5] as const)
  for (const to of [4, 5] as const)
    for (const published of [0, 1, 2] as const)
      for (const granted of [0, 1, 2] as const) pairs.push([from, published, to, granted]);

describe("large payloads", () => {
  test.each(pairs)("from level %i at QoS %i to level %i with QoS %i granted", (from, published, to, granted) => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected({ protocolVersion: to }).subscribed("size/+", { qos: granted });
    publishSizes(harness.connected({ protocolVersion: from }), published);
    expectSizes(subscriber.messages(), Math.min(published, granted) as QoS);
  });

  test.each(pairs.filter(([, published, to, granted]) => to === 5 && published === granted))(
    "from level %i at QoS %i to level %i with QoS %i, aliases and identifiers",
    (from, published, _to, granted) => {
      for (const subscriptionIdentifier of [undefined, 1, 300]) {
        for (const topicAliasMaximum of [0, 2, 100]) {
          const harness = new BrokerHarness();
          const subscriber = harness.connected({ properties: { topicAliasMaximum } });
          subscriber.subscribed("size/+", { qos: granted, subscriptionIdentifier });
          const publisher = harness.connected({ protocolVersion: from });
          publishSizes(publisher, published);
          const aliases = new Map<number, string>();
          const resolved = (message: PublishPacket): PublishPacket => {
            expect(message.properties?.subscriptionIdentifiers).toEqual(
              subscriptionIdentifier && [subscriptionIdentifier],
            );
            const alias = message.properties?.topicAlias;
            if (alias === undefined) return message;
            if (message.topicName !== "") aliases.set(alias, message.topicName);
            return { ...message, topicName: aliases.get(alias) ?? "unknown" };
          };
          expectSizes(subscriber.messages().map(resolved), published);
          // Again, now that topics have aliases.
          publishSizes(publisher, published);
          expectSizes(subscriber.messages().map(resolved), published);
          expect(aliases.size).toBe(Math.min(topicAliasMaximum, SIZES.length));
        }
      }
    },
  );

  test("of a publisher that uses Topic Aliases", () => {
    const harness = new BrokerHarness();
    const subscribers = ([4, 5] as const).map((protocolVersion) =>
      harness.connected({ protocolVersion }).subscribed("size/+"),
    );
    const publisher = harness.connected();
    SIZES.forEach((size, index) => {
      const topicAlias = index + 1;
      publisher.publish(`size/${size}`, "", { qos: 1, properties: { topicAlias } });
    });
    for (const subscriber of subscribers) subscriber.take();
    SIZES.forEach((size, index) => {
      const topicAlias = index + 1;
      publisher.publish("", payloadOf(size), { qos: 1, properties: { userProperties: [["k", "v"]], topicAlias } });
    });
    for (const subscriber of subscribers) expectSizes(subscriber.messages(), 1);
  });

  test.each([
    [4, 5],
    [5, 4],
    [4, 4],
    [5, 5],
    [3, 5],
    [5, 3],
  ] as const)("resumed by level %i and then by level %i", (first, second) => {
    for (const qos of [1, 2] as const) {
      for (const from of [4, 5] as const) {
        const harness = new BrokerHarness();
        const subscriber = persistentClient(harness, first, "subscriber", { topicAliasMaximum: 10 });
        subscriber.subscribed("size/+", { qos, ...(first === 5 ? { subscriptionIdentifier: 9 } : {}) });
        publishSizes(harness.connected({ protocolVersion: from }), qos);
        expect(subscriber.messages()).toHaveLength(SIZES.length);
        subscriber.drop();
        const resumed = persistentClient(harness, second, "subscriber");
        expectSizes(resumed.messages(), qos, true);
        resumed.drop();
        // And back, with what was never sent behind what was.
        publishSizes(harness.connected({ protocolVersion: from }), qos);
        const back = persistentClient(harness, first, "subscriber");
        const messages = back.messages();
        expectSizes(messages.slice(0, SIZES.length), qos, true);
        expectSizes(messages.slice(SIZES.length), qos, false);
      }
    }
  });

  test.each([4, 5] as const)("retained, for level %i", (protocolVersion) => {
    const harness = new BrokerHarness();
    for (const from of [4, 5] as const) {
      const publisher = harness.connected({ protocolVersion: from });
      for (const size of SIZES) publisher.publish(`size/${size}`, payloadOf(size), { retain: true, qos: 1 });
      const subscriber = harness.connected({ protocolVersion }).subscribed("size/+");
      const messages = subscriber.messages();
      expect(messages.map(({ payload }) => payload.length).sort((a, b) => a - b)).toEqual(SIZES.slice(1));
      expect(messages.every(isIntact)).toBe(true);
    }
  });
});
