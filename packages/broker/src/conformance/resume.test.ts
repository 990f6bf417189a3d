/** What is sent again when a session is resumed, and that nothing is at any other time (section 4.4). */
import { type ControlPacket, PacketType } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

const { CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP } = PacketType;

/** Type, packet identifier, DUP. */
const line = (packet: ControlPacket) => [
  packet.type,
  "packetIdentifier" in packet ? packet.packetIdentifier : undefined,
  "dup" in packet ? packet.dup : undefined,
];

describe.each([3, 4, 5] as const)("a resumed session, protocol level %i", (protocolVersion) => {
  function start() {
    const harness = new BrokerHarness();
    const subscriber = persistentClient(harness, protocolVersion, "subscriber").subscribed("#");
    const publisher = harness.connected({ protocolVersion });
    const resume = () => persistentClient(harness, protocolVersion, "subscriber");
    return { harness, subscriber, publisher, resume };
  }

  test("[MQTT-4.4.0-1] [3.1.1 MQTT-4.4.0-1] [MQTT-3.3.1-1] [3.1.1 MQTT-3.3.1-1] PUBLISH and PUBREL go out again with their identifiers, PUBLISH with DUP", () => {
    const { subscriber, publisher, resume } = start();
    publisher.publish("a", "1", { qos: 1 }).publish("a", "2", { qos: 2 }).publish("a", "3", { qos: 2 });
    publisher.publish("a", "4", { qos: 1 }).publish("a", "5", { qos: 2 }).publish("a", "0");
    const messages = subscriber.messages();
    const [one, two, three, four, five] = messages.map(({ packetIdentifier }) => packetIdentifier as number);
    expect(messages.map(({ dup }) => dup)).toEqual([false, false, false, false, false, false]);
    subscriber
      .acknowledge(PUBREC, three)
      .acknowledge(PUBACK, four)
      .acknowledge(PUBREC, five)
      .acknowledge(PUBCOMP, five);
    subscriber.drop();
    const again = resume();
    expect(again.take().map(line)).toEqual([
      [PUBLISH, one, true],
      [PUBLISH, two, true],
      [PUBREL, three, undefined],
    ]);
    again.acknowledge(PUBACK, one).acknowledge(PUBREC, two).acknowledge(PUBCOMP, three);
    expect(again.take().map(line)).toEqual([[PUBREL, two, undefined]]);
    again.drop();
    const last = resume();
    expect(last.take().map(line)).toEqual([[PUBREL, two, undefined]]);
    last.acknowledge(PUBCOMP, two).drop();
    expect(resume().take()).toEqual([]);
  });

  test("[MQTT-3.3.1-1] [3.1.1 MQTT-3.3.1-1] DUP is 1 each time it is sent again, and never for what was not sent", () => {
    const { subscriber, publisher, resume } = start();
    publisher.publish("a", "sent", { qos: 1 });
    subscriber.drop();
    publisher.publish("a", "queued", { qos: 1 });
    const dups = () => {
      const client = resume();
      const flags = client.messages().map(({ dup }) => dup);
      client.drop();
      return flags;
    };
    expect([dups(), dups(), dups()]).toEqual([
      [true, false],
      [true, true],
      [true, true],
    ]);
  });

  test("[MQTT-4.4.0-1] within a connection nothing is sent again, however long it takes", () => {
    const { harness, subscriber, publisher } = start();
    publisher.publish("a", "1", { qos: 1 }).publish("a", "2", { qos: 2 }).publish("a", "3", { qos: 2 });
    const [, , three] = subscriber.messages().map(({ packetIdentifier }) => packetIdentifier as number);
    subscriber.acknowledge(PUBREC, three);
    subscriber.takeFirst(PUBREL);
    harness.advance(3_600_000);
    publisher.publish("a", "4", { qos: 1 });
    expect(subscriber.payloads()).toEqual(["4"]);
    expect(subscriber.take()).toEqual([]);
  });

  test("[MQTT-4.4.0-1] [3.1.1 MQTT-4.4.0-1] a second connection that takes over resumes too", () => {
    const { subscriber, publisher, resume } = start();
    publisher.publish("a", "1", { qos: 1 });
    const [{ packetIdentifier }] = subscriber.messages();
    const again = resume();
    expect(subscriber.isClosed).toBe(true);
    expect(again.take().map(line)).toEqual([[PUBLISH, packetIdentifier, true]]);
    // What the old connection still says is nobody's.
    subscriber.acknowledge(PUBACK, packetIdentifier as number);
    expect(again.connection.inFlightMessages).toBe(1);
    subscriber.drop();
    expect(again.connection.inFlightMessages).toBe(1);
    again.acknowledge(PUBACK, packetIdentifier as number);
    expect(again.connection.inFlightMessages).toBe(0);
  });

  test("a clean start sends nothing again and frees the identifiers", () => {
    const { harness, subscriber, publisher, resume } = start();
    publisher.publish("a", "1", { qos: 1 }).publish("a", "2", { qos: 2 });
    subscriber.drop();
    const clean = harness.connected({ protocolVersion, clientIdentifier: "subscriber", cleanStart: true });
    expect(clean.take()).toEqual([]);
    expect(clean.connection.inFlightMessages).toBe(0);
    clean.drop();
    expect(resume().take()).toEqual([]);
  });

  test("CONNACK comes before everything that waited", () => {
    const { harness, subscriber, publisher } = start();
    publisher.publish("a", "sent", { qos: 1 });
    subscriber.drop();
    publisher.publish("a", "queued", { qos: 1 });
    const again = harness.connect({ protocolVersion, clientIdentifier: "subscriber", cleanStart: false });
    expect(again.take().map(({ type }) => type)).toEqual([CONNACK, PUBLISH, PUBLISH]);
  });

  test("QoS 0 is not kept for a client that is away", () => {
    const { subscriber, publisher, resume } = start();
    subscriber.drop();
    publisher.publish("a", "0").publish("a", "1", { qos: 1 });
    expect(resume().payloads()).toEqual(["1"]);
  });

  test("what is unsubscribed while in flight is still sent again, what comes later is not", () => {
    const { subscriber, publisher, resume } = start();
    publisher.publish("a", "1", { qos: 1 });
    subscriber.send({ type: PacketType.UNSUBSCRIBE, packetIdentifier: 9, topicFilters: ["#"] });
    publisher.publish("a", "2", { qos: 1 });
    subscriber.drop();
    expect(resume().payloads()).toEqual(["1"]);
  });

  test("[MQTT-4.5.0-1] [3.1.1 MQTT-4.5.0-1] a message is in the session of every client with a matching subscription", () => {
    const { harness, subscriber, publisher, resume } = start();
    subscriber.drop();
    const names = ["one", "two", "three"];
    for (const name of names) {
      persistentClient(harness, protocolVersion, name)
        .subscribed(name === "three" ? "b" : "a", { qos: 1 })
        .drop();
    }
    const present = harness.connected({ protocolVersion }).subscribed("a");
    publisher.publish("a", "x", { qos: 1 }).publish("a", "y", { qos: 2 });
    publisher.drop();
    expect(present.payloads()).toEqual(["x", "y"]);
    expect(names.map((name) => persistentClient(harness, protocolVersion, name).payloads())).toEqual([
      ["x", "y"],
      ["x", "y"],
      [],
    ]);
    expect(resume().payloads()).toEqual(["x", "y"]);
  });
});
