/** What a PUBLISH is answered with (section 3.3.4), and the receiver's half of QoS 1 (section 4.3.2). */
import { PacketType, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

const { PUBACK, PUBREC, PUBREL, PUBCOMP } = PacketType;

describe.each([3, 4, 5] as const)("answers to PUBLISH, protocol level %i", (protocolVersion) => {
  test("[MQTT-3.3.4-1] [3.1.1 MQTT-3.3.4-1] nothing at QoS 0, PUBACK at QoS 1, PUBREC at QoS 2", () => {
    const harness = new BrokerHarness();
    harness.connected().subscribed("a");
    const publisher = harness.connected({ protocolVersion });
    expect(publisher.publish("a", "0").take()).toEqual([]);
    expect(publisher.publish("a", "1", { qos: 1, packetIdentifier: 65_535 }).take()).toEqual([
      { type: PUBACK, packetIdentifier: 65_535, reasonCode: 0 },
    ]);
    expect(publisher.publish("a", "2", { qos: 2, packetIdentifier: 256 }).take()).toEqual([
      { type: PUBREC, packetIdentifier: 256, reasonCode: 0 },
    ]);
  });

  test("[MQTT-4.3.2-4] [3.1.1 MQTT-4.3.2-2] PUBACK has the identifier of its PUBLISH", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected().subscribed("a");
    const publisher = harness.connected({ protocolVersion });
    for (const packetIdentifier of [7, 1, 65_535, 300]) {
      publisher.publish("a", `${packetIdentifier}`, { qos: 1, packetIdentifier });
    }
    expect(publisher.take()).toEqual(
      [7, 1, 65_535, 300].map((packetIdentifier) => ({ type: PUBACK, packetIdentifier, reasonCode: 0 })),
    );
    expect(subscriber.payloads()).toEqual(["7", "1", "65535", "300"]);
  });

  test("[MQTT-4.3.2-4] [3.1.1 MQTT-4.3.2-2] PUBACK means that the message is kept for who is away", () => {
    const harness = new BrokerHarness();
    persistentClient(harness, protocolVersion, "away").subscribed("a").drop();
    const publisher = harness.connected({ protocolVersion }).publish("a", "kept", { qos: 1 });
    publisher.takeFirst(PUBACK);
    publisher.drop();
    expect(persistentClient(harness, protocolVersion, "away").payloads()).toEqual(["kept"]);
  });

  test("[MQTT-4.3.2-5] [3.1.1 MQTT-4.3.2-2] the same identifier after PUBACK is a new message, DUP or not", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected().subscribed("a");
    const publisher = harness.connected({ protocolVersion });
    publisher.publish("a", "first", { qos: 1, packetIdentifier: 5 });
    publisher.publish("a", "second", { qos: 1, packetIdentifier: 5 });
    publisher.publish("a", "third", { qos: 1, packetIdentifier: 5, dup: true });
    expect(publisher.take().map(({ type }) => type)).toEqual([PUBACK, PUBACK, PUBACK]);
    expect(subscriber.payloads()).toEqual(["first", "second", "third"]);
  });

  test("both sides number their messages on their own", () => {
    const harness = new BrokerHarness();
    const client = harness.connected({ protocolVersion }).subscribed("a");
    const other = harness.connected({ protocolVersion });
    other.publish("a", "to the client", { qos: 2 });
    const [{ packetIdentifier }] = client.messages();
    client.publish("b", "from the client", { qos: 2, packetIdentifier });
    expect(client.take()).toMatchObject([{ type: PUBREC, packetIdentifier }]);
    client.acknowledge(PUBREC, packetIdentifier as number);
    expect(client.take()).toMatchObject([{ type: PUBREL, packetIdentifier }]);
    client.acknowledge(PUBREL, packetIdentifier as number);
    expect(client.take()).toMatchObject([{ type: PUBCOMP, packetIdentifier, reasonCode: 0 }]);
    client.acknowledge(PUBCOMP, packetIdentifier as number);
    expect(client.connection.inFlightMessages).toBe(0);
  });
});

describe("acknowledgements of 5.0 that are not in their packet's table", () => {
  test.each([
    ["PUBACK", PUBACK, 0x92],
    ["PUBREC", PUBREC, 0x8e],
    ["PUBREL", PUBREL, 0x10],
    ["PUBCOMP", PUBCOMP, 0x80],
  ] as const)(
    "[MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-3.6.2-1] [MQTT-3.7.2-1] %s ends the connection",
    (_name, type, code) => {
      const client = new BrokerHarness()
        .connected()
        .sendBytes([(type << 4) | (type === PUBREL ? 2 : 0), 3, 0, 1, code]);
      expect(client.takeFirst(PacketType.DISCONNECT).reasonCode).toBe(ReasonCode.ProtocolError);
      expect(client.isClosed).toBe(true);
    },
  );
});
