/** How much a server sends before it is acknowledged (5.0 sections 3.3.4 and 4.9). */
import { PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

const { PUBACK, PUBREC, PUBREL, PUBCOMP, PINGRESP, SUBACK, UNSUBACK, PUBLISH } = PacketType;

function start(receiveMaximum: number | undefined, messages: readonly (1 | 2)[]) {
  const harness = new BrokerHarness();
  const subscriber = persistentClient(harness, 5, "subscriber", { receiveMaximum }).subscribed("#");
  const publisher = harness.connected();
  const publish = (...qosLevels: (1 | 2)[]) => {
    for (const qos of qosLevels) publisher.publish("a", "", { qos, packetIdentifier: publisher.packetIdentifier() });
  };
  publish(...messages);
  return { harness, subscriber, publish };
}

const identifiers = (client: TestClient): number[] =>
  client.messages().map(({ packetIdentifier }) => packetIdentifier as number);

describe("the client's Receive Maximum", () => {
  test("[MQTT-3.3.4-9] [MQTT-4.9.0-1] [MQTT-4.9.0-2] no more than that many QoS 1 and 2 messages are under way", () => {
    const { subscriber } = start(3, [1, 2, 1, 2, 1]);
    expect(subscriber.messages().map(({ qos }) => qos)).toEqual([1, 2, 1]);
    expect(subscriber.connection.inFlightMessages).toBe(3);
    expect(subscriber.connection.queuedMessages).toBe(2);
  });

  test("[MQTT-4.9.0-1] all of it is used, down to 1 and up to the default", () => {
    expect(identifiers(start(1, [1, 1, 1]).subscriber)).toHaveLength(1);
    expect(identifiers(start(undefined, new Array(1000).fill(1)).subscriber)).toHaveLength(1000);
  });

  test("[MQTT-3.3.4-9] [MQTT-4.9.0-2] PUBACK, PUBCOMP and a negative PUBREC free one place each", () => {
    const { subscriber } = start(3, [1, 2, 2, 1, 1, 1, 1, 1]);
    const [one, two, three] = identifiers(subscriber);
    subscriber.acknowledge(PUBACK, one);
    expect(identifiers(subscriber)).toHaveLength(1);
    subscriber.acknowledge(PUBREC, two);
    expect(identifiers(subscriber)).toHaveLength(0);
    subscriber.acknowledge(PUBCOMP, two);
    expect(identifiers(subscriber)).toHaveLength(1);
    subscriber.acknowledge(PUBREC, three, 0x80);
    expect(identifiers(subscriber)).toHaveLength(1);
    expect(subscriber.connection.inFlightMessages).toBe(3);
  });

  test("[MQTT-3.3.4-9] acknowledgements of nothing free no place", () => {
    const { subscriber } = start(2, [1, 1, 1, 1]);
    const [one] = identifiers(subscriber);
    subscriber
      .acknowledge(PUBACK, one)
      .acknowledge(PUBACK, one)
      .acknowledge(PUBCOMP, 999)
      .acknowledge(PUBREC, 998, 0x80);
    expect(identifiers(subscriber)).toHaveLength(1);
    expect(subscriber.connection.inFlightMessages).toBe(2);
  });

  test("[MQTT-3.3.4-10] [MQTT-4.9.0-3] at 0 everything else still flows", () => {
    const { harness, subscriber } = start(1, [2, 1]);
    const [packetIdentifier] = identifiers(subscriber);
    const other = harness.connected().subscribed("b");
    subscriber.acknowledge(PUBREC, packetIdentifier);
    subscriber.send({ type: PacketType.PINGREQ });
    subscriber.subscribe("c").publish("b", "1", { qos: 1 }).publish("b", "2", { qos: 2, packetIdentifier: 50 });
    subscriber.acknowledge(PUBREL, 50);
    subscriber.send({ type: PacketType.UNSUBSCRIBE, packetIdentifier: 51, topicFilters: ["c"] });
    other.publish("a", "QoS 0 goes on");
    const seen = subscriber.take().filter((packet) => packet.type !== PUBLISH || packet.qos === 0);
    // The subscriber's own messages come back to it behind its full window.
    expect(seen.map(({ type }) => type)).toEqual([
      PUBREL,
      PINGRESP,
      SUBACK,
      PUBACK,
      PUBREC,
      PUBCOMP,
      UNSUBACK,
      PUBLISH,
    ]);
    expect(other.payloads()).toEqual(["1", "2"]);
    expect(subscriber.connection.inFlightMessages).toBe(1);
  });

  test("[MQTT-3.3.4-9] a new connection has the whole of its own", () => {
    const { harness, subscriber, publish } = start(2, [1, 1, 1, 1]);
    expect(identifiers(subscriber)).toHaveLength(2);
    subscriber.drop();
    const wider = persistentClient(harness, 5, "subscriber", { receiveMaximum: 3 });
    expect(wider.messages().map(({ dup }) => dup)).toEqual([true, true, false]);
    wider.drop();
    publish(1);
    const narrower = persistentClient(harness, 5, "subscriber", { receiveMaximum: 1 });
    const seen: boolean[] = [];
    for (let i = 0; i < 5; i++) {
      const messages = narrower.messages();
      expect(messages).toHaveLength(1);
      seen.push(messages[0].dup);
      narrower.acknowledge(PUBACK, messages[0].packetIdentifier as number);
    }
    expect(seen).toEqual([true, true, true, false, false]);
    expect(narrower.take()).toEqual([]);
  });

  test("[MQTT-3.3.4-9] a client of 3.1.1 that takes the session up is not held to it", () => {
    const { harness, subscriber } = start(1, [1, 1, 1]);
    subscriber.drop();
    expect(identifiers(persistentClient(harness, 4, "subscriber"))).toHaveLength(3);
  });

  test("[MQTT-3.3.4-9] PUBCOMP for a PUBREL of an earlier connection frees no place of this one", () => {
    const { harness, subscriber, publish } = start(2, [2, 1]);
    const [released, waiting] = identifiers(subscriber);
    subscriber.acknowledge(PUBREC, released).drop();
    publish(1, 1, 1);
    const resumed = persistentClient(harness, 5, "subscriber", { receiveMaximum: 2 });
    // PUBREL needs no place: the message that was sent before and a new one fill the window.
    const [again, fresh] = resumed.messages();
    expect([again, fresh]).toMatchObject([{ packetIdentifier: waiting, dup: true }, { dup: false }]);
    expect(resumed.take()).toMatchObject([{ type: PUBREL, packetIdentifier: released }]);
    resumed.acknowledge(PUBCOMP, released);
    expect(resumed.take()).toEqual([]);
    resumed.acknowledge(PUBACK, waiting);
    expect(resumed.messages()).toHaveLength(1);
  });

  test("[MQTT-3.3.4-10] PUBREL of a resumed session goes out though the window is full", () => {
    const { harness, subscriber } = start(10, [1, 1, 2]);
    const [one, , three] = identifiers(subscriber);
    subscriber.acknowledge(PUBREC, three).drop();
    const resumed = persistentClient(harness, 5, "subscriber", { receiveMaximum: 1 });
    expect(identifiers(resumed)).toEqual([one]);
    resumed.acknowledge(PUBACK, one);
    expect(identifiers(resumed)).toHaveLength(1);
    expect(resumed.takeFirst(PUBREL).packetIdentifier).toBe(three);
  });
});

test.each([4, 5] as const)("the broker's own limit holds for level %i too", (protocolVersion) => {
  const harness = new BrokerHarness({ inFlightMessagesMax: 2 });
  const subscriber = harness.connected({ protocolVersion }).subscribed("a");
  const publisher = harness.connected();
  for (let i = 0; i < 5; i++) publisher.publish("a", "", { qos: 1 });
  expect(identifiers(subscriber)).toHaveLength(2);
});
