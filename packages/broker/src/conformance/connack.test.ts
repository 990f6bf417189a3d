/** CONNACK: when it comes, its flags, Session Present (MQTT 5.0 and 3.1.1 sections 3.2 and 3.2.2). */
import { type ControlPacket, PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type ConnectOptions } from "../testing/index.js";

const typesOf = (packets: ControlPacket[]): PacketType[] => packets.map((packet) => packet.type);

function resumable(protocolVersion: 3 | 4 | 5, options: ConnectOptions = {}): ConnectOptions {
  return {
    protocolVersion,
    clientIdentifier: "same",
    cleanStart: false,
    properties: protocolVersion === 5 ? { sessionExpiryInterval: 600 } : undefined,
    ...options,
  };
}

describe.each([3, 4, 5] as const)("CONNACK, protocol level %i", (protocolVersion) => {
  test("[MQTT-3.2.0-1] [3.1.1 MQTT-3.2.0-1] goes before everything that waited for the session", () => {
    const harness = new BrokerHarness();
    const first = harness.connected(resumable(protocolVersion)).subscribed("t", { qos: 2 });
    const publisher = harness.connected();
    publisher.publish("t", "released", { qos: 2 }).publish("t", "in flight", { qos: 1 });
    first.acknowledge(PacketType.PUBREC, first.messages()[0].packetIdentifier as number);
    first.drop();
    publisher.publish("t", "queued", { qos: 1 });
    const again = harness.connect(resumable(protocolVersion));
    expect(typesOf(again.received)).toEqual([
      PacketType.CONNACK,
      PacketType.PUBREL,
      PacketType.PUBLISH,
      PacketType.PUBLISH,
    ]);
    expect(again.bytes[0]).toBe(0x20);
    expect(again.payloads()).toEqual(["in flight", "queued"]);
  });

  test("[MQTT-3.2.0-1] [3.1.1 MQTT-3.2.0-1] goes before the will of the connection that it takes over", () => {
    const harness = new BrokerHarness();
    const will = { topic: "t", payload: new Uint8Array(0), qos: 1, retain: false } as const;
    harness.connected(resumable(protocolVersion, { will })).subscribed("t", { qos: 1 });
    const again = harness.connect(resumable(protocolVersion));
    expect(typesOf(again.take())).toEqual([PacketType.CONNACK, PacketType.PUBLISH]);
  });

  test("[MQTT-3.2.0-2] comes once in the life of a connection", () => {
    const harness = new BrokerHarness();
    const client = harness.connect({ protocolVersion, clientIdentifier: "c" }).subscribe("t");
    client.publish("t", "", { qos: 1 }).send({ type: PacketType.PINGREQ });
    client.send({
      type: PacketType.CONNECT,
      protocolVersion,
      cleanStart: true,
      keepAlive: 0,
      clientIdentifier: "c",
    });
    const connacks = client.received.filter(({ type }) => type === PacketType.CONNACK);
    expect(connacks).toHaveLength(1);
    expect(client.received[0].type).toBe(PacketType.CONNACK);
  });

  test("[MQTT-3.2.2-2] [3.1.1 MQTT-3.2.2-1] Session Present is 0 for a clean start, whatever was there", () => {
    const harness = new BrokerHarness();
    harness.connected(resumable(protocolVersion)).subscribed("t").drop();
    const connack = harness.connect(resumable(protocolVersion, { cleanStart: true })).takeFirst(PacketType.CONNACK);
    expect(connack).toMatchObject({ sessionPresent: false, reasonCode: ReasonCode.Success });
  });

  test("[MQTT-3.2.2-3] [3.1.1 MQTT-3.2.2-3] Session Present is 0 when there was nothing to take up", () => {
    const harness = new BrokerHarness();
    const connack = harness.connect(resumable(protocolVersion)).takeFirst(PacketType.CONNACK);
    expect(connack).toMatchObject({ sessionPresent: false, reasonCode: ReasonCode.Success });
  });

  test("[MQTT-3.2.2-6] [3.1.1 MQTT-3.2.2-4] Session Present is 0 in a refusal, whatever is there", () => {
    const harness = new BrokerHarness({
      hooks: [{ authenticate: ({ userName }) => (userName === "refused" ? ReasonCode.NotAuthorized : 0) }],
    });
    harness.connected(resumable(protocolVersion)).subscribed("t").drop();
    const refused = harness.connect(resumable(protocolVersion, { userName: "refused" }));
    expect(refused.bytes.slice(2, 4)).toEqual([0x00, protocolVersion === 5 ? ReasonCode.NotAuthorized : 0x05]);
    const again = harness.connect(resumable(protocolVersion)).takeFirst(PacketType.CONNACK);
    expect(again.sessionPresent).toBe(protocolVersion !== 3);
  });
});

describe.each([4, 5] as const)("Session Present, protocol level %i", (protocolVersion) => {
  test("[MQTT-3.2.2-3] [3.1.1 MQTT-3.2.2-2] is 1 when the session goes on", () => {
    const harness = new BrokerHarness();
    harness.connected(resumable(protocolVersion)).subscribed("t").drop();
    const connack = harness.connect(resumable(protocolVersion)).takeFirst(PacketType.CONNACK);
    expect(connack).toMatchObject({ sessionPresent: true, reasonCode: ReasonCode.Success });
  });

  test("[MQTT-3.2.2-3] [3.1.1 MQTT-3.2.2-2] is 1 for a session without content too", () => {
    const harness = new BrokerHarness();
    harness.connected(resumable(protocolVersion)).disconnect();
    expect(harness.connect(resumable(protocolVersion)).takeFirst(PacketType.CONNACK).sessionPresent).toBe(true);
  });

  test("[MQTT-3.2.2-1] is the only bit of its byte", () => {
    const harness = new BrokerHarness();
    const first = harness.connect(resumable(protocolVersion));
    first.drop();
    const second = harness.connect(resumable(protocolVersion));
    expect([first.bytes[2], second.bytes[2]]).toEqual([0x00, 0x01]);
  });
});

test("3.1 has no Session Present bit", () => {
  const harness = new BrokerHarness();
  harness.connected(resumable(3)).subscribed("t").drop();
  const again = harness.connect(resumable(3));
  expect(again.bytes).toEqual([0x20, 0x02, 0x00, 0x00]);
  harness.connected().publish("t", "the session goes on");
  expect(again.payloads()).toEqual(["the session goes on"]);
});

test("CONNACK carries nothing but its two bytes before 5.0, whatever there is to tell", () => {
  const harness = new BrokerHarness({ maximumQoS: 0, retainAvailable: false, receiveMaximum: 5, keepAliveMax: 10 });
  for (const protocolVersion of [3, 4] as const) {
    expect(harness.connect({ protocolVersion }).bytes).toEqual([0x20, 0x02, 0x00, 0x00]);
  }
});
