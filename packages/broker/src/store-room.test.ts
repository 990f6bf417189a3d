/** A store that is short of room: QoS 1 and 2 publishes are turned away, everything else goes on, and back again. */
import { PacketType } from "@tidings/packet";
import { DelayedSessionStore } from "@tidings/session/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { BrokerHarness } from "./testing/index.js";

const { CONNACK, DISCONNECT, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, SUBACK } = PacketType;

let store: DelayedSessionStore;
let harness: BrokerHarness;
let rooms: boolean[];

beforeEach(() => {
  rooms = [];
  store = new DelayedSessionStore();
  harness = new BrokerHarness({ store, observer: { storeRoomChanged: (hasRoom) => rooms.push(hasRoom) } });
});

function durable(): void {
  harness.endTurn();
  store.makeDurable();
  harness.endTurn();
}

function persistent(protocolVersion: 4 | 5, clientIdentifier: string) {
  const properties = protocolVersion === 5 ? { sessionExpiryInterval: 3600 } : undefined;
  const client = harness.connect({ protocolVersion, clientIdentifier, cleanStart: false, properties });
  durable();
  client.takeFirst(CONNACK);
  return client;
}

describe.each([4, 5] as const)("protocol level %i:", (protocolVersion) => {
  function subscribed(clientIdentifier: string) {
    const client = persistent(protocolVersion, clientIdentifier).subscribe("a");
    durable();
    client.takeFirst(SUBACK);
    return client;
  }

  test("a full store keeps no message that it cannot keep, and promises none", () => {
    const receiver = subscribed("receiver");
    const publisher = persistent(protocolVersion, "publisher");
    store.setRoom(false);
    publisher.publish("a", "one", { qos: 1, packetIdentifier: 1 });
    publisher.publish("a", "two", { qos: 2, packetIdentifier: 2 });
    durable();
    expect(receiver.take()).toEqual([]);
    const answers = publisher.take();
    if (protocolVersion === 5) {
      expect(answers).toMatchObject([
        { type: PUBACK, packetIdentifier: 1, reasonCode: 0x97 },
        { type: PUBREC, packetIdentifier: 2, reasonCode: 0x97 },
      ]);
    } else {
      expect(answers).toEqual([]);
    }
    expect([rooms, harness.broker.droppedMessages.refused]).toEqual([[false], 2]);
  });

  test("QoS 0 goes on, but is not retained", () => {
    const receiver = subscribed("receiver");
    const publisher = persistent(protocolVersion, "publisher");
    publisher.publish("a", "old", { retain: true });
    durable();
    receiver.takeFirst(PUBLISH);
    store.setRoom(false);
    publisher.publish("a", "new", { retain: true });
    durable();
    expect(receiver.take()).toMatchObject([{ type: PUBLISH, qos: 0 }]);
    expect(harness.broker.retainedMessage("a")).toBeUndefined();
    expect(harness.broker.droppedMessages["retained-limit"]).toBe(1);
  });

  test("handshakes under way, subscriptions and sessions go on", () => {
    const publisher = persistent(protocolVersion, "publisher");
    publisher.publish("a", "x", { qos: 2, packetIdentifier: 7 });
    durable();
    publisher.takeFirst(PUBREC);
    store.setRoom(false);
    publisher.acknowledge(PUBREL, 7);
    durable();
    publisher.takeFirst(PUBCOMP);
    subscribed("another");
  });

  test("service resumes by itself", async () => {
    const receiver = subscribed("receiver");
    const publisher = persistent(protocolVersion, "publisher");
    const quiet = persistent(protocolVersion, "quiet");
    store.setRoom(false);
    publisher.publish("a", "one", { qos: 1, packetIdentifier: 1 });
    durable();
    store.setRoom(true);
    durable();
    expect([rooms, quiet.isClosed]).toEqual([[false, true], false]);
    // Whoever got no answer sends again, on another connection.
    expect(publisher.isClosed).toBe(protocolVersion !== 5);
    const again = protocolVersion === 5 ? publisher : persistent(protocolVersion, "publisher");
    again.take();
    again.publish("a", "one", { qos: 1, packetIdentifier: 1, dup: true });
    durable();
    expect(again.take()).toMatchObject([{ type: PUBACK, packetIdentifier: 1, reasonCode: 0 }]);
    expect(receiver.take()).toMatchObject([{ type: PUBLISH, qos: 1 }]);
    expect(again.take().some(({ type }) => type === DISCONNECT)).toBe(false);
  });
});

test("the host's own messages are refused as well, wills are not", async () => {
  const receiver = persistent(5, "receiver").subscribe("a");
  durable();
  receiver.take();
  const will = { topic: "a", payload: new Uint8Array(1), qos: 1 as const, retain: false };
  const mortal = harness.connect({ will });
  mortal.takeFirst(CONNACK);
  store.setRoom(false);
  expect(harness.broker.publish({ topicName: "a", payload: "x", qos: 1 })).toEqual({ reasonCode: 0x97 });
  expect(harness.broker.publish({ topicName: "a", payload: "x" })).toEqual({ reasonCode: 0x00 });
  mortal.drop();
  durable();
  expect(receiver.take().map((packet) => "qos" in packet && packet.qos)).toEqual([0, 1]);
});
