/** How much a client may send before it is acknowledged (5.0 sections 3.3.4 and 4.9). */
import { PacketType, ReasonCode } from "@tidings/packet";
import { MemorySessionStore } from "@tidings/session";
import { describe, expect, test } from "vitest";
import type { BrokerOptions } from "../broker-options.js";
import { BrokerHarness, type TestClient } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

const { PUBACK, PUBREC, PUBREL, PUBCOMP } = PacketType;

/** A broker whose hook holds all acknowledgements of messages to "held". */
function holding(options: BrokerOptions) {
  const releases: ((reasonCode?: number) => void)[] = [];
  const harness = new BrokerHarness({
    ...options,
    hooks: [
      {
        onPublish(publish) {
          if (publish.message.topicName === "held") releases.push(publish.holdAcknowledgement());
          return undefined;
        },
      },
    ],
  });
  const release = (reasonCode?: number) => {
    releases.shift()?.(reasonCode);
    harness.endTurn();
  };
  return { harness, release };
}

function expectFlooded(client: TestClient): void {
  expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(ReasonCode.ReceiveMaximumExceeded);
  expect(client.isClosed).toBe(true);
}

describe("the server's Receive Maximum", () => {
  test("[MQTT-3.3.4-7] one QoS 2 message too many ends the connection with 0x93", () => {
    const harness = new BrokerHarness({ receiveMaximum: 2 });
    const subscriber = harness.connected().subscribed("#");
    const publisher = harness.connected();
    for (const text of ["1", "2"]) publisher.publish("a", text, { qos: 2 });
    expect(publisher.isClosed).toBe(false);
    publisher.publish("a", "3", { qos: 2 });
    expectFlooded(publisher);
    expect(subscriber.payloads()).toEqual(["1", "2"]);
  });

  test("[MQTT-3.3.4-7] QoS 1 counts beside QoS 2, QoS 0 does not", () => {
    const { harness } = holding({ receiveMaximum: 2 });
    const publisher = harness.connected();
    publisher.publish("held", "", { qos: 1 }).publish("a", "", { qos: 2 });
    for (let i = 0; i < 10; i++) publisher.publish("a");
    expect(publisher.isClosed).toBe(false);
    publisher.publish("a", "", { qos: 1 });
    expectFlooded(publisher);
  });

  test("[MQTT-3.3.4-7] PUBACK, PUBCOMP and a negative PUBREC free one place each", () => {
    const { harness, release } = holding({ receiveMaximum: 2 });
    const publisher = harness.connected();
    publisher.publish("held", "", { qos: 1, packetIdentifier: 1 }).publish("held", "", { qos: 2, packetIdentifier: 2 });
    release();
    publisher.publish("held", "", { qos: 2, packetIdentifier: 3 });
    release(ReasonCode.QuotaExceeded);
    publisher.publish("held", "", { qos: 1, packetIdentifier: 4 });
    release();
    expect(publisher.take()).toMatchObject([
      { type: PUBACK, packetIdentifier: 1, reasonCode: 0 },
      { type: PUBREC, packetIdentifier: 2, reasonCode: ReasonCode.QuotaExceeded },
      { type: PUBREC, packetIdentifier: 3, reasonCode: 0 },
    ]);
    release();
    publisher.acknowledge(PUBREL, 3);
    publisher.publish("a", "", { qos: 2, packetIdentifier: 5 }).publish("a", "", { qos: 2, packetIdentifier: 6 });
    expect(publisher.isClosed).toBe(false);
    publisher.publish("a", "", { qos: 2, packetIdentifier: 7 });
    expectFlooded(publisher);
  });

  test("[MQTT-3.3.4-7] a negative PUBACK frees one too", () => {
    const harness = new BrokerHarness({
      receiveMaximum: 1,
      hooks: [{ authorizePublish: () => ReasonCode.NotAuthorized }],
    });
    const publisher = harness.connected();
    for (let i = 0; i < 3; i++) publisher.publish("a", "", { qos: 1 });
    expect(publisher.take().map(({ type }) => type)).toEqual([PUBACK, PUBACK, PUBACK]);
  });

  test("[MQTT-3.3.4-7] a normal PUBREC and a PUBREL of nothing free none", () => {
    const harness = new BrokerHarness({ receiveMaximum: 1 });
    const publisher = harness.connected().publish("a", "", { qos: 2, packetIdentifier: 1 });
    publisher.acknowledge(PUBREL, 2).acknowledge(PUBREL, 3);
    publisher.publish("a", "", { qos: 2, packetIdentifier: 2 });
    expectFlooded(publisher);
  });

  test("a repeat of what is unfinished takes no second place", () => {
    const publisher = new BrokerHarness({ receiveMaximum: 1 }).connected();
    publisher.publish("a", "", { qos: 2, packetIdentifier: 1 });
    publisher.publish("a", "", { qos: 2, packetIdentifier: 1, dup: true });
    expect(publisher.take().map(({ type }) => type)).toEqual([PUBREC, PUBREC]);
    publisher.acknowledge(PUBREL, 1).publish("a", "", { qos: 2, packetIdentifier: 2 });
    expect(publisher.take().map(({ type }) => type)).toEqual([PUBCOMP, PUBREC]);
  });

  test("[MQTT-4.9.0-1] a new connection starts with all of it", () => {
    const harness = new BrokerHarness({ receiveMaximum: 2 });
    const publisher = persistentClient(harness, 5, "publisher");
    publisher
      .publish("a", "", { qos: 2, packetIdentifier: 1 })
      .publish("a", "", { qos: 2, packetIdentifier: 2 })
      .drop();
    const again = persistentClient(harness, 5, "publisher");
    again.publish("a", "", { qos: 2, packetIdentifier: 3 }).publish("a", "", { qos: 2, packetIdentifier: 4 });
    expect(again.take().map(({ type }) => type)).toEqual([PUBREC, PUBREC]);
    again.acknowledge(PUBREL, 1).acknowledge(PUBREL, 2);
    expect(again.take()).toMatchObject([{ reasonCode: 0 }, { reasonCode: 0 }]);
  });

  test("[MQTT-4.9.0-3] at the limit everything else is answered", () => {
    const harness = new BrokerHarness({ receiveMaximum: 1 });
    const client = harness.connected().publish("a", "", { qos: 2, packetIdentifier: 1 });
    client.takeFirst(PUBREC);
    client.send({ type: PacketType.PINGREQ }).subscribe("b", { qos: 2 });
    harness.connected().publish("b", "x", { qos: 2 });
    const packetIdentifier = client.messages()[0].packetIdentifier as number;
    client.acknowledge(PUBREC, packetIdentifier).acknowledge(PUBCOMP, packetIdentifier);
    client.send({ type: PacketType.UNSUBSCRIBE, packetIdentifier: 9, topicFilters: ["b"] });
    const { PINGRESP, SUBACK, UNSUBACK } = PacketType;
    expect(client.take().map(({ type }) => type)).toEqual([PINGRESP, SUBACK, PUBREL, UNSUBACK]);
  });

  test("an acknowledgement that waits for the store counts until it leaves", () => {
    class SlowStore extends MemorySessionStore {
      override readonly currentTicket: number = 1;
      override durableUpTo = 0;
    }
    const store = new SlowStore();
    const harness = new BrokerHarness({ receiveMaximum: 2, store });
    const publisher = harness.connected();
    publisher.publish("a", "", { qos: 1, retain: true }).publish("a", "", { qos: 1, retain: true });
    expect(publisher.take()).toEqual([]);
    store.durableUpTo = 1;
    store.onDurable(1);
    harness.endTurn();
    expect(publisher.take().map(({ type }) => type)).toEqual([PUBACK, PUBACK]);
    store.durableUpTo = 0;
    for (let i = 0; i < 3; i++) publisher.publish("a", "", { qos: 1, retain: true });
    expectFlooded(publisher);
  });

  test.each([3, 4] as const)("a client of level %i knows no limit and is held to none", (protocolVersion) => {
    const publisher = new BrokerHarness({ receiveMaximum: 1 }).connected({ protocolVersion });
    for (let i = 0; i < 5; i++) publisher.publish("a", "", { qos: 2 });
    expect(publisher.take().map(({ type }) => type)).toEqual([PUBREC, PUBREC, PUBREC, PUBREC, PUBREC]);
  });
});
