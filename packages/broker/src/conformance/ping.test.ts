/** PINGREQ and PINGRESP (MQTT 5.0 and 3.1.1 sections 3.12 and 3.13). */
import { PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness } from "../testing/index.js";

describe.each([3, 4, 5] as const)("PINGREQ of protocol level %i", (protocolVersion) => {
  test("[MQTT-3.12.4-1] [3.1.1 MQTT-3.12.4-1] is answered by PINGRESP, each one by one", () => {
    const client = new BrokerHarness().connected({ protocolVersion });
    const before = client.bytes.length;
    client.sendBytes([0xc0, 0, 0xc0, 0, 0xc0, 0]);
    expect(client.bytes.slice(before)).toEqual([0xd0, 0, 0xd0, 0, 0xd0, 0]);
  });

  test("[MQTT-3.12.4-1] [3.1.1 MQTT-3.12.4-1] is answered in its place among the answers to other packets", () => {
    const client = new BrokerHarness().connected({ protocolVersion });
    client.publish("a", "", { qos: 1 }).send({ type: PacketType.PINGREQ }).publish("a", "", { qos: 1 });
    expect(client.take().map(({ type }) => type)).toEqual([PacketType.PUBACK, PacketType.PINGRESP, PacketType.PUBACK]);
  });

  test("keeps a connection alive that sends nothing else", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion, keepAlive: 10 });
    for (let i = 0; i < 5; i++) {
      harness.advance(10_000);
      client.send({ type: PacketType.PINGREQ });
    }
    expect(client.isClosed).toBe(false);
    harness.advance(16_000);
    expect(client.isClosed).toBe(true);
  });

  test("with a body is malformed", () => {
    const client = new BrokerHarness().connected({ protocolVersion });
    client.sendBytes([0xc0, 1, 0]);
    expect(client.isClosed).toBe(true);
    const reasonCodes = protocolVersion === 5 ? [ReasonCode.MalformedPacket] : [];
    expect(client.take().map((packet) => (packet as { reasonCode?: number }).reasonCode)).toEqual(reasonCodes);
  });
});

test.each([4, 5] as const)("PINGRESP from a client of protocol level %i is a Protocol Error", (protocolVersion) => {
  const client = new BrokerHarness().connected({ protocolVersion });
  client.sendBytes([0xd0, 0]);
  expect(client.isClosed).toBe(true);
});
