/** DISCONNECT from a client (MQTT 5.0 and 3.1.1 section 3.14). The will: `will.test.ts`; expiry: `session-expiry.test.ts`. */
import { encodePacket, PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness } from "../testing/index.js";

const will = { topic: "will", payload: new Uint8Array(0), qos: 0, retain: false } as const;

describe.each([3, 4, 5] as const)("a client's DISCONNECT, protocol level %i", (protocolVersion) => {
  test("is not answered; the broker closes if the client does not", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion, clientIdentifier: "c" });
    client.send({ type: PacketType.DISCONNECT, reasonCode: 0 });
    expect(client.take()).toEqual([]);
    expect(client.isClosed).toBe(true);
    expect(harness.broker.client("c")).toBeUndefined();
  });

  test("is the last packet: nothing behind it is processed", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion });
    const payload = new TextEncoder().encode("late");
    const publish = encodePacket(
      { type: PacketType.PUBLISH, dup: false, qos: 0, retain: true, topicName: "t", payload },
      protocolVersion,
    );
    client.sendBytes([0xe0, 0x00, ...publish]).sendBytes(publish);
    expect(harness.broker.retainedMessageCount).toBe(0);
    expect(client.bytes).toHaveLength(protocolVersion === 5 ? client.bytes.length : 4);
  });

  test("lets out what was to be sent before it", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion });
    client.sendBytes([0xc0, 0x00, 0xe0, 0x00]);
    expect(client.take()).toEqual([{ type: PacketType.PINGRESP }]);
  });

  test("is told to the hooks, as is a connection that breaks", () => {
    const heard: unknown[] = [];
    const harness = new BrokerHarness({
      hooks: [{ onDisconnect: (_client, { reasonCode, byServer }) => void heard.push([reasonCode, byServer]) }],
    });
    harness.connected({ protocolVersion }).disconnect();
    harness.connected({ protocolVersion }).drop();
    if (protocolVersion === 5) harness.connected().disconnect(ReasonCode.AdministrativeAction);
    expect(heard).toEqual([
      [ReasonCode.NormalDisconnection, false],
      [ReasonCode.UnspecifiedError, false],
      ...(protocolVersion === 5 ? [[ReasonCode.AdministrativeAction, false]] : []),
    ]);
  });
});

describe.each([4, 5] as const)("the reserved flags of DISCONNECT, protocol level %i", (protocolVersion) => {
  test.each([1, 2, 4, 8, 15])(
    "[MQTT-3.14.1-1] [3.1.1 MQTT-3.14.1-1] are checked: %i is malformed, and takes no will away",
    (flags) => {
      const harness = new BrokerHarness();
      const witness = harness.connected().subscribed("will");
      const client = harness.connected({ protocolVersion, will }).sendBytes([0xe0 | flags, 0x00]);
      expect(client.isClosed).toBe(true);
      expect(witness.messages()).toHaveLength(1);
      const farewell = { type: PacketType.DISCONNECT, reasonCode: ReasonCode.MalformedPacket };
      expect(client.take()).toMatchObject(protocolVersion === 5 ? [farewell] : []);
    },
  );
});

test("the reserved flags of DISCONNECT are not checked in 3.1", () => {
  const harness = new BrokerHarness();
  const witness = harness.connected().subscribed("will");
  const client = harness.connected({ protocolVersion: 3, will }).sendBytes([0xe8, 0x00]);
  expect(client.isClosed).toBe(true);
  expect(witness.messages()).toEqual([]);
});

describe("a DISCONNECT that is none", () => {
  test.each([0x01, 0x10, 0x18, 0x84, 0x85, 0x86, 0x88, 0x8a, 0x91, 0x92, 0xff])(
    "[MQTT-3.14.2-1] with Reason Code %i, which its table does not have, is answered with 0x82",
    (reasonCode) => {
      const harness = new BrokerHarness();
      const witness = harness.connected().subscribed("will");
      const client = harness.connected({ will }).sendBytes([0xe0, 0x01, reasonCode]);
      expect(client.take()).toMatchObject([{ type: PacketType.DISCONNECT, reasonCode: ReasonCode.ProtocolError }]);
      expect(client.isClosed).toBe(true);
      expect(witness.messages()).toHaveLength(1);
    },
  );

  test.each([
    ["a body in 3.1.1", 4, [0xe0, 0x01, 0x00]],
    ["a property of another packet", 5, [0xe0, 0x05, 0x00, 0x03, 0x21, 0x00, 0x01]],
    ["a property twice", 5, [0xe0, 0x0c, 0x00, 0x0a, 0x11, 0, 0, 0, 0, 0x11, 0, 0, 0, 0]],
    ["bytes behind its properties", 5, [0xe0, 0x03, 0x00, 0x00, 0x00]],
  ] as const)("[MQTT-4.13.1-1] [3.1.1 MQTT-4.8.0-1] with %s takes no will away", (_name, protocolVersion, bytes) => {
    const harness = new BrokerHarness();
    const witness = harness.connected().subscribed("will");
    const client = harness.connected({ protocolVersion, will }).sendBytes(bytes);
    expect(client.isClosed).toBe(true);
    expect(witness.messages()).toHaveLength(1);
  });

  test("a Server Reference, a Reason String and User Properties are taken notice of by nobody", () => {
    const client = new BrokerHarness().connected();
    client.send({
      type: PacketType.DISCONNECT,
      reasonCode: 0,
      properties: { reasonString: "bye", userProperties: [["a", "b"]] },
    });
    expect(client.take()).toEqual([]);
    expect(client.isClosed).toBe(true);
  });
});
