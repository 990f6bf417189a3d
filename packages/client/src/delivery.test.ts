/** Queue, back-pressure, acknowledgement, handlers: what an application sees of its messages. */
import { PacketType } from "@tidings/packet";
import { MemorySessionStore, type RecoveryVisitor } from "@tidings/session";
import { describe, expect, test } from "vitest";
import type { ClientError } from "./core/client-error.js";
import { clientSessionStore } from "./core/client-session-store.js";
import type { Message } from "./core/message.js";
import { clientFactory } from "./testing/client-factory.js";
import { connectedClient } from "./testing/connected-client.js";
import { VirtualEnvironment } from "./testing/virtual-environment.js";

const texts = (packets: { payload: Uint8Array }[]): string[] =>
  packets.map(({ payload }) => new TextDecoder().decode(payload));

/** Takes its time to tell what it holds, as a file does. */
class SlowSessionStore extends MemorySessionStore {
  override async recover(visitor: RecoveryVisitor): Promise<void> {
    await Promise.resolve();
    await super.recover(visitor);
  }
}

describe("the queue", () => {
  test("holds what is published without a connection, of every QoS, in order", async () => {
    const environment = new VirtualEnvironment();
    environment.refuses = () => true;
    environment.onConnection = (server) => void server.serve();
    const client = clientFactory(environment).createClient("mqtt://server");
    const published = [0, 1, 2, 0].map((qos, index) => client.publish("a", `${index}`, { qos: qos as 0 }));
    await environment.advance(3_000);
    expect(client.pendingMessages).toBe(4);
    environment.refuses = () => false;
    await environment.advance(30_000);
    await Promise.all(published);
    expect(texts(environment.connection.takeAll(PacketType.PUBLISH))).toEqual(["0", "1", "2", "3"]);
    expect(client.pendingMessages).toBe(0);
  });

  test("refuses what is too much, or gives up what waits longest", async () => {
    for (const policy of ["reject", "drop-oldest"] as const) {
      const environment = new VirtualEnvironment();
      const queue = { messagesMax: 2, policy };
      environment.refuses = () => true;
      const client = clientFactory(environment).createClient("mqtt://server", { queue });
      const published = ["1", "2", "3"].map((payload) => client.publish("a", payload, { qos: 1 }));
      const lost = published[policy === "reject" ? 2 : 0];
      await expect(lost).rejects.toMatchObject({ code: "TIDINGS_CLIENT_QUEUE_FULL" });
      await client.close();
      for (const one of published)
        if (one !== lost) await expect(one).rejects.toMatchObject({ code: "TIDINGS_CLIENT_CLOSED" });
    }
  });

  test("is bounded by bytes, and can be off", async () => {
    const environment = new VirtualEnvironment();
    environment.refuses = () => true;
    const { createClient } = clientFactory(environment);
    const small = createClient("mqtt://server", { queue: { bytesMax: 1_000 } });
    await expect(small.publish("a", new Uint8Array(900))).rejects.toMatchObject({ code: "TIDINGS_CLIENT_QUEUE_FULL" });
    const none = createClient("mqtt://server", { queue: false });
    await expect(none.publish("a", "x", { qos: 1 })).rejects.toMatchObject({ code: "TIDINGS_CLIENT_NOT_CONNECTED" });
  });

  test("lets messages expire, and tells the server how long the others have left", async () => {
    const environment = new VirtualEnvironment();
    environment.refuses = () => true;
    environment.onConnection = (server) => void server.serve();
    const client = clientFactory(environment).createClient("mqtt://server");
    const short = client.publish("a", "x", { qos: 1, properties: { messageExpiryInterval: 10 } });
    const long = client.publish("a", "y", { qos: 1, properties: { messageExpiryInterval: 100 } });
    await environment.advance(20_000);
    environment.refuses = () => false;
    await environment.advance(40_000);
    await expect(short).rejects.toMatchObject({ code: "TIDINGS_CLIENT_MESSAGE_EXPIRED" });
    await long;
    const [{ properties }] = environment.connection.takeAll(PacketType.PUBLISH);
    expect(properties?.messageExpiryInterval).toBeGreaterThan(35);
    expect(properties?.messageExpiryInterval).toBeLessThan(81);
  });

  test("outlives the process in a store, with what is in flight", async () => {
    const store = new SlowSessionStore();
    const sessionStore = clientSessionStore(store);
    const options = { sessionStore, clientIdentifier: "me" };
    const { client, environment, server } = await connectedClient(options);
    server.serve([]);
    void client.publish("a", "in flight", { qos: 2, properties: { contentType: "text" } });
    await environment.settle();
    const { packetIdentifier } = server.takeFirst(PacketType.PUBLISH);
    environment.refuses = () => true;
    server.drop();
    await environment.settle();
    void client.publish("b", "queued", { qos: 1 });
    // The process ends; another one begins.
    const next = new VirtualEnvironment();
    next.onConnection = (connection) => {
      connection.serve();
      const { onPacket } = connection;
      connection.onPacket = (packet) => {
        if (packet.type === PacketType.CONNECT) connection.connack(undefined, true);
        else onPacket(packet);
      };
    };
    const nextClient = clientFactory(next).createClient("mqtt://server", options);
    // Before the store has told what it holds.
    const published = [nextClient.publish("c", "new", { qos: 2 }), nextClient.publish("d", "newest", { qos: 0 })];
    await next.settle();
    await Promise.all(published);
    expect(next.connection.connect).toMatchObject({ clientIdentifier: "me", cleanStart: false });
    const arrived = next.connection.takeAll(PacketType.PUBLISH);
    expect(texts(arrived)).toEqual(["in flight", "queued", "new", "newest"]);
    expect(arrived[0]).toMatchObject({ dup: true, packetIdentifier, properties: { contentType: "text" } });
    expect(arrived[1]).toMatchObject({ dup: false, qos: 1 });
    expect(store.messageCount).toBe(0);
  });
});

describe("a slow reader", () => {
  test("slows the server by its Receive Maximum, while pings go on", async () => {
    const { client, environment, server } = await connectedClient({ keepAlive: 10, properties: { receiveMaximum: 3 } });
    expect(server.connect?.properties?.receiveMaximum).toBe(3);
    const subscribing = client.subscribe("#", { qos: 1 });
    await environment.settle();
    const subscription = await subscribing;
    for (const packetIdentifier of [1, 2, 3]) server.publish("a", `${packetIdentifier}`, { qos: 1, packetIdentifier });
    await environment.advance(60_000);
    expect(server.takeAll(PacketType.PUBACK)).toEqual([]);
    expect(server.takeAll(PacketType.PINGREQ).length).toBeGreaterThan(5);
    expect(client.status).toBe("connected");
    const iterator = subscription[Symbol.asyncIterator]();
    expect((await iterator.next()).value?.text()).toBe("1");
    await environment.settle();
    expect(server.takeAll(PacketType.PUBACK).map(({ packetIdentifier }) => packetIdentifier)).toEqual([1]);
    server.publish("a", "4", { qos: 1, packetIdentifier: 4 });
    await environment.settle();
    expect(client.status).toBe("connected");
    server.publish("a", "5", { qos: 1, packetIdentifier: 5 }); // one too many
    await environment.settle();
    expect(server.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(0x93);
  });

  test("of 3.1.1 stops reading, and goes on", async () => {
    const options = { protocolVersion: 4, properties: { receiveMaximum: 4 } } as const;
    const { client, environment, server } = await connectedClient(options);
    const subscribing = client.subscribe("#", { qos: 1 });
    await environment.settle();
    const subscription = await subscribing;
    for (let id = 1; id <= 20; id += 1) {
      server.publish("a", `${id}`, { qos: 1, packetIdentifier: id });
      await environment.settle();
    }
    expect(subscription.bufferedMessages).toBe(4);
    const seen: string[] = [];
    void (async () => {
      for await (const message of subscription) seen.push(message.text());
    })();
    await environment.settle();
    expect(seen).toHaveLength(20);
    expect(server.takeAll(PacketType.PUBACK)).toHaveLength(20);
  });

  test("loses QoS 0 beyond its limits, counted, or stops reading", async () => {
    for (const whenFull of ["drop", "pause"] as const) {
      const { client, environment, server } = await connectedClient();
      const subscribing = client.subscribe("#", { bufferedMessagesMax: 5, whenFull });
      await environment.settle();
      const subscription = await subscribing;
      for (let count = 0; count < 20; count += 1) {
        server.publish("a", `${count}`);
        await environment.settle();
      }
      expect(subscription.bufferedMessages).toBe(whenFull === "drop" ? 5 : 6);
      expect(subscription.dropped).toBe(whenFull === "drop" ? 15 : 0);
      const seen: string[] = [];
      void (async () => {
        for await (const message of subscription) seen.push(message.text());
      })();
      await environment.settle();
      expect(seen).toHaveLength(whenFull === "drop" ? 5 : 20);
    }
  });
});

describe("handlers", () => {
  test("get messages one by one, and the acknowledgement waits for them", async () => {
    const { client, environment, server } = await connectedClient();
    const finish: (() => void)[] = [];
    const seen: string[] = [];
    const handler = (message: Message): Promise<void> => {
      seen.push(message.text());
      return new Promise((resolve) => finish.push(resolve));
    };
    void client.subscribe("#", { qos: 1, handler });
    await environment.settle();
    for (const id of [1, 2]) server.publish("a", `${id}`, { qos: 1, packetIdentifier: id });
    await environment.settle();
    expect([seen, server.takeAll(PacketType.PUBACK).length]).toEqual([["1"], 0]);
    finish[0]();
    await environment.settle();
    expect([seen, server.takeAll(PacketType.PUBACK).length]).toEqual([["1", "2"], 1]);
  });

  test("that throw are reported, and the message is refused", async () => {
    const errors: ClientError[] = [];
    const { client, environment, server } = await connectedClient({ onError: (error) => void errors.push(error) });
    let count = 0;
    void client.subscribe("#", {
      qos: 2,
      handler: () => {
        if (count++ === 0) throw new Error("out of order");
        return Promise.reject(new Error("out of order, later"));
      },
    });
    await environment.settle();
    server.serve([]);
    server.publish("a", "1", { qos: 1, packetIdentifier: 1 }).publish("a", "2", { qos: 2, packetIdentifier: 2 });
    await environment.settle();
    expect(errors.map(({ code }) => code)).toEqual(Array(2).fill("TIDINGS_CLIENT_HANDLER_FAILED"));
    expect(server.takeFirst(PacketType.PUBACK).reasonCode).toBe(0x83);
    expect(server.takeFirst(PacketType.PUBREC).reasonCode).toBe(0x83);
  });

  test("of overlapping filters get a message each, and one acknowledgement goes out", async () => {
    const { client, environment, server } = await connectedClient();
    const seen: string[] = [];
    for (const filter of ["a/#", "a/+", "$share/group/a/b", "b"]) {
      void client.subscribe(filter, { qos: 1, handler: () => void seen.push(filter) });
    }
    await environment.settle();
    server.publish("a/b", "x", { qos: 1, packetIdentifier: 1 });
    await environment.settle();
    expect(seen.sort()).toEqual(["$share/group/a/b", "a/#", "a/+"]);
    expect(server.takeAll(PacketType.PUBACK)).toHaveLength(1);
  });

  test("with Subscription Identifiers get what is theirs alone", async () => {
    const { client, environment, server } = await connectedClient();
    const seen: string[] = [];
    for (const [subscriptionIdentifier, filter] of ["#", "a/+"].entries()) {
      const properties = { subscriptionIdentifier: subscriptionIdentifier + 1 };
      void client.subscribe(filter, { properties, handler: () => void seen.push(filter) });
    }
    await environment.settle();
    server.publish("a/b", "x", { properties: { subscriptionIdentifiers: [2] } });
    await environment.settle();
    expect(seen).toEqual(["a/+"]);
  });
});

describe("messages", () => {
  test("of a session of before wait for the subscription that they belong to", async () => {
    const environment = new VirtualEnvironment();
    environment.onConnection = (server) => {
      server.serve();
      const { onPacket } = server;
      server.onPacket = (packet) => {
        if (packet.type !== PacketType.CONNECT) return onPacket(packet);
        server.connack(undefined, true).publish("mine", "1", { qos: 1, packetIdentifier: 1 });
        server.publish("other", "2", { qos: 1, packetIdentifier: 2 });
      };
    };
    const connecting = clientFactory(environment).connect("mqtt://server", {
      cleanStart: false,
      clientIdentifier: "me",
    });
    await environment.settle();
    const client = await connecting;
    const got: string[] = [];
    void client.subscribe("mine", { qos: 1, handler: (message) => void got.push(message.text()) });
    await environment.settle();
    expect(got).toEqual(["1"]);
    const rest = client.messages[Symbol.asyncIterator]();
    expect((await rest.next()).value?.topic).toBe("other");
    await environment.settle();
    expect(environment.connection.takeAll(PacketType.PUBACK)).toHaveLength(2);
  });

  test("have payload helpers, and properties of their own", async () => {
    const got: Message[] = [];
    const { environment, server } = await connectedClient({ onMessage: (message) => void got.push(message) });
    server.publish("a", '{"value": [1, "é"]}', {
      properties: { userProperties: [["a", "b"]], correlationData: Uint8Array.of(1, 2) },
    });
    server.publish("a", "x".repeat(1_000));
    server.publish("a", Uint8Array.of(0xff, 0));
    await environment.settle();
    expect(got[0].json()).toEqual({ value: [1, "é"] });
    expect(got[0].properties).toEqual({ userProperties: [["a", "b"]], correlationData: Uint8Array.of(1, 2) });
    const { payload } = got[0];
    expect(got[0].payload).toBe(payload);
    expect(got[0].text()).toBe('{"value": [1, "é"]}');
    expect(got[1].text()).toHaveLength(1_000);
    expect([...got[2].payload]).toEqual([0xff, 0]);
    expect(got[2].text()).toBe("\ufffd\u0000");
    expect(got[2].properties).toEqual({});
    expect(() => got[0].reject(1)).toThrow(expect.objectContaining({ code: "TIDINGS_CLIENT_INVALID_ARGUMENT" }));
  });
});

describe("subscriptions", () => {
  test("that are refused reject with the reason, and are not kept", async () => {
    const { client, environment, server } = await connectedClient();
    server.serve([]);
    const subscribing = client.subscribe(["good", "bad"], { qos: 1 });
    subscribing.catch(() => {});
    await environment.settle();
    const { packetIdentifier } = server.takeFirst(PacketType.SUBSCRIBE);
    server.send({
      type: PacketType.SUBACK,
      packetIdentifier,
      reasonCodes: [1, 0x87],
      properties: { reasonString: "no" },
    });
    await environment.settle();
    await expect(subscribing).rejects.toMatchObject({
      code: "TIDINGS_CLIENT_SUBSCRIBE_REFUSED",
      reasonCode: 0x87,
      reasonString: "no",
      message: expect.stringContaining("bad"),
    });
    expect(server.takeFirst(PacketType.UNSUBSCRIBE).topicFilters).toEqual(["good"]);
  });

  test("that make no sense never reach the wire", async () => {
    const { client, environment, server } = await connectedClient();
    for (const [filter, options] of [
      ["a/#/b", {}],
      ["", {}],
      ["a+", {}],
      ["$share//a", {}],
      ["$share/g/a", { noLocal: true }],
      ["a", { qos: 3 as 2 }],
    ] as const) {
      await expect(client.subscribe(filter, options)).rejects.toMatchObject({
        code: "TIDINGS_CLIENT_INVALID_ARGUMENT",
      });
    }
    await expect(client.publish("a/#", "x")).rejects.toMatchObject({ code: "TIDINGS_CLIENT_INVALID_ARGUMENT" });
    await expect(client.publish("", "x", { qos: 1 })).rejects.toMatchObject({
      code: "TIDINGS_CLIENT_INVALID_ARGUMENT",
    });
    await environment.settle();
    expect(server.received).toEqual([]);
  });

  test("are made again on a new session, and end when the server refuses that", async () => {
    const { client, environment, server } = await connectedClient({ reconnect: { minDelayMs: 0 } });
    const subscribing = [client.subscribe("kept", { qos: 1 }), client.subscribe("lost"), client.subscribe("left")];
    await environment.settle();
    const [kept, lost, left] = await Promise.all(subscribing);
    void left.unsubscribe();
    await environment.settle();
    environment.onConnection = (connection) => {
      connection.serve([PacketType.CONNECT]);
    };
    server.drop();
    await environment.advance(10);
    const [{ packetIdentifier, subscriptions }] = environment.connection.takeAll(PacketType.SUBSCRIBE);
    expect(subscriptions.map(({ topicFilter, qos }) => [topicFilter, qos])).toEqual([
      ["kept", 1],
      ["lost", 0],
    ]);
    environment.connection.send({ type: PacketType.SUBACK, packetIdentifier, reasonCodes: [1, 0x87] });
    await environment.settle();
    await expect(lost[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: "TIDINGS_CLIENT_SUBSCRIBE_REFUSED",
    });
    environment.connection.publish("kept", "x");
    await environment.settle();
    expect(kept.bufferedMessages).toBe(1);
  });

  test("stay lost with their session where `resubscribe` is false", async () => {
    const { client, environment, server } = await connectedClient({ reconnect: { minDelayMs: 0 }, resubscribe: false });
    const subscribing = client.subscribe("a");
    await environment.settle();
    await subscribing;
    server.drop();
    await environment.advance(10);
    expect(client.status).toBe("connected");
    expect(environment.connection).not.toBe(server);
    expect(environment.connection.takeAll(PacketType.SUBSCRIBE)).toEqual([]);
  });

  test("end with the loop that reads them, with `await using`, and with the client", async () => {
    const { client, environment, server } = await connectedClient();
    const subscribing = client.subscribe("a");
    await environment.settle();
    const subscription = await subscribing;
    const reading = (async () => {
      for await (const message of subscription) {
        expect(message.text()).toBe("x");
        break;
      }
    })();
    server.publish("a", "x");
    await environment.settle();
    await reading;
    expect(server.takeAll(PacketType.UNSUBSCRIBE)).toHaveLength(1);
    const using = client.subscribe("b").then((other) => other[Symbol.asyncDispose]());
    await environment.settle();
    await using;
    expect(server.takeAll(PacketType.UNSUBSCRIBE)).toHaveLength(1);
    const last = client.subscribe("c");
    await environment.settle();
    const next = (await last)[Symbol.asyncIterator]().next();
    const closed = client.close();
    await environment.settle();
    await closed;
    expect(await next).toEqual({ done: true, value: undefined });
  });
});

test("options that make no packet are refused, and close settles all the same", async () => {
  const { client, environment, server } = await connectedClient();
  const userProperties = [["a", "\u0000"]] as const;
  const invalid = { code: "TIDINGS_CLIENT_INVALID_ARGUMENT" };
  await expect(client.subscribe("a", { properties: { userProperties } })).rejects.toMatchObject(invalid);
  await expect(client.publish("a", "x", { properties: { contentType: 5 as never } })).rejects.toMatchObject(invalid);
  await expect(client.publish("a", 5 as never)).rejects.toMatchObject(invalid);
  await expect(client.publish("a", "x", { qos: 3 as never })).rejects.toMatchObject(invalid);
  expect(client.status).toBe("connected");
  const closed = client.close({ properties: { userProperties } });
  await environment.settle();
  await closed;
  expect(server.received).toEqual([{ type: PacketType.DISCONNECT, reasonCode: 0 }]);
});

test("an AbortSignal ends the wait", async () => {
  const { client, environment, server } = await connectedClient();
  server.serve([]);
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = [
    client.publish("a", "x", { qos: 1, signal }),
    client.subscribe("a", { signal }),
    client.request("a", "x", { signal }),
  ];
  for (const one of waiting) one.catch(() => {});
  await environment.settle();
  controller.abort();
  for (const one of waiting) await expect(one).rejects.toMatchObject({ code: "TIDINGS_CLIENT_ABORTED" });
  await expect(client.publish("a", "x", { signal })).rejects.toMatchObject({ code: "TIDINGS_CLIENT_ABORTED" });
});

test("a publisher that is faster than the connection waits for it", async () => {
  const { client, environment, server } = await connectedClient();
  server.stream.pause();
  const payload = new Uint8Array(10_000);
  let published = 0;
  const publishing = (async () => {
    for (; published < 200; published += 1) await client.publish("a", payload);
  })();
  await environment.settle();
  expect(published).toBeGreaterThan(6);
  expect(published).toBeLessThan(60);
  server.stream.resume();
  await environment.settle();
  await publishing;
  expect(server.takeAll(PacketType.PUBLISH)).toHaveLength(200);
});
