/** DISCONNECT from the broker: when, with what, and the close behind it (MQTT 5.0 sections 3.14, 4.11 and 4.13.2). */
import { encodePacket, PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import type { ConnectionHost } from "../connection-host.js";
import { BrokerHarness, type ConnectOptions, type TestClient } from "../testing/index.js";

/** Table 3-10 of 5.0, without what only a client sends. */
const disconnectCodes = [
  0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
  0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
];

function disconnectedBy(
  reasonCode: ReasonCode,
  details: Parameters<TestClient["connection"]["disconnect"]>[1] = {},
  connect: ConnectOptions = {},
): TestClient {
  const harness = new BrokerHarness();
  const client = harness.connected({ clientIdentifier: "c", ...connect });
  harness.broker.client("c")?.disconnect(reasonCode, details);
  harness.endTurn();
  expect(client.isClosed).toBe(true);
  expect(harness.broker.client("c")).toBeUndefined();
  return client;
}

describe("the broker's DISCONNECT", () => {
  test.each(disconnectCodes)("[MQTT-3.14.4-2] [MQTT-4.13.2-1] with Reason Code %i is sent, then the close", (code) => {
    expect(disconnectedBy(code).take()).toEqual([{ type: PacketType.DISCONNECT, reasonCode: code }]);
  });

  test("[MQTT-3.14.2-1] [MQTT-4.13.2-1] with a code that it does not know goes out as one that it knows", () => {
    for (const reasonCode of [0x01, 0x04, 0x84, 0x85, 0x86, 0x88, 0x8a, 0x8c, 0x91, 0x92, 0xa3, 0xff]) {
      const { reasonCode: sent } = disconnectedBy(reasonCode).takeFirst(PacketType.DISCONNECT);
      expect(sent).toBeGreaterThanOrEqual(0x80);
      expect(disconnectCodes).toContain(sent);
    }
  });

  test("is not sent before 5.0: just the close", () => {
    for (const protocolVersion of [3, 4] as const) {
      const client = disconnectedBy(ReasonCode.AdministrativeAction, { reasonString: "out" }, { protocolVersion });
      expect(client.take()).toEqual([]);
    }
  });

  test.each([ReasonCode.UseAnotherServer, ReasonCode.ServerMoved])("carries the Server Reference with %i", (code) => {
    const details = { reasonString: "moved", serverReference: "other:1883", userProperties: [["a", "b"] as const] };
    expect(disconnectedBy(code, details).take()).toEqual([
      { type: PacketType.DISCONNECT, reasonCode: code, properties: details },
    ]);
  });

  test("carries problem information although the client asked for none: DISCONNECT may", () => {
    const connect = { properties: { requestProblemInformation: false } };
    const client = disconnectedBy(ReasonCode.AdministrativeAction, { reasonString: "out" }, connect);
    expect(client.takeFirst(PacketType.DISCONNECT).properties).toEqual({ reasonString: "out" });
  });

  const properties = { maximumPacketSize: 100 };

  test("[MQTT-3.14.2-3] leaves the Reason String out where it would exceed Maximum Packet Size", () => {
    const details = { reasonString: "x".repeat(100) };
    expect(disconnectedBy(ReasonCode.QuotaExceeded, details, { properties }).take()).toEqual([
      { type: PacketType.DISCONNECT, reasonCode: ReasonCode.QuotaExceeded },
    ]);
    const roomy = disconnectedBy(ReasonCode.QuotaExceeded, details);
    expect(roomy.takeFirst(PacketType.DISCONNECT).properties).toEqual(details);
  });

  test("[MQTT-3.14.2-4] leaves User Properties out where they would exceed Maximum Packet Size", () => {
    const details = { userProperties: [["name", "x".repeat(100)] as const] };
    expect(disconnectedBy(ReasonCode.QuotaExceeded, details, { properties }).take()).toEqual([
      { type: PacketType.DISCONNECT, reasonCode: ReasonCode.QuotaExceeded },
    ]);
    const roomy = disconnectedBy(ReasonCode.QuotaExceeded, details);
    expect(roomy.takeFirst(PacketType.DISCONNECT).properties).toEqual(details);
  });

  test("[MQTT-4.13.2-1] that is too large to be sent is followed by the close all the same", () => {
    const details = { serverReference: "x".repeat(100) };
    expect(disconnectedBy(ReasonCode.ServerMoved, details, { properties }).take()).toEqual([]);
  });

  test("[MQTT-4.13.2-1] that the network does not take is followed by the close all the same", () => {
    const harness = new BrokerHarness();
    const client = harness.connected();
    client.stalled = true;
    client.sendBytes([0x00, 0x00]);
    expect(client.isClosed).toBe(true);
    expect(client.take()).toEqual([]);
  });

  test("[MQTT-3.14.4-1] is the last packet, whatever happens to the session afterwards", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ clientIdentifier: "c", properties: { sessionExpiryInterval: 60 } });
    client.subscribed("t", { qos: 1 }).publish("own", "", { qos: 2, packetIdentifier: 5 });
    client.take();
    client.connection.disconnect(ReasonCode.AdministrativeAction);
    harness.connected().publish("t", "at once").publish("t", "later", { qos: 1 });
    client.send({ type: PacketType.PINGREQ }).acknowledge(PacketType.PUBREL, 5);
    harness.advance(1000);
    expect(client.take()).toMatchObject([{ type: PacketType.DISCONNECT, reasonCode: ReasonCode.AdministrativeAction }]);
  });

  test("[MQTT-3.14.2-2] has no Session Expiry Interval, whyever it is sent", () => {
    const connect = { clientIdentifier: "c", keepAlive: 1, properties: { sessionExpiryInterval: 60 } };
    const causes: ((harness: BrokerHarness, client: TestClient) => void)[] = [
      (harness) => void harness.connected({ clientIdentifier: "c" }),
      (harness) => harness.advance(2000),
      (harness) => harness.broker.close(harness.nowMs),
      (_harness, client) => client.connection.disconnect(ReasonCode.AdministrativeAction),
      (_harness, client) => void client.sendBytes([0x00, 0x00]),
      (_harness, client) => void client.send({ type: PacketType.CONNACK, sessionPresent: false, reasonCode: 0 }),
    ];
    for (const cause of causes) {
      // The limit makes the interval in force differ from the one asked for.
      const harness = new BrokerHarness({ sessionExpiryIntervalMax: 30 });
      const client = harness.connected(connect);
      cause(harness, client);
      harness.endTurn();
      const { properties } = client.takeFirst(PacketType.DISCONNECT);
      expect(properties ?? {}).not.toHaveProperty("sessionExpiryInterval");
    }
  });

  test("is written before the close is asked for", () => {
    const harness = new BrokerHarness();
    const events: unknown[] = [];
    const host: ConnectionHost = {
      wantsFlush: () => {},
      write: (bytes) => events.push([...bytes]) > 0,
      writeAll: () => true,
      wantsClose: () => void events.push("close"),
      wantsPause: () => {},
    };
    const connection = harness.broker.accept(host, harness.nowMs);
    const connect = encodePacket(
      { type: PacketType.CONNECT, protocolVersion: 5, cleanStart: true, keepAlive: 0, clientIdentifier: "c" },
      5,
    );
    connection?.receive(connect, 0, connect.length, harness.nowMs);
    connection?.flush();
    events.length = 0;
    harness.broker.client("c")?.disconnect(ReasonCode.AdministrativeAction);
    expect(events).toEqual([[0xe0, 0x01, 0x98], "close"]);
  });
});

describe("before CONNACK there is no DISCONNECT", () => {
  test("[MQTT-3.14.0-1] a shutdown closes who has not sent CONNECT, and refuses who waits for a verdict", async () => {
    const harness = new BrokerHarness({ hooks: [{ authenticate: () => new Promise<number>(() => {}) }] });
    const silent = harness.open();
    const waiting = harness.connect();
    const before5 = harness.connect({ protocolVersion: 4 });
    harness.broker.close(harness.nowMs);
    harness.endTurn();
    expect(silent.bytes).toEqual([]);
    expect(waiting.take()).toEqual([
      { type: PacketType.CONNACK, sessionPresent: false, reasonCode: ReasonCode.ServerUnavailable },
    ]);
    expect(before5.bytes).toEqual([0x20, 0x02, 0x00, 0x03]);
    expect([silent.isClosed, waiting.isClosed, before5.isClosed]).toEqual([true, true, true]);
  });

  test("[MQTT-3.14.0-1] a hook that throws the client out while it is asked refuses it, and it stays out", () => {
    const harness = new BrokerHarness({
      hooks: [
        {
          authenticate: ({ client }) => {
            client.disconnect(ReasonCode.Banned, { reasonString: "out" });
            return ReasonCode.Success;
          },
        },
      ],
    });
    const resident = harness.connect({ clientIdentifier: "c" });
    expect(resident.take()).toEqual([
      {
        type: PacketType.CONNACK,
        sessionPresent: false,
        reasonCode: ReasonCode.Banned,
        properties: { reasonString: "out" },
      },
    ]);
    expect(resident.isClosed).toBe(true);
    expect(harness.broker.sessionCount).toBe(0);
  });
});

test("a shutdown tells 5.0 clients 0x8B, closes all, and lets nobody in", () => {
  const harness = new BrokerHarness();
  const modern = harness.connected();
  const before5 = harness.connected({ protocolVersion: 4 });
  harness.broker.close(harness.nowMs);
  harness.endTurn();
  expect(modern.take()).toEqual([{ type: PacketType.DISCONNECT, reasonCode: ReasonCode.ServerShuttingDown }]);
  expect(before5.take()).toEqual([]);
  expect([modern.isClosed, before5.isClosed]).toEqual([true, true]);
  expect(() => harness.open()).toThrow("takes no more connections");
});
