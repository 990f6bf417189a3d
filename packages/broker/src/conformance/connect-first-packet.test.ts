/** What may come before and behind CONNECT, and how long the broker waits (MQTT 5.0 and 3.1.1 sections 3.1 and 3.1.4). */
import { type ControlPacket, encodePacket, PacketType, type ProtocolVersion, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type ConnectOptions } from "../testing/index.js";

function connectBytes(options: ConnectOptions = {}): Uint8Array {
  const protocolVersion = options.protocolVersion ?? 5;
  return encodePacket(
    {
      type: PacketType.CONNECT,
      cleanStart: true,
      keepAlive: 0,
      clientIdentifier: "pipelining",
      ...options,
      protocolVersion,
    },
    protocolVersion,
  );
}

function subscribeBytes(topicFilter: string, version: ProtocolVersion): Uint8Array {
  const subscription = { topicFilter, qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
  return encodePacket({ type: PacketType.SUBSCRIBE, packetIdentifier: 1, subscriptions: [subscription] }, version);
}

function publishBytes(topicName: string, version: ProtocolVersion, retain = false): Uint8Array {
  const payload = new TextEncoder().encode("early");
  return encodePacket({ type: PacketType.PUBLISH, dup: false, qos: 0, retain, topicName, payload }, version);
}

const typesOf = (packets: ControlPacket[]): PacketType[] => packets.map((packet) => packet.type);

test("[MQTT-3.1.0-1] [3.1.1 MQTT-3.1.0-1] another protocol is noticed by its first byte", () => {
  const harness = new BrokerHarness();
  const client = harness.open().sendBytes(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
  expect(client.isClosed).toBe(true);
  expect(client.bytes).toEqual([]);
});

describe.each([3, 4, 5] as const)("the first packet of a connection, protocol level %i", (protocolVersion) => {
  test("[MQTT-3.1.0-2] [3.1.1 MQTT-3.1.0-2] a second CONNECT closes the connection", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion, clientIdentifier: "twice" });
    client.sendBytes(connectBytes({ protocolVersion, clientIdentifier: "twice" }));
    expect(client.isClosed).toBe(true);
    expect(harness.broker.client("twice")).toBeUndefined();
    const answer = protocolVersion === 5 ? [{ type: PacketType.DISCONNECT, reasonCode: ReasonCode.ProtocolError }] : [];
    expect(client.take()).toMatchObject(answer);
  });

  test("[MQTT-3.14.0-1] [MQTT-4.13.1-1] [3.1.1 MQTT-4.8.0-1] a first packet other than CONNECT is answered by the close alone", () => {
    const harness = new BrokerHarness();
    const packets: ControlPacket[] = [
      { type: PacketType.PINGREQ },
      { type: PacketType.DISCONNECT, reasonCode: 0 },
      { type: PacketType.PUBACK, packetIdentifier: 1, reasonCode: 0 },
      { type: PacketType.CONNACK, sessionPresent: false, reasonCode: 0 },
    ];
    const inputs = packets.map((packet) => encodePacket(packet, protocolVersion));
    inputs.push(publishBytes("t", protocolVersion), subscribeBytes("t", protocolVersion), Uint8Array.of(0x00, 0x00));
    for (const input of inputs) {
      const client = harness.open(protocolVersion).sendBytes(input);
      expect(client.isClosed).toBe(true);
      expect(client.bytes).toEqual([]);
    }
  });

  test("a connection without a CONNECT is closed after connectTimeoutMs, without a word", () => {
    const harness = new BrokerHarness({ connectTimeoutMs: 3000 });
    const silent = harness.open(protocolVersion);
    const slow = harness.open(protocolVersion).sendBytes(connectBytes({ protocolVersion }).subarray(0, 5));
    const prompt = harness.connected({ protocolVersion });
    harness.advance(2750);
    slow.sendBytes(Uint8Array.of(0x00));
    expect([silent.isClosed, slow.isClosed]).toEqual([false, false]);
    harness.advance(750);
    expect([silent.isClosed, slow.isClosed, prompt.isClosed]).toEqual([true, true, false]);
    expect([silent.bytes, slow.bytes]).toEqual([[], []]);
  });

  test("a packet above connectPacketBytesMax is refused from its fixed header, until CONNACK", () => {
    const harness = new BrokerHarness({ connectPacketBytesMax: 100 });
    const tooLarge = harness.open(protocolVersion).sendBytes(Uint8Array.of(0x10, 99));
    expect(tooLarge.isClosed).toBe(true);
    expect(tooLarge.bytes).toEqual([]);
    const client = harness.open(protocolVersion).sendBytes(Uint8Array.of(0x10, 98));
    expect(client.isClosed).toBe(false);
    const other = harness.connected({ protocolVersion }).subscribed("t");
    other.publish("t", "y".repeat(200));
    expect(other.payloads()).toEqual(["y".repeat(200)]);
  });

  test("a Remaining Length that never ends closes the connection", () => {
    const client = new BrokerHarness().open(protocolVersion).sendBytes([0x10, 0xff, 0xff, 0xff, 0xff]);
    expect(client.isClosed).toBe(true);
    expect(client.bytes).toEqual([]);
  });

  test("packets right behind CONNECT are taken in order", () => {
    const client = new BrokerHarness()
      .open(protocolVersion)
      .sendBytes([
        ...connectBytes({ protocolVersion }),
        ...subscribeBytes("t", protocolVersion),
        ...publishBytes("t", protocolVersion),
      ]);
    expect(typesOf(client.take())).toEqual([PacketType.CONNACK, PacketType.SUBACK, PacketType.PUBLISH]);
  });

  test("packets right behind CONNECT are held while a hook decides, then taken in order", async () => {
    let admit = (_reasonCode: number): void => {};
    const verdict = new Promise<number>((resolve) => {
      admit = resolve;
    });
    const harness = new BrokerHarness({ hooks: [{ authenticate: () => verdict }] });
    const client = harness.open(protocolVersion);
    client.sendBytes([...connectBytes({ protocolVersion }), ...subscribeBytes("t", protocolVersion)]);
    client.sendBytes(publishBytes("t", protocolVersion).subarray(0, 4));
    client.sendBytes(publishBytes("t", protocolVersion).subarray(4));
    expect(client.take()).toEqual([]);
    expect(client.isPaused).toBe(true);
    admit(0);
    await harness.settle();
    expect(typesOf(client.received)).toEqual([PacketType.CONNACK, PacketType.SUBACK, PacketType.PUBLISH]);
    expect(client.payloads()).toEqual(["early"]);
    expect(client.isPaused).toBe(false);
  });

  test("[MQTT-3.1.4-6] [3.1.1 MQTT-3.1.4-5] nothing behind a refused CONNECT is processed", async () => {
    const harness = new BrokerHarness({
      hooks: [
        {
          authenticate: ({ userName }) =>
            userName === "later" ? Promise.resolve(ReasonCode.NotAuthorized) : ReasonCode.NotAuthorized,
        },
      ],
    });
    for (const userName of ["at once", "later"]) {
      const client = harness.open(protocolVersion);
      const publish = publishBytes("t", protocolVersion, true);
      client.sendBytes([...connectBytes({ protocolVersion, userName }), ...publish]);
      client.sendBytes(publish);
      await harness.settle();
      client.sendBytes(publish);
      expect(client.isClosed).toBe(true);
      expect(typesOf(client.take())).toEqual([PacketType.CONNACK]);
    }
    expect(harness.broker.retainedMessageCount).toBe(0);
    expect(harness.broker.sessionCount).toBe(0);
  });

  test("a connection that ends while a hook decides leaves nothing behind", async () => {
    const harness = new BrokerHarness({ hooks: [{ authenticate: () => Promise.resolve(ReasonCode.Success) }] });
    const client = harness.connect({ protocolVersion });
    client.drop();
    await harness.settle();
    expect(harness.broker.sessionCount).toBe(0);
    expect([...harness.broker.clients()]).toEqual([]);
  });

  test("connectTimeoutMs includes the time that hooks take", async () => {
    let admit = (_reasonCode: number): void => {};
    const verdict = new Promise<number>((resolve) => {
      admit = resolve;
    });
    const harness = new BrokerHarness({ connectTimeoutMs: 3000, hooks: [{ authenticate: () => verdict }] });
    const client = harness.connect({ protocolVersion });
    harness.advance(3500);
    expect(client.isClosed).toBe(true);
    admit(0);
    await harness.settle();
    expect(client.bytes).toEqual([]);
    expect(harness.broker.sessionCount).toBe(0);
  });
});

test("a broker takes no more connections than connectionsMax, those without CONNECT included", () => {
  const harness = new BrokerHarness({ connectionsMax: 2 });
  harness.connected();
  const second = harness.open();
  expect(() => harness.open()).toThrow("takes no more connections");
  second.drop();
  expect(harness.connected().isClosed).toBe(false);
});
