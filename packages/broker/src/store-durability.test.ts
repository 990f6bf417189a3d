/** What a broker promises leaves when the store has it, not before: with a store that takes its time. */
import { type ControlPacket, encodePacket, PacketType } from "@tidings/packet";
import { DelayedSessionStore } from "@tidings/session/testing";
import { createMemoryPair } from "@tidings/transport";
import { beforeEach, describe, expect, test } from "vitest";
import type { BrokerOptions } from "./broker-options.js";
import { StreamHost } from "./stream-host.js";
import { BrokerHarness, type ConnectOptions, type TestClient } from "./testing/index.js";

const { CONNACK, DISCONNECT, PINGREQ, PINGRESP, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, SUBACK, UNSUBACK } =
  PacketType;

let store: DelayedSessionStore;
let harness: BrokerHarness;

beforeEach(() => begin());

function begin(options: BrokerOptions = {}): void {
  store = new DelayedSessionStore();
  harness = new BrokerHarness({ store, ...options });
}

/** What was sealed becomes durable, all of it or up to a ticket. */
function durable(upTo?: number): void {
  store.makeDurable(upTo);
  harness.endTurn();
}

/** kill -9: another broker begins on what was durable. */
async function kill(): Promise<void> {
  const { nowMs } = harness;
  store = store.killed();
  harness = new BrokerHarness({ store });
  harness.nowMs = nowMs;
  await harness.broker.recover(nowMs);
}

function types(client: TestClient): number[] {
  return client.take().map(({ type }) => type);
}

describe.each([4, 5] as const)("protocol level %i:", (protocolVersion) => {
  function persistent(clientIdentifier: string, options: ConnectOptions = {}): ConnectOptions {
    const sessionExpiryInterval = 3600;
    return {
      protocolVersion,
      clientIdentifier,
      cleanStart: false,
      ...options,
      properties: protocolVersion === 5 ? { sessionExpiryInterval, ...options.properties } : undefined,
    };
  }

  /** Connected to a session that lasts, CONNACK taken out; everything is durable. */
  function connected(clientIdentifier: string, options: ConnectOptions = {}): TestClient {
    const client = harness.connect(persistent(clientIdentifier, options));
    durable();
    expect(client.takeFirst(CONNACK).reasonCode).toBe(0);
    return client;
  }

  function subscribed(clientIdentifier: string, topicFilter: string): TestClient {
    const client = connected(clientIdentifier).subscribe(topicFilter);
    durable();
    client.takeFirst(SUBACK);
    return client;
  }

  describe("acknowledgements", () => {
    test("[MQTT-4.3.2-4] [3.1.1 MQTT-4.3.2-2] PUBACK waits for the message that it takes ownership of", () => {
      subscribed("receiver", "a").drop();
      const publisher = harness.connected({ protocolVersion });
      publisher.publish("a", "x", { qos: 1 });
      expect(publisher.take()).toEqual([]);
      harness.endTurn();
      expect(publisher.take()).toEqual([]);
      durable();
      expect(types(publisher)).toEqual([PUBACK]);
    });

    test("[MQTT-4.3.3-8] [3.1.1 MQTT-4.3.3-2] PUBREC waits for the message and its identifier", async () => {
      subscribed("receiver", "a").drop();
      const publisher = connected("publisher");
      publisher.publish("a", "x", { qos: 2, packetIdentifier: 7 });
      harness.endTurn();
      expect(publisher.take()).toEqual([]);
      durable();
      expect(types(publisher)).toEqual([PUBREC]);
      await kill();
      expect(types(connected("publisher").publish("a", "x", { qos: 2, packetIdentifier: 7, dup: true }))).toEqual([
        PUBREC,
      ]);
      const receiver = connected("receiver");
      durable();
      expect(receiver.payloads()).toEqual(["x"]);
    });

    test("[MQTT-4.3.3-11] [3.1.1 MQTT-4.3.3-2] PUBCOMP waits for the identifier to be removed", () => {
      const publisher = connected("publisher");
      publisher.publish("a", "x", { qos: 2, packetIdentifier: 7 });
      durable();
      expect(types(publisher)).toEqual([PUBREC]);
      publisher.acknowledge(PUBREL, 7);
      expect(publisher.take()).toEqual([]);
      durable();
      expect(types(publisher)).toEqual([PUBCOMP]);
    });

    test("SUBACK waits for the subscription, which a kill behind it leaves", async () => {
      const client = connected("c").subscribe("a");
      harness.endTurn();
      expect(client.take()).toEqual([]);
      durable();
      expect(types(client)).toEqual([SUBACK]);
      await kill();
      expect([...harness.broker.subscriptions()].map(({ topicFilter }) => topicFilter)).toEqual(["a"]);
    });

    test("UNSUBACK waits for the end of the subscription", () => {
      const client = subscribed("c", "a");
      client.send({ type: PacketType.UNSUBSCRIBE, packetIdentifier: 9, topicFilters: ["a"] });
      expect(client.take()).toEqual([]);
      durable();
      expect(types(client)).toEqual([UNSUBACK]);
    });

    test("[MQTT-4.6.0-2] [MQTT-4.6.0-3] [3.1.1 MQTT-4.6.0-2] [3.1.1 MQTT-4.6.0-3] leave in the order of their requests, each batch with its ticket", () => {
      subscribed("receiver", "a").drop();
      const client = connected("c");
      client.publish("a", "1", { qos: 1, packetIdentifier: 1 });
      const first = store.seal();
      // Nothing is stored for this one; it does not overtake.
      client.publish("nobody", "2", { qos: 1, packetIdentifier: 2 });
      client.publish("a", "3", { qos: 2, packetIdentifier: 3 });
      const second = store.seal();
      client.subscribe("b").publish("a", "4", { qos: 1, packetIdentifier: 5 });
      expect(client.take()).toEqual([]);
      durable(first);
      expect(client.take()).toMatchObject([
        { type: PUBACK, packetIdentifier: 1 },
        { type: PUBACK, packetIdentifier: 2 },
      ]);
      durable(second);
      expect(client.take()).toMatchObject([{ type: PUBREC, packetIdentifier: 3 }]);
      durable();
      expect(types(client)).toEqual([SUBACK, PUBACK]);
    });

    test("do not wait when nothing is stored for them", () => {
      subscribed("receiver", "a").drop();
      const busy = harness.connected().publish("a", "x", { qos: 1 });
      const live = harness.connected({ protocolVersion });
      live
        .subscribe("b")
        .publish("b", "1", { qos: 1 })
        .publish("b", "2", { qos: 2, packetIdentifier: 8 })
        .acknowledge(PUBREL, 8);
      expect(types(live).filter((type) => type !== PUBLISH)).toEqual([SUBACK, PUBACK, PUBREC, PUBCOMP]);
      expect(busy.take()).toEqual([]);
    });

    test("a retained message is stored, whoever receives it", () => {
      const publisher = harness.connected({ protocolVersion });
      publisher.publish("a", "kept", { qos: 1, retain: true });
      expect(publisher.take()).toEqual([]);
      durable();
      expect(types(publisher)).toEqual([PUBACK]);
      publisher.publish("a", "", { qos: 1, retain: true });
      expect(publisher.take()).toEqual([]);
      durable();
      expect(types(publisher)).toEqual([PUBACK]);
    });

    test("everything else goes on meanwhile", () => {
      const client = subscribed("c", "a");
      client.publish("a", "x", { qos: 1 }).send({ type: PINGREQ });
      harness.connected().publish("a", "zero");
      expect(types(client)).toEqual([PUBLISH, PINGRESP, PUBLISH]);
      durable();
      expect(types(client)).toEqual([PUBACK]);
    });

    test("go with their connection", async () => {
      const publisher = connected("publisher");
      publisher.publish("a", "x", { qos: 2, packetIdentifier: 7 });
      publisher.drop();
      durable();
      expect(publisher.take()).toEqual([]);
      const again = connected("publisher").publish("a", "x", { qos: 2, packetIdentifier: 7, dup: true });
      expect(types(again)).toEqual([PUBREC]); // durable since CONNACK
    });
  });

  describe("CONNACK", () => {
    test("waits for a session that will outlive its connection", () => {
      const client = harness.connect(persistent("c"));
      expect(client.take()).toEqual([]);
      expect([...harness.broker.clients()]).toEqual([]);
      expect(harness.broker.client("c")).toBeUndefined();
      durable();
      expect(client.take()).toMatchObject([{ type: CONNACK, sessionPresent: false, reasonCode: 0 }]);
      expect([...harness.broker.clients()]).toEqual([client.connection]);
    });

    test("[MQTT-3.2.0-1] [3.1.1 MQTT-3.2.0-1] comes before everything that is there for the session, and before what comes meanwhile", () => {
      subscribed("c", "a").drop();
      const publisher = harness.connected();
      publisher.publish("a", "queued", { qos: 1 });
      durable();
      const client = harness.connect(persistent("c"));
      publisher.publish("a", "meanwhile", { qos: 1 }).publish("a", "zero").publish("a", "meanwhile too", { qos: 2 });
      expect(client.take()).toEqual([]);
      durable();
      expect(client.takeFirst(CONNACK).sessionPresent).toBe(true);
      durable();
      expect(client.payloads()).toEqual(["queued", "meanwhile", "meanwhile too"]);
    });

    test("holds up what the client sent behind CONNECT, in order", () => {
      const version = protocolVersion;
      const packets: ControlPacket[] = [
        { type: PacketType.CONNECT, keepAlive: 0, ...persistent("c") } as ControlPacket,
        {
          type: PUBLISH,
          dup: false,
          qos: 1,
          retain: false,
          topicName: "b",
          packetIdentifier: 1,
          payload: new Uint8Array(),
        },
        { type: PINGREQ },
      ];
      const client = harness.open(version).sendBytes(packets.flatMap((packet) => [...encodePacket(packet, version)]));
      const witness = harness.connected().subscribed("b");
      expect([client.isPaused, client.take(), witness.messages()]).toEqual([true, [], []]);
      durable();
      expect(types(client)).toEqual([CONNACK, PUBACK, PINGRESP]);
      expect(client.isPaused).toBe(false);
      expect(witness.messages().length).toBe(1);
    });

    test("[MQTT-3.2.2-3] [3.1.1 MQTT-3.2.2-2] of a resumed session waits for what this connection changes", async () => {
      subscribed("c", "a").drop();
      durable();
      const client = harness.connect(persistent("c"));
      harness.endTurn();
      expect(client.take()).toEqual([]);
      durable();
      expect(client.take()).toMatchObject([{ type: CONNACK, sessionPresent: true }]);
    });

    test("does not wait when neither this session is stored nor an earlier one was", () => {
      subscribed("receiver", "a").drop();
      harness.connected().publish("a", "x", { qos: 1 });
      expect(store.currentTicket).toBeGreaterThan(store.durableUpTo);
      expect(types(harness.connect({ protocolVersion, clientIdentifier: "passing" }))).toEqual([CONNACK]);
    });

    test("[MQTT-3.1.2-4] [3.1.1 MQTT-3.1.2-6] waits for the end of the earlier session that it promises", async () => {
      subscribed("c", "a").drop();
      durable();
      const client = harness.connect({ protocolVersion, clientIdentifier: "c", cleanStart: true });
      expect(client.take()).toEqual([]);
      await kill();
      expect(harness.broker.sessionCount).toBe(1);
      const again = harness.connect({ protocolVersion, clientIdentifier: "c", cleanStart: true });
      durable();
      expect(again.takeFirst(CONNACK).sessionPresent).toBe(false);
      await kill();
      expect(harness.broker.sessionCount).toBe(0);
    });

    test("[MQTT-3.1.4-3] [3.1.1 MQTT-3.1.4-2] a client that waits is taken over like any other", () => {
      const first = harness.connect(persistent("c"));
      const second = harness.connect(persistent("c"));
      expect(first.isClosed).toBe(true);
      durable();
      expect(types(second)).toEqual([CONNACK]);
      expect(first.take().filter(({ type }) => type !== CONNACK)).toEqual([]);
      expect([...harness.broker.clients()]).toEqual([second.connection]);
      expect(harness.broker.sessionCount).toBe(1);
    });

    test("a client that leaves while it waits hears nothing more, and its session stays", () => {
      const client = harness.connect(persistent("c"));
      client.drop();
      durable();
      expect(client.take()).toEqual([]);
      expect([...harness.broker.clients()]).toEqual([]);
      expect(harness.broker.sessionCount).toBe(1);
      expect(connected("c").take()).toEqual([]);
    });

    test("a client does not wait for ever", () => {
      const client = harness.connect(persistent("c"));
      harness.advance(11_000);
      expect(client.isClosed).toBe(true);
    });
  });

  describe("towards a receiver at QoS 2", () => {
    test("PUBLISH and PUBREL wait, in order", () => {
      const receiver = subscribed("receiver", "a");
      const publisher = harness.connected().publish("a", "1", { qos: 2 }).publish("a", "2", { qos: 1 });
      // QoS 1 may come again anyway.
      expect(receiver.payloads()).toEqual(["2"]);
      durable();
      expect(receiver.payloads()).toEqual(["1"]);
      expect(types(publisher)).toEqual([PUBREC, PUBACK]);
      receiver.acknowledge(PUBREC, 1);
      publisher.publish("a", "3", { qos: 2 });
      expect(receiver.take()).toEqual([]);
      durable();
      expect(types(receiver)).toEqual([PUBREL, PUBLISH]);
    });

    test("[MQTT-4.3.3-6] [3.1.1 MQTT-4.3.3-1] a kill between PUBREC and PUBREL does not double the message", async () => {
      const receiver = subscribed("receiver", "a");
      harness.connected().publish("a", "once", { qos: 2 });
      durable();
      expect(receiver.payloads()).toEqual(["once"]);
      receiver.acknowledge(PUBREC, 1);
      expect(receiver.take()).toEqual([]); // so the receiver still knows the identifier
      await kill();
      const again = connected("receiver");
      expect(again.take()).toMatchObject([{ type: PUBLISH, qos: 2, dup: true, packetIdentifier: 1 }]);
      again.acknowledge(PUBREC, 1);
      durable();
      expect(types(again)).toEqual([PUBREL]);
      await kill();
      expect(types(connected("receiver"))).toEqual([PUBREL]);
    });

    test("a message that a kill takes away was neither acknowledged nor seen", async () => {
      const receiver = subscribed("receiver", "a");
      const publisher = connected("publisher").publish("a", "once", { qos: 2, packetIdentifier: 7 });
      expect([receiver.take(), publisher.take()]).toEqual([[], []]);
      await kill();
      const [receiverAgain, publisherAgain] = [connected("receiver"), connected("publisher")];
      publisherAgain.publish("a", "once", { qos: 2, packetIdentifier: 7, dup: true });
      durable();
      expect([receiverAgain.payloads(), types(publisherAgain)]).toEqual([["once"], [PUBREC]]);
    });

    test("what was held goes with its connection, and comes again on the next", () => {
      const receiver = subscribed("receiver", "a");
      harness.connected().publish("a", "x", { qos: 2 });
      receiver.drop();
      durable();
      expect(receiver.take()).toEqual([]);
      expect(connected("receiver").payloads()).toEqual(["x"]);
    });

    test("a session that ends with its connection does not wait", () => {
      const receiver = harness.connected({ protocolVersion }).subscribed("a");
      subscribed("stored", "a").drop();
      harness.connected().publish("a", "x", { qos: 2 });
      expect(receiver.payloads()).toEqual(["x"]);
      expect(types(receiver.acknowledge(PUBREC, 1))).toEqual([PUBREL]);
    });
  });
});

describe("what hooks hold up", () => {
  test("an acknowledgement that a hook lets go at once still waits for the store", () => {
    begin({ hooks: [{ onPublish: (publish) => void publish.holdAcknowledgement()() }] });
    const publisher = harness.connected().publish("a", "x", { qos: 1, retain: true });
    expect(publisher.take()).toEqual([]);
    durable();
    expect(types(publisher)).toEqual([PUBACK]);
  });

  test("and so does one that it lets go in a later turn", () => {
    let release = (): void => {};
    begin({ hooks: [{ onPublish: (publish) => void (release = publish.holdAcknowledgement()) }] });
    const publisher = harness.connected().publish("a", "x", { qos: 1, retain: true });
    release();
    harness.endTurn();
    expect(publisher.take()).toEqual([]);
    durable();
    expect(types(publisher)).toEqual([PUBACK]);
    publisher.publish("a", "y", { qos: 1, retain: true });
    durable();
    expect(publisher.take()).toEqual([]);
    release();
    harness.endTurn();
    expect(types(publisher)).toEqual([PUBACK]);
  });

  test("SUBACK waits for filters that were decided in earlier turns", async () => {
    const answers: ((code: 0 | 0x87) => void)[] = [];
    begin({ hooks: [{ authorizeSubscribe: () => new Promise<0 | 0x87>((resolve) => answers.push(resolve)) }] });
    const client = harness.connect({ clientIdentifier: "c", properties: { sessionExpiryInterval: 60 } });
    durable();
    client.take();
    const filter = { qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
    client.send({
      type: PacketType.SUBSCRIBE,
      packetIdentifier: 1,
      subscriptions: [
        { topicFilter: "a", ...filter },
        { topicFilter: "b", ...filter },
      ],
    });
    answers[0](0);
    await harness.settle();
    answers[1](0x87);
    await harness.settle();
    expect(client.take()).toEqual([]);
    durable();
    expect(client.take()).toMatchObject([{ type: SUBACK, reasonCodes: [0, 0x87] }]);
  });
});

describe("a store that does not keep up", () => {
  test("stops the reading of those who send, until it has caught up", () => {
    begin({ storeBacklogBytesMax: 10_000 });
    const clients = [harness.connected(), harness.connected(), harness.connected()];
    const large = new Uint8Array(6000);
    clients[0].publish("a", large, { retain: true, qos: 1 });
    expect(clients.map(({ isPaused }) => isPaused)).toEqual([false, false, false]);
    clients[0].publish("b", large, { retain: true, qos: 1 });
    clients[1].publish("c", "small");
    expect(clients.map(({ isPaused }) => isPaused)).toEqual([true, true, false]);
    durable(1);
    expect(store.backlogBytes).toBeLessThan(10_000);
    expect(clients.map(({ isPaused }) => isPaused)).toEqual([false, false, false]);
    expect(types(clients[0])).toEqual([PUBACK]);
  });

  test("stays stopped while it is still behind", () => {
    begin({ storeBacklogBytesMax: 10_000 });
    const client = harness.connected();
    for (const topic of ["a", "b", "c"]) client.publish(topic, new Uint8Array(6000), { retain: true });
    expect(client.isPaused).toBe(true);
    durable(1);
    expect(client.isPaused).toBe(true);
    durable(2);
    expect(client.isPaused).toBe(false);
  });

  test("does not count as the client's silence", () => {
    begin({ storeBacklogBytesMax: 1000 });
    const client = harness.connected({ keepAlive: 10 });
    client.publish("a", new Uint8Array(6000), { retain: true });
    harness.advance(60_000);
    expect([client.isPaused, client.isClosed]).toEqual([true, false]);
    durable();
    harness.advance(14_000);
    expect(client.isClosed).toBe(false);
    harness.advance(2000);
    expect(client.isClosed).toBe(true);
  });
});

describe("a store that fails for good", () => {
  test("ends all connections, acknowledges nothing and lets nobody in", () => {
    const failures: unknown[] = [];
    begin({ observer: { failure: (_client, error) => failures.push(error) } });
    const clients = [5, 4].map((version) => harness.connected({ protocolVersion: version as 4 | 5 }));
    for (const client of clients) client.publish("a", "x", { qos: 1, retain: true });
    const waiting = harness.connect({ clientIdentifier: "c", properties: { sessionExpiryInterval: 60 } });
    const error = new Error("no space left on device");
    store.fail(error);
    harness.endTurn();
    expect(failures).toEqual([error]);
    expect(clients[0].take()).toMatchObject([{ type: DISCONNECT, reasonCode: 0x80 }]);
    expect(clients[1].take()).toEqual([]);
    expect(waiting.take()).toMatchObject([{ type: CONNACK, reasonCode: 0x80 }]);
    expect([...clients, waiting].map(({ isClosed }) => isClosed)).toEqual([true, true, true]);
    expect(() => harness.open()).toThrow("no more connections");
  });
});

describe("over a byte stream", () => {
  test("every turn that tells the store something is sealed, the last one of a connection too, and answers are flushed", () => {
    const tasks: (() => void)[] = [];
    const schedule = (task: () => void): void => void tasks.push(task);
    const run = (): void => {
      for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) task();
    };
    const host = new StreamHost(harness.broker, { now: () => 0, afterTurn: schedule, after: () => () => {} });
    const [client, server] = createMemoryPair({ schedule });
    let receivedBytes = 0;
    client.start({ onBytes: (_bytes, start, end) => void (receivedBytes += end - start), onDrain() {}, onClose() {} });
    host.accept(server);
    const connect = {
      type: PacketType.CONNECT,
      protocolVersion: 4,
      cleanStart: false,
      keepAlive: 0,
      clientIdentifier: "c",
    } as const;
    client.write(encodePacket(connect, 4));
    run();
    expect([receivedBytes, store.waitingBatches]).toEqual([0, 1]);
    store.makeDurable();
    run();
    expect(receivedBytes).toBe(4); // CONNACK
    client.destroy();
    run();
    expect([harness.broker.sessionCount, store.waitingBatches]).toEqual([1, 1]);
  });

  test("an orderly end makes everything durable, and nothing is told behind it", async () => {
    const tasks: (() => void)[] = [];
    const schedule = (task: () => void): void => void tasks.push(task);
    const run = async (): Promise<void> => {
      for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
        task();
        for (let i = 0; i < 10; i++) await Promise.resolve();
      }
    };
    harness.connected().publish("a", "x", { retain: true });
    const host = new StreamHost(harness.broker, { now: () => 0, afterTurn: schedule, after: () => () => {} });
    const [client, server] = createMemoryPair({ schedule });
    client.start({ onBytes() {}, onDrain() {}, onClose() {} });
    host.accept(server);
    let toldLate = 0;
    const close = store.close.bind(store);
    store.close = async () => {
      await close();
      store.seal = () => ++toldLate;
    };
    const closed = host.close();
    await run();
    await closed;
    expect([toldLate, store.currentTicket, store.durableUpTo]).toEqual([0, 1, 1]);
  });
});

describe("the host process", () => {
  test("learns when what it published is durable, and when it will not be", async () => {
    const store = new DelayedSessionStore();
    const harness = new BrokerHarness({ store });
    const log: string[] = [];
    await harness.broker.durable();
    for (const topicName of ["a", "b"]) {
      harness.broker.publish({ topicName, payload: "kept", retain: true });
      harness.broker.durable().then(
        () => log.push(`${topicName} is durable`),
        (error) => log.push(`${topicName}: ${error.message}`),
      );
      harness.endTurn();
    }
    await harness.settle();
    expect(log).toEqual([]);
    store.makeDurable(1);
    await harness.settle();
    expect(log).toEqual(["a is durable"]);
    store.fail(new Error("the disk is gone"));
    await harness.settle();
    expect(log).toEqual(["a is durable", "b: the disk is gone"]);
    await expect(harness.broker.durable()).rejects.toThrow("the disk is gone");
  });

  test("need not wait without a store", async () => {
    const { broker } = new BrokerHarness();
    broker.publish({ topicName: "a", payload: "x", qos: 1 });
    await expect(broker.durable()).resolves.toBeUndefined();
  });
});
