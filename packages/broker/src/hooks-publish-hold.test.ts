/** Hooks that hold the acknowledgement of a message: it is routed at once, its publisher hears of it later. */
import { type ControlPacket, PacketType, ReasonCode } from "@tidings/packet";
import { MemorySessionStore } from "@tidings/session";
import { describe, expect, test } from "vitest";
import type { BrokerOptions } from "./broker-options.js";
import type { MaybePromise } from "./hooks.js";
import { BrokerHarness, type ConnectOptions } from "./testing/index.js";

const { PUBACK, PUBREC, PUBREL, PUBCOMP } = PacketType;

const answers = (packets: readonly ControlPacket[]) =>
  packets.map((packet) =>
    "packetIdentifier" in packet && "reasonCode" in packet
      ? [packet.type, packet.packetIdentifier, packet.reasonCode]
      : [packet.type],
  );

/** Holds what goes to "held", and answers with `verdict`. */
function holding(options: BrokerOptions = {}, verdict: () => MaybePromise<number | undefined> = () => undefined) {
  const releases: ((reasonCode?: number) => void)[] = [];
  const harness = new BrokerHarness({
    ...options,
    hooks: [
      {
        onPublish(publish) {
          if (publish.message.topicName !== "held") return undefined;
          releases.push(publish.holdAcknowledgement());
          return verdict();
        },
      },
    ],
  });
  return {
    harness,
    subscriber: harness.connected().subscribed("#"),
    releases,
    release(index: number, reasonCode?: number) {
      releases[index](reasonCode);
      harness.endTurn();
    },
  };
}

describe.each([3, 4, 5] as const)("a held acknowledgement, protocol level %i", (protocolVersion) => {
  const code = (reasonCode: number): number => (protocolVersion === 5 ? reasonCode : 0);

  test("leaves when the hook lets go, once; the message goes at once", () => {
    const { harness, subscriber, release } = holding();
    const publisher = harness.connected({ protocolVersion });
    publisher
      .publish("held", "1", { qos: 1, packetIdentifier: 1 })
      .publish("held", "2", { qos: 2, packetIdentifier: 2 });
    expect(subscriber.payloads()).toEqual(["1", "2"]);
    expect(publisher.take()).toEqual([]);
    expect(publisher.isPaused).toBe(false);
    release(0);
    release(0, 0x80);
    expect(answers(publisher.take())).toEqual([[PUBACK, 1, 0]]);
    release(1);
    expect(answers(publisher.take())).toEqual([[PUBREC, 2, 0]]);
    publisher.acknowledge(PUBREL, 2);
    expect(answers(publisher.take())).toEqual([[PUBCOMP, 2, 0]]);
  });

  test("holds those behind it, other packets do not wait for it", () => {
    const { harness, release } = holding();
    const publisher = harness.connected({ protocolVersion });
    publisher.publish("held", "", { qos: 1, packetIdentifier: 1 }).publish("free", "", { qos: 1, packetIdentifier: 2 });
    publisher.publish("free", "", { qos: 2, packetIdentifier: 3 });
    publisher.send({ type: PacketType.PINGREQ });
    expect(answers(publisher.take())).toEqual([[PacketType.PINGRESP]]);
    release(0);
    expect(answers(publisher.take())).toEqual([
      [PUBACK, 1, 0],
      [PUBACK, 2, 0],
      [PUBREC, 3, 0],
    ]);
  });

  test("what nobody subscribed to waits behind it like everything else", () => {
    const { harness, subscriber, release } = holding();
    subscriber.drop();
    const publisher = harness.connected({ protocolVersion });
    publisher.publish("held", "", { qos: 1, packetIdentifier: 1 }).publish("free", "", { qos: 1, packetIdentifier: 2 });
    release(0);
    expect(answers(publisher.take())).toEqual([
      [PUBACK, 1, 0],
      [PUBACK, 2, code(ReasonCode.NoMatchingSubscribers)],
    ]);
  });

  test("can become negative, for those who know that", () => {
    const { harness, release } = holding();
    const publisher = harness.connected({ protocolVersion });
    publisher.publish("held", "", { qos: 1, packetIdentifier: 1 }).publish("held", "", { qos: 2, packetIdentifier: 2 });
    release(0, ReasonCode.QuotaExceeded);
    release(1, ReasonCode.ServerBusy);
    expect(answers(publisher.take())).toEqual([
      [PUBACK, 1, code(ReasonCode.QuotaExceeded)],
      // PUBREC cannot say "server busy".
      [PUBREC, 2, code(ReasonCode.UnspecifiedError)],
    ]);
  });

  test("a repeated QoS 2 PUBLISH is answered once, and not delivered again", () => {
    const { harness, subscriber, release, releases } = holding();
    const publisher = harness.connected({ protocolVersion });
    publisher.publish("held", "x", { qos: 2, packetIdentifier: 1 });
    publisher.publish("held", "x", { qos: 2, packetIdentifier: 1, dup: true });
    release(0);
    expect(answers(publisher.take())).toEqual([[PUBREC, 1, 0]]);
    expect(subscriber.payloads()).toEqual(["x"]);
    expect(releases).toHaveLength(1);
  });

  test("a QoS 2 message of which the client could not be told a refusal is still not taken twice", () => {
    const { harness, subscriber, release } = holding();
    const publisher = harness.connected({ protocolVersion }).publish("held", "x", { qos: 2, packetIdentifier: 1 });
    release(0, ReasonCode.QuotaExceeded);
    expect(subscriber.payloads()).toEqual(["x"]);
    publisher.publish("free", "x", { qos: 2, packetIdentifier: 1, dup: true });
    // In 5.0 the negative PUBREC has ended the first message, and this is another one.
    expect(subscriber.payloads()).toEqual(protocolVersion === 5 ? ["x"] : []);
  });

  test("QoS 0 has nothing to hold", () => {
    const { harness, subscriber, release } = holding();
    const publisher = harness.connected({ protocolVersion }).publish("held", "0");
    release(0);
    publisher.publish("free", "1", { qos: 1, packetIdentifier: 1 });
    expect(answers(publisher.take())).toEqual([[PUBACK, 1, 0]]);
    expect(subscriber.payloads()).toEqual(["0", "1"]);
  });

  test("a refusal takes the place that was kept for the answer, and is counted", () => {
    const { harness, subscriber, release } = holding({}, () => ReasonCode.NotAuthorized);
    const publisher = harness.connected({ protocolVersion });
    publisher.publish("held", "", { qos: 1, packetIdentifier: 1 }).publish("held", "", { qos: 2, packetIdentifier: 2 });
    expect(answers(publisher.take())).toEqual([
      [PUBACK, 1, code(ReasonCode.NotAuthorized)],
      [PUBREC, 2, code(ReasonCode.NotAuthorized)],
    ]);
    publisher.acknowledge(PUBREL, 2);
    expect(answers(publisher.take())).toEqual([[PUBCOMP, 2, code(ReasonCode.PacketIdentifierNotFound)]]);
    release(0);
    release(1);
    expect(publisher.take()).toEqual([]);
    expect(subscriber.take()).toEqual([]);
    expect(harness.broker.droppedMessages.refused).toBe(2);
  });

  test("a hook may hold and answer later too", async () => {
    const { harness, subscriber, release } = holding({}, async () => undefined);
    const publisher = harness.connected({ protocolVersion }).publish("held", "x", { qos: 1, packetIdentifier: 1 });
    await harness.settle();
    expect(subscriber.payloads()).toEqual(["x"]);
    expect(publisher.take()).toEqual([]);
    release(0);
    expect(answers(publisher.take())).toEqual([[PUBACK, 1, 0]]);
  });

  test("a connection that is gone hears of nothing, and the next one starts anew", () => {
    const { harness, subscriber, release } = holding();
    const options: ConnectOptions = {
      protocolVersion,
      clientIdentifier: "publisher",
      cleanStart: false,
      properties: protocolVersion === 5 ? { sessionExpiryInterval: 60 } : undefined,
    };
    const publisher = harness.connected(options);
    publisher
      .publish("held", "1", { qos: 1, packetIdentifier: 1 })
      .publish("held", "2", { qos: 2, packetIdentifier: 2 });
    publisher.drop();
    const again = harness.connected(options);
    again.publish("held", "1", { qos: 1, packetIdentifier: 1, dup: true });
    again.publish("held", "2", { qos: 2, packetIdentifier: 2, dup: true });
    release(0);
    release(1, ReasonCode.QuotaExceeded);
    expect(again.take()).toEqual([]);
    release(2);
    expect(answers(again.take())).toEqual([
      [PUBACK, 1, 0],
      [PUBREC, 2, 0],
    ]);
    // QoS 1 may come twice, QoS 2 may not.
    expect(subscriber.payloads()).toEqual(["1", "2", "1"]);
  });
});

test("where a refused PUBLISH ends the connection of an older client, a held one does too", () => {
  const { harness } = holding({ refusedPublishBefore5: "close" }, () => ReasonCode.NotAuthorized);
  const publisher = harness.connected({ protocolVersion: 4 }).publish("held", "", { qos: 1 });
  expect(publisher.isClosed).toBe(true);
  expect(publisher.take()).toEqual([]);
});

test("a QoS 2 message that was refused after it was held is forgotten by the store too", async () => {
  const store = new MemorySessionStore();
  const { harness, release } = holding({ store });
  const options = { clientIdentifier: "publisher", cleanStart: false, properties: { sessionExpiryInterval: 60 } };
  harness.connected(options).publish("held", "old", { qos: 2, packetIdentifier: 7 });
  release(0, ReasonCode.QuotaExceeded);
  const next = new BrokerHarness({ store });
  await next.broker.recover(next.nowMs);
  const subscriber = next.connected().subscribed("#");
  next.connected(options).publish("a", "new", { qos: 2, packetIdentifier: 7 });
  expect(subscriber.payloads()).toEqual(["new"]);
});
