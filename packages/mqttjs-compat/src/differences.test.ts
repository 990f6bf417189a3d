/** Where this package keeps what MQTT.js does not: the README's table of differences, as far as it can be run. */
import type { BrokerHooks } from "@tidings/broker";
import { type BrokerServer, createBrokerServer } from "@tidings/broker/node";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connect, connectAsync } from "./connect.js";
import { ErrorWithSubackPacket } from "./errors.js";
import { type PacketStream, Store, type StoredPacket } from "./store.js";

let server: BrokerServer;
let url: string;
let hooks: BrokerHooks;

beforeEach(async () => {
  hooks = {};
  server = await createBrokerServer({
    hooks: [
      {
        authenticate: () => 0,
        authorizePublish: () => 0,
        authorizeSubscribe: (client, subscription) => hooks.authorizeSubscribe?.(client, subscription) ?? 2,
        onPublish: (publish) => hooks.onPublish?.(publish),
      },
    ],
  });
  url = (await server.listenTcp({ host: "127.0.0.1", port: 0 })).url;
});

afterEach(() => server.close());

test("`end` before there is a connection still sends what was published, and settles", async () => {
  const received = vi.fn();
  server.broker.subscribeLocally("early", { onMessage: ({ topicName }) => received(topicName) });
  const client = connect(url);
  const published = client.publishAsync("early", "x", { qos: 1 });
  await client.endAsync();
  expect((await published)?.cmd).toBe("publish");
  expect(received.mock.calls).toEqual([["early"]]);
});

test("`end` settles what was asked while there was no client", async () => {
  const client = connect(url, { manualConnect: true });
  const asked = [
    client.publishAsync("a", "b", { qos: 1 }),
    client.publishAsync("a", "b"),
    client.subscribeAsync("a"),
    client.unsubscribeAsync("a"),
  ];
  await client.endAsync();
  for (const promise of asked) await expect(promise).rejects.toThrow("Connection closed");
});

test("`log` is told what the client does", async () => {
  const log = vi.fn();
  const client = await connectAsync(url, { log });
  await client.subscribeAsync("a");
  await client.endAsync();
  expect(log.mock.calls).toContainEqual(["subscribe to %j", "a"]);
  expect(log.mock.calls.filter(([format]) => format === "emit %s").map(([, name]) => name)).toEqual([
    "connect",
    "close",
    "end",
  ]);
});

/** A store that takes its time, and fails where it is told to. */
class SlowStore extends Store {
  failsAt: "put" | "createStream" | "close" | undefined;

  override put(packet: StoredPacket, callback: (error?: Error | null) => void): this {
    const error = this.failsAt === "put" ? new Error("the disk is full") : null;
    setImmediate(() => (error === null ? super.put(packet, callback) : callback(error)));
    return this;
  }

  override createStream(): PacketStream {
    const stream = super.createStream();
    if (this.failsAt !== "createStream") return stream;
    queueMicrotask(() => stream.emit("error", new Error("the disk is broken")));
    return stream.destroy();
  }

  override close(callback: (error?: Error | null) => void): void {
    callback(this.failsAt === "close" ? new Error("the disk is gone") : null);
  }
}

test("an `outgoingStore` that takes its time keeps the order, and what it fails with is told", async () => {
  const received: string[] = [];
  server.broker.subscribeLocally("#", { onMessage: ({ topicName }) => void received.push(topicName) });
  const outgoingStore = new SlowStore({ clean: false });
  const client = await connectAsync(url, { outgoingStore });
  await Promise.all(["1", "2", "3"].map((topic) => client.publishAsync(topic, "x", { qos: 1 })));
  expect(received).toEqual(["1", "2", "3"]);
  const late = client.publishAsync("4", "x", { qos: 1 });
  await client.endAsync(); // waits for the store
  expect((await late)?.cmd).toBe("publish");

  outgoingStore.failsAt = "put";
  client.reconnect({ outgoingStore });
  await expect(client.publishAsync("5", "x", { qos: 1 })).rejects.toThrow("the disk is full");
  outgoingStore.failsAt = "close";
  await expect(client.endAsync()).rejects.toThrow("the disk is gone");
  outgoingStore.failsAt = "createStream";
  const failed = new Promise<Error>((resolve) => client.once("error", resolve));
  client.reconnect({ outgoingStore });
  expect((await failed).message).toBe("the disk is broken");
  await client.endAsync(true);
  expect(received).toEqual(["1", "2", "3", "4"]);
});

test("`end` settles when no server can be reached", async () => {
  await server.close();
  const client = connect(url);
  const published = client.publishAsync("a", "b", { qos: 1 });
  const subscribed = client.subscribeAsync("a");
  const unsubscribed = client.unsubscribeAsync("a");
  const callback = vi.fn();
  client.end(callback);
  await client.endAsync();
  const again = vi.fn();
  client.on("end", again);
  await client.endAsync(); // a second one calls back, and nothing more
  expect(callback).toHaveBeenCalledOnce();
  expect(again).not.toHaveBeenCalled();
  for (const promise of [published, subscribed, unsubscribed])
    await expect(promise).rejects.toThrow("Connection closed");
  expect([client.connected, client.disconnected, client.reconnecting]).toEqual([false, true, false]);
});

test("what is published without a connection keeps its order, whatever its QoS", async () => {
  const received: string[] = [];
  server.broker.subscribeLocally("#", { onMessage: ({ topicName }) => void received.push(topicName) });
  const client = connect(url);
  const publishing = [0, 1, 2, 0, 1].map((qos, index) =>
    client.publishAsync(`${index}`, "x", { qos: qos as 0 | 1 | 2 }),
  );
  await Promise.all(publishing);
  expect(received).toEqual(["0", "1", "2", "3", "4"]);
  await client.endAsync();
});

test("a refused filter is an error, and the others of the same call are kept", async () => {
  hooks = { authorizeSubscribe: (_client, { topicFilter }) => (topicFilter === "forbidden" ? 0x87 : 1) };
  const client = await connectAsync(url);
  const answer = await new Promise<unknown[]>((resolve) => {
    client.subscribe(["fine", "forbidden"], { qos: 2 }, (...values) => resolve(values));
  });
  const [error, granted, packet] = answer as [ErrorWithSubackPacket, { topic: string; qos: number }[], unknown];
  expect(error).toBeInstanceOf(ErrorWithSubackPacket);
  expect([error.code, error.packet, packet]).toEqual([0x80, error.packet, error.packet]);
  expect(granted.map(({ topic, qos }) => [topic, qos])).toEqual([
    ["fine", 1],
    ["forbidden", 0x80],
  ]);
  const received = new Promise((resolve) => client.on("message", resolve));
  await client.publishAsync("fine", "x", { qos: 1 });
  expect(await received).toBe("fine");
  await expect(client.subscribeAsync("forbidden")).rejects.toThrow("Subscribe error: Unspecified error");
  await client.endAsync();
});

test("an error that nobody listens to ends nothing", async () => {
  await server.close();
  const client = connect(url);
  await new Promise<void>((resolve) => void client.on("close", resolve));
  await client.endAsync();
  client.publish("a", "b"); // without a callback: an error of the client, and nobody listens
  await Promise.resolve();
});

test("`removeOutgoingMessage` ends the wait of one message", async () => {
  hooks = { onPublish: (publish) => void publish.holdAcknowledgement() };
  const client = await connectAsync(url);
  const published = client.publishAsync("held", "x", { qos: 1 });
  expect(client.getLastMessageId()).toBe(1);
  client.removeOutgoingMessage(1).removeOutgoingMessage(2);
  await expect(published).rejects.toThrow("Message removed");
  await client.endAsync(true);
});

test("`reconnect` ends the wait for the next attempt", async () => {
  const client = await connectAsync(url, { clientId: "waits", reconnectPeriod: 600_000 });
  server.broker.client("waits")?.disconnect(0x98);
  await new Promise<void>((resolve) => void client.once("close", resolve));
  expect(client.reconnecting).toBe(true);
  const connected = new Promise((resolve) => client.once("connect", resolve));
  client.reconnect();
  await connected;
  expect(client.reconnecting).toBe(false);
  await client.endAsync();
});

test("what a listener throws does not keep the message from being acknowledged", async () => {
  const rejections: unknown[] = [];
  const note = (cause: unknown): void => void rejections.push(cause);
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", note);
  try {
    const client = await connectAsync(url);
    await client.subscribeAsync("bad", { qos: 1 });
    const seen = new Promise<void>((resolve) => {
      client.on("message", () => {
        setImmediate(resolve);
        throw new Error("the program's own");
      });
    });
    await client.publishAsync("bad", "x", { qos: 1 });
    await seen;
    expect(rejections.map(String)).toEqual(["Error: the program's own"]);
    expect(client.connected).toBe(true);
    await client.endAsync();
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const other of others) process.on("unhandledRejection", other);
  }
});
