/** A second connection with the same Client Identifier (section 3.1.4). What becomes of the will: `will-delay.test.ts`. */
import { PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type ConnectOptions } from "../testing/index.js";

const versions = [3, 4, 5] as const;

/** A session that outlives its connection, in every version. */
function resumable(protocolVersion: 3 | 4 | 5, options: ConnectOptions = {}): ConnectOptions {
  return {
    protocolVersion,
    clientIdentifier: "same",
    cleanStart: false,
    properties: protocolVersion === 5 ? { sessionExpiryInterval: 600 } : undefined,
    ...options,
  };
}

describe.each(versions)("a client is taken over, protocol level %i", (protocolVersion) => {
  test("[MQTT-3.1.4-3] [3.1.1 MQTT-3.1.4-2] its connection is closed, a 5.0 client hears 0x8E first", () => {
    const harness = new BrokerHarness();
    const first = harness.connected({ protocolVersion, clientIdentifier: "same" });
    const second = harness.connected({ protocolVersion, clientIdentifier: "same" });
    expect(first.isClosed).toBe(true);
    const farewell =
      protocolVersion === 5 ? [{ type: PacketType.DISCONNECT, reasonCode: ReasonCode.SessionTakenOver }] : [];
    expect(first.take()).toMatchObject(farewell);
    expect(second.isClosed).toBe(false);
    expect(harness.broker.client("same")).toBe(second.connection);
    expect(harness.broker.sessionCount).toBe(1);
  });

  test("by a client of any version", () => {
    for (const newcomer of versions) {
      const harness = new BrokerHarness();
      const first = harness.connected(resumable(protocolVersion)).subscribed("t", { qos: 1 });
      const second = harness.connected(resumable(newcomer));
      expect(first.isClosed).toBe(true);
      harness.connected().publish("t", "to the newcomer", { qos: 1 });
      expect(second.payloads()).toEqual(["to the newcomer"]);
    }
  });

  test("only when the newcomer has proved who it is, at once or later", async () => {
    const verdict = (userName: string | undefined): ReasonCode =>
      userName === "owner" ? ReasonCode.Success : ReasonCode.BadUserNameOrPassword;
    const harness = new BrokerHarness({
      hooks: [
        {
          authenticate: ({ userName, connect }) =>
            connect.keepAlive === 1 ? Promise.resolve(verdict(userName)) : verdict(userName),
        },
      ],
    });
    const owner = harness.connected({ protocolVersion, clientIdentifier: "same", userName: "owner" });
    const stranger = harness.connect({ protocolVersion, clientIdentifier: "same", userName: "stranger" });
    expect([owner.isClosed, stranger.isClosed]).toEqual([false, true]);
    const second = harness.connect({ protocolVersion, clientIdentifier: "same", userName: "stranger", keepAlive: 1 });
    await harness.settle();
    expect([owner.isClosed, second.isClosed]).toEqual([false, true]);
    const later = harness.connect({ protocolVersion, clientIdentifier: "same", userName: "owner", keepAlive: 1 });
    expect(owner.isClosed).toBe(false);
    await harness.settle();
    expect([owner.isClosed, later.isClosed]).toEqual([true, false]);
  });

  test("of two whose verdict is pending the last to be admitted stays", async () => {
    const admit: (() => void)[] = [];
    const authenticate = (): Promise<ReasonCode> =>
      new Promise((resolve) => void admit.push(() => resolve(ReasonCode.Success)));
    const harness = new BrokerHarness({ hooks: [{ authenticate }] });
    const first = harness.connect(resumable(protocolVersion));
    const second = harness.connect(resumable(protocolVersion));
    admit[1]();
    await harness.settle();
    expect(second.takeFirst(PacketType.CONNACK).reasonCode).toBe(0);
    admit[0]();
    await harness.settle();
    expect(first.takeFirst(PacketType.CONNACK)).toMatchObject({ reasonCode: 0, sessionPresent: protocolVersion !== 3 });
    expect([first.isClosed, second.isClosed]).toEqual([false, true]);
  });

  test("what comes late on its old connection does not touch the session", () => {
    const harness = new BrokerHarness();
    const first = harness.connected(resumable(protocolVersion)).subscribed("t", { qos: 1 });
    const publisher = harness.connected();
    publisher.publish("t", "in flight", { qos: 1 });
    const { packetIdentifier } = first.messages()[0];
    const second = harness.connected(resumable(protocolVersion));
    expect(second.messages()).toMatchObject([{ packetIdentifier, dup: true }]);
    first.acknowledge(PacketType.PUBACK, packetIdentifier as number);
    expect(second.connection.inFlightMessages).toBe(1);
    first.publish("other", "ignored", { retain: true });
    expect(harness.broker.retainedMessageCount).toBe(0);
    first.drop();
    expect(harness.broker.client("same")).toBe(second.connection);
    publisher.publish("t", "goes on", { qos: 1 });
    expect(second.payloads()).toEqual(["goes on"]);
    expect(first.payloads()).toEqual([]);
  });

  test("the session goes on when the newcomer wants it, with what was not yet acknowledged", () => {
    const harness = new BrokerHarness();
    harness.connected(resumable(protocolVersion)).subscribed("t", { qos: 1 });
    const second = harness.connect(resumable(protocolVersion));
    expect(second.takeFirst(PacketType.CONNACK).sessionPresent).toBe(protocolVersion !== 3);
    harness.connected().publish("t", "kept", { qos: 1 });
    expect(second.payloads()).toEqual(["kept"]);
  });

  test("the session ends when the newcomer wants a clean start, or when it was to end with its connection", () => {
    const ending = { clientIdentifier: "same", protocolVersion, cleanStart: true };
    for (const [first, second] of [
      [resumable(protocolVersion), ending],
      [ending, resumable(protocolVersion)],
    ]) {
      const harness = new BrokerHarness();
      harness.connected(first).subscribed("t", { qos: 1 });
      const newcomer = harness.connect(second);
      expect(newcomer.takeFirst(PacketType.CONNACK).sessionPresent).toBe(false);
      harness.connected().publish("t", "to nobody", { qos: 1 });
      expect(newcomer.payloads()).toEqual([]);
      expect(harness.broker.subscriptionCount).toBe(0);
    }
  });

  test("hooks hear of the end before the beginning", () => {
    const heard: unknown[] = [];
    const harness = new BrokerHarness({
      sessionTakeOver: "any-user",
      hooks: [
        {
          onConnect: (client, sessionPresent) => void heard.push(["connect", client.data, sessionPresent]),
          onDisconnect: (client, { reasonCode, byServer }) =>
            void heard.push(["disconnect", client.data, reasonCode, byServer]),
          authenticate: ({ client, userName }) => {
            client.data = userName;
            return ReasonCode.Success;
          },
        },
      ],
    });
    harness.connected(resumable(protocolVersion, { userName: "first" }));
    harness.connected(resumable(protocolVersion, { userName: "second" }));
    expect(heard).toEqual([
      ["connect", "first", false],
      ["disconnect", "first", ReasonCode.SessionTakenOver, true],
      ["connect", "second", true],
    ]);
  });
});
