/** Clean Start and what a session keeps (MQTT 5.0 sections 3.1.2.4 and 4.1; 3.1.1 sections 3.1.2.4 and 4.1). */
import { PacketType, type ProtocolVersion } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type ConnectOptions } from "../testing/index.js";

/** A session that outlives its connection, in every version. */
function resumable(protocolVersion: ProtocolVersion, options: ConnectOptions = {}): ConnectOptions {
  return {
    protocolVersion,
    clientIdentifier: "same",
    cleanStart: false,
    properties: protocolVersion === 5 ? { sessionExpiryInterval: 600 } : undefined,
    ...options,
  };
}

/** A session with a subscription, one message in flight, one released and one queued. */
function left(protocolVersion: ProtocolVersion): BrokerHarness {
  const harness = new BrokerHarness({ inFlightMessagesMax: 2 });
  const client = harness.connected(resumable(protocolVersion)).subscribed("t/#", { qos: 2 });
  const publisher = harness.connected({ clientIdentifier: "publisher" });
  publisher.publish("t/1", "released", { qos: 2 }).publish("t/2", "in flight", { qos: 1 });
  client.acknowledge(PacketType.PUBREC, client.messages()[0].packetIdentifier as number);
  publisher.publish("t/3", "queued", { qos: 1 });
  client.drop();
  publisher.disconnect();
  return harness;
}

describe.each([3, 4, 5] as const)("a session, protocol level %i", (protocolVersion) => {
  test("[MQTT-3.1.2-4] [MQTT-3.1.4-4] [3.1.1 MQTT-3.1.2-6] [3.1.1 MQTT-3.1.4-3] is discarded by a clean start", () => {
    const harness = left(protocolVersion);
    const client = harness.connect(resumable(protocolVersion, { cleanStart: true }));
    expect(client.take().map(({ type }) => type)).toEqual([PacketType.CONNACK]);
    expect(harness.broker.subscriptionCount).toBe(0);
    harness.connected().publish("t/4", "", { qos: 1 });
    expect(client.messages()).toEqual([]);
    // What an old delivery is acknowledged with means nothing any more.
    expect(client.connection.inFlightMessages).toBe(0);
  });

  test("[MQTT-3.1.2-5] [MQTT-3.1.4-4] [3.1.1 MQTT-3.1.2-4] [3.1.1 MQTT-3.1.4-3] goes on without one, with all that was open", () => {
    const harness = left(protocolVersion);
    const client = harness.connected(resumable(protocolVersion));
    expect(client.takeFirst(PacketType.PUBREL).packetIdentifier).toBe(1);
    expect(client.messages()).toMatchObject([
      { topicName: "t/2", packetIdentifier: 2, dup: true, qos: 1 },
      { topicName: "t/3", packetIdentifier: 3, dup: false, qos: 1 },
    ]);
    harness.connected().publish("t/4", "live");
    expect(client.payloads()).toEqual(["live"]);
  });

  test("[MQTT-3.1.2-6] [3.1.1 MQTT-3.1.2-4] is made where there is none to go on with", () => {
    const harness = new BrokerHarness();
    harness.connected(resumable(protocolVersion)).subscribed("t", { qos: 1 }).drop();
    expect(harness.broker.sessionCount).toBe(1);
    harness.connected().publish("t", "kept", { qos: 1 });
    expect(harness.connected(resumable(protocolVersion)).payloads()).toEqual(["kept"]);
  });

  test("[MQTT-3.1.2-23] [3.1.1 MQTT-3.1.2-5] collects QoS 1 and 2 while there is no connection, QoS 0 not", () => {
    const harness = new BrokerHarness();
    harness.connected(resumable(protocolVersion)).subscribed("t", { qos: 2 }).disconnect();
    const publisher = harness.connected();
    for (const qos of [0, 1, 2, 1] as const) publisher.publish("t", `${qos}`, { qos });
    const client = harness.connected(resumable(protocolVersion));
    expect(client.messages()).toMatchObject([
      { qos: 1, dup: false, payload: Uint8Array.of(0x31) },
      { qos: 2, dup: false, payload: Uint8Array.of(0x32) },
      { qos: 1, dup: false, payload: Uint8Array.of(0x31) },
    ]);
  });

  test("[3.1.1 MQTT-3.1.2-6] that began with a clean start ends with its connection, and is never taken up", () => {
    const harness = new BrokerHarness();
    const clean = { protocolVersion, clientIdentifier: "same", cleanStart: true };
    for (const end of ["drop", "disconnect"] as const) {
      harness.connected(clean).subscribed("t", { qos: 1 })[end]();
      expect(harness.broker.sessionCount).toBe(0);
      expect(harness.broker.subscriptionCount).toBe(0);
      const publisher = harness.connected();
      publisher.publish("t", "lost", { qos: 1 }).disconnect();
      const again = harness.connect(resumable(protocolVersion));
      expect(again.takeFirst(PacketType.CONNACK).sessionPresent).toBe(false);
      expect(again.messages()).toEqual([]);
      again.disconnect();
      harness.connected(clean).disconnect();
    }
  });

  test("[3.1.1 MQTT-3.1.2-7] does not hold the retained messages: they stay when it ends", () => {
    const harness = new BrokerHarness();
    const clean = { protocolVersion, clientIdentifier: "same", cleanStart: true };
    harness.connected(clean).publish("t", "stays", { retain: true }).disconnect();
    expect(harness.broker.sessionCount).toBe(0);
    expect(harness.connected(clean).subscribed("t").payloads()).toEqual(["stays"]);
  });

  test("[MQTT-4.1.0-1] [3.1.1 MQTT-4.1.0-1] [3.1.1 MQTT-4.1.0-2] keeps its state as long as its connection is open", () => {
    const harness = new BrokerHarness();
    for (const options of [
      { protocolVersion, clientIdentifier: "clean", cleanStart: true },
      resumable(protocolVersion, { properties: protocolVersion === 5 ? { sessionExpiryInterval: 1 } : undefined }),
    ]) {
      const client = harness.connected(options).subscribed("t", { qos: 2 });
      const publisher = harness.connected();
      publisher.publish("t", "in flight", { qos: 1 });
      client.publish("own", "once", { qos: 2, packetIdentifier: 77 });
      client.take();
      harness.advance(3000);
      harness.nowMs += 7 * 86_400_000;
      harness.advance(1000);
      expect(client.connection.inFlightMessages).toBe(1);
      publisher.publish("t", "still subscribed");
      expect(client.payloads()).toEqual(["still subscribed"]);
      const witness = harness.connected().subscribed("own");
      client.publish("own", "once", { qos: 2, packetIdentifier: 77, dup: true });
      expect(witness.messages()).toEqual([]);
    }
  });

  test("[MQTT-3.1.2-5] [3.1.1 MQTT-3.1.2-4] knows the QoS 2 messages that it took in on an earlier connection", () => {
    const harness = new BrokerHarness();
    const witness = harness.connected().subscribed("t", { qos: 2 });
    const first = harness.connected(resumable(protocolVersion));
    first.publish("t", "once", { qos: 2, packetIdentifier: 9 }).drop();
    const again = harness.connected(resumable(protocolVersion));
    again.publish("t", "once", { qos: 2, packetIdentifier: 9, dup: true });
    expect(again.takeFirst(PacketType.PUBREC)).toMatchObject({ packetIdentifier: 9, reasonCode: 0 });
    again.acknowledge(PacketType.PUBREL, 9);
    expect(again.takeFirst(PacketType.PUBCOMP)).toMatchObject({ packetIdentifier: 9, reasonCode: 0 });
    expect(witness.payloads()).toEqual(["once"]);
  });

  test("goes on in another version of the protocol", () => {
    for (const other of [3, 4, 5] as const) {
      const harness = left(protocolVersion);
      const client = harness.connected(resumable(other));
      expect(client.takeFirst(PacketType.PUBREL).packetIdentifier).toBe(1);
      expect(client.payloads()).toEqual(["in flight", "queued"]);
    }
  });
});

test("in 5.0 Clean Start says nothing about the end: the session outlives its connection all the same", () => {
  const harness = new BrokerHarness();
  harness
    .connected(resumable(5, { cleanStart: true }))
    .subscribed("t", { qos: 1 })
    .drop();
  harness.connected().publish("t", "kept", { qos: 1 });
  expect(harness.connected(resumable(5)).payloads()).toEqual(["kept"]);
});
