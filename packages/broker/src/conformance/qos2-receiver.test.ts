/** The receiver's half of QoS 2 (section 4.3.3): identifiers between PUBLISH and PUBREL. */
import { PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

const { PUBREC, PUBREL, PUBCOMP } = PacketType;

describe.each([3, 4, 5] as const)("QoS 2 from a client, protocol level %i", (protocolVersion) => {
  /** What a PUBREL for an unknown identifier is answered with. */
  const notFound = protocolVersion === 5 ? ReasonCode.PacketIdentifierNotFound : 0;

  function start() {
    const harness = new BrokerHarness();
    const subscriber = harness.connected().subscribed("#");
    const publisher = persistentClient(harness, protocolVersion, "publisher");
    return { harness, subscriber, publisher };
  }

  test("[MQTT-4.3.3-8] [3.1.1 MQTT-4.3.3-2] PUBREC has the identifier of its PUBLISH", () => {
    const { publisher, subscriber } = start();
    for (const packetIdentifier of [9, 65_535, 2]) publisher.publish("a", "x", { qos: 2, packetIdentifier });
    expect(publisher.take()).toEqual(
      [9, 65_535, 2].map((packetIdentifier) => ({ type: PUBREC, packetIdentifier, reasonCode: 0 })),
    );
    expect(subscriber.messages()).toHaveLength(3);
  });

  test("[MQTT-4.3.3-8] [3.1.1 MQTT-4.3.3-2] PUBREC means that the message is kept for who is away", () => {
    const { harness, publisher } = start();
    persistentClient(harness, protocolVersion, "away").subscribed("a").drop();
    publisher.publish("a", "kept", { qos: 2 }).takeFirst(PUBREC);
    publisher.drop();
    expect(persistentClient(harness, protocolVersion, "away").payloads()).toEqual(["kept"]);
  });

  test("[MQTT-4.3.3-10] [3.1.1 MQTT-4.3.3-2] a repeat before PUBREL gets PUBREC and is not delivered again", () => {
    const { publisher, subscriber } = start();
    publisher.publish("a", "x", { qos: 2, packetIdentifier: 4 });
    publisher.publish("a", "x", { qos: 2, packetIdentifier: 4, dup: true });
    publisher.publish("a", "x", { qos: 2, packetIdentifier: 4, dup: false });
    const pubrec = { type: PUBREC, packetIdentifier: 4, reasonCode: 0 };
    expect(publisher.take()).toEqual([pubrec, pubrec, pubrec]);
    expect(subscriber.payloads()).toEqual(["x"]);
  });

  test("[MQTT-4.3.3-10] [3.1.1 MQTT-4.3.3-2] [MQTT-4.4.0-1] [3.1.1 MQTT-4.4.0-1] the identifier survives connections", () => {
    const { harness, publisher, subscriber } = start();
    publisher.publish("a", "x", { qos: 2, packetIdentifier: 4 }).drop();
    for (let i = 0; i < 3; i++) {
      const again = persistentClient(harness, protocolVersion, "publisher");
      again.publish("a", "x", { qos: 2, packetIdentifier: 4, dup: true });
      expect(again.take()).toEqual([{ type: PUBREC, packetIdentifier: 4, reasonCode: 0 }]);
      again.drop();
    }
    expect(subscriber.payloads()).toEqual(["x"]);
    const last = persistentClient(harness, protocolVersion, "publisher").acknowledge(PUBREL, 4);
    expect(last.take()).toEqual([{ type: PUBCOMP, packetIdentifier: 4, reasonCode: 0 }]);
  });

  test("the identifier does not survive its session", () => {
    const { harness, publisher, subscriber } = start();
    publisher.publish("a", "old", { qos: 2, packetIdentifier: 4 }).drop();
    const clean = harness.connected({ protocolVersion, clientIdentifier: "publisher", cleanStart: true });
    clean.publish("a", "new", { qos: 2, packetIdentifier: 4, dup: true });
    expect(subscriber.payloads()).toEqual(["old", "new"]);
  });

  test("[MQTT-4.3.3-11] [3.1.1 MQTT-4.3.3-2] PUBREL is answered with PUBCOMP of the same identifier", () => {
    const { publisher } = start();
    publisher.publish("a", "x", { qos: 2, packetIdentifier: 4 }).publish("a", "y", { qos: 2, packetIdentifier: 3 });
    publisher.take();
    expect(publisher.acknowledge(PUBREL, 3).acknowledge(PUBREL, 4).take()).toEqual([
      { type: PUBCOMP, packetIdentifier: 3, reasonCode: 0 },
      { type: PUBCOMP, packetIdentifier: 4, reasonCode: 0 },
    ]);
  });

  test("[MQTT-4.3.3-11] [MQTT-3.7.2-1] [3.1.1 MQTT-4.3.3-2] PUBREL of an unknown identifier gets PUBCOMP too", () => {
    const { publisher } = start();
    publisher.publish("a", "x", { qos: 2, packetIdentifier: 4 }).take();
    publisher.acknowledge(PUBREL, 4).acknowledge(PUBREL, 4).acknowledge(PUBREL, 77);
    expect(publisher.take()).toEqual([
      { type: PUBCOMP, packetIdentifier: 4, reasonCode: 0 },
      { type: PUBCOMP, packetIdentifier: 4, reasonCode: notFound },
      { type: PUBCOMP, packetIdentifier: 77, reasonCode: notFound },
    ]);
    expect(publisher.isClosed).toBe(false);
  });

  test("[MQTT-4.3.3-12] [3.1.1 MQTT-4.3.3-2] after PUBCOMP the identifier is a new message, DUP or not", () => {
    const { publisher, subscriber } = start();
    publisher.publish("a", "first", { qos: 2, packetIdentifier: 4 }).acknowledge(PUBREL, 4);
    publisher.publish("a", "second", { qos: 2, packetIdentifier: 4 }).acknowledge(PUBREL, 4);
    publisher.publish("a", "third", { qos: 2, packetIdentifier: 4, dup: true });
    expect(subscriber.payloads()).toEqual(["first", "second", "third"]);
  });

  test("identifiers of different clients have nothing to do with each other", () => {
    const { harness, publisher, subscriber } = start();
    publisher.publish("a", "one", { qos: 2, packetIdentifier: 4 });
    harness.connected({ protocolVersion }).publish("a", "two", { qos: 2, packetIdentifier: 4, dup: true });
    expect(subscriber.payloads()).toEqual(["one", "two"]);
  });
});

describe("QoS 2 from a 5.0 client", () => {
  test("[MQTT-4.3.3-9] after PUBREC with 0x80 or above the same identifier is a new message", () => {
    let reasonCode: number = ReasonCode.QuotaExceeded;
    const harness = new BrokerHarness({ hooks: [{ authorizePublish: () => reasonCode }] });
    const subscriber = harness.connected().subscribed("#");
    const publisher = harness.connected();
    publisher.publish("a", "refused", { qos: 2, packetIdentifier: 4 });
    expect(publisher.take()).toEqual([{ type: PUBREC, packetIdentifier: 4, reasonCode }]);
    reasonCode = 0;
    publisher.publish("a", "taken", { qos: 2, packetIdentifier: 4 });
    expect(publisher.take()).toEqual([{ type: PUBREC, packetIdentifier: 4, reasonCode: 0 }]);
    expect(subscriber.payloads()).toEqual(["taken"]);
  });

  test("[MQTT-4.3.3-13] the handshake goes on although the message expired", () => {
    const harness = new BrokerHarness();
    persistentClient(harness, 5, "away").subscribed("a").drop();
    const publisher = persistentClient(harness, 5, "publisher");
    publisher.publish("a", "x", { qos: 2, packetIdentifier: 4, properties: { messageExpiryInterval: 1 } });
    expect(publisher.take()).toEqual([{ type: PUBREC, packetIdentifier: 4, reasonCode: 0 }]);
    harness.advance(5000);
    publisher.publish("a", "x", { qos: 2, packetIdentifier: 4, dup: true, properties: { messageExpiryInterval: 1 } });
    expect(publisher.take()).toEqual([{ type: PUBREC, packetIdentifier: 4, reasonCode: 0 }]);
    publisher.acknowledge(PUBREL, 4);
    expect(publisher.take()).toEqual([{ type: PUBCOMP, packetIdentifier: 4, reasonCode: 0 }]);
    expect(persistentClient(harness, 5, "away").take()).toEqual([]);
  });

  test("PUBREL with 0x92 is an ordinary PUBREL", () => {
    const publisher = new BrokerHarness().connected().publish("a", "x", { qos: 2, packetIdentifier: 4 });
    publisher.take();
    publisher.acknowledge(PUBREL, 4, ReasonCode.PacketIdentifierNotFound);
    expect(publisher.take()).toEqual([{ type: PUBCOMP, packetIdentifier: 4, reasonCode: 0 }]);
  });
});
