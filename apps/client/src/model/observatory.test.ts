import { expect, test } from "vitest";
import { Observatory } from "./observatory.js";

const message = (topic: string, payload: Uint8Array, properties = {}) =>
  ({ topic, payload, qos: 0, retain: false, properties }) as const;

test("copies what it keeps, cuts what is long, and counts everything", () => {
  const observatory = new Observatory({
    messages: { messagesMax: 10, bytesMax: 100_000 },
    topics: { nodesMax: 10, bytesMax: 100_000 },
    payloadBytesMax: 4,
  });
  const chunk = new Uint8Array(1_000).fill(7);
  const record = observatory.receive(message("a", chunk.subarray(10, 20)), 5, 2);
  chunk.fill(0);
  expect(record).toMatchObject({
    payload: new Uint8Array(4).fill(7),
    payloadBytes: 10,
    colour: 2,
    atMs: 5,
    properties: undefined,
  });
  expect(record.payload.buffer.byteLength).toBe(4);
  expect(observatory).toMatchObject({ received: 1, receivedBytes: 10, sent: 0 });
  expect(observatory.tree.find("a")?.messages).toBe(1);
});

test("what the page sends is listed, but is no value of the topic", () => {
  const observatory = new Observatory();
  observatory.send(message("a", new Uint8Array(1), { contentType: "x" }), 0);
  expect(observatory.list.at(0)).toMatchObject({ direction: "sent", properties: { contentType: "x" } });
  expect(observatory.tree.find("a")).toBeUndefined();
});

test("stays within its limits whatever comes", () => {
  const observatory = new Observatory({
    messages: { messagesMax: 1_000, bytesMax: 500_000 },
    topics: { nodesMax: 500, bytesMax: 400_000 },
    payloadBytesMax: 1_000,
  });
  observatory.plots.add("t/1", []);
  const text = new TextEncoder();
  for (let index = 0; index < 100_000; index += 1) {
    observatory.receive(message(`t/${index % 700}`, text.encode(`${index}`)), index, 0);
  }
  const { ring, tree, plots, received } = observatory;
  expect(received).toBe(100_000);
  expect(ring.length + ring.dropped).toBe(100_000);
  expect(ring.bytes).toBeLessThanOrEqual(500_000);
  expect(tree.nodes).toBe(500);
  expect(tree.ignored).toBeGreaterThan(0);
  expect(plots.all[0].series.length).toBeLessThanOrEqual(3_000);
  observatory.clearMessages();
  observatory.clearTopics();
  expect([ring.length, tree.nodes, tree.bytes]).toEqual([0, 0, 0]);
});
