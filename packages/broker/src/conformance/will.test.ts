/** The Will Message: when it is published, when not, and as what (section 3.1.2.5). Will Delay: `will-delay.test.ts`. */
import { encodePacket, PacketType, type ProtocolVersion, ReasonCode, type Will } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type ConnectOptions, type TestClient } from "../testing/index.js";

const will: Will = { topic: "will", payload: new TextEncoder().encode("gone"), qos: 0, retain: false };

const versions = [3, 4, 5] as const;

/** A client with a will and a witness who is subscribed to it. */
function withWitness(
  protocolVersion: ProtocolVersion,
  options: ConnectOptions = {},
): { harness: BrokerHarness; client: TestClient; witness: TestClient } {
  const harness = new BrokerHarness();
  const witness = harness.connected({ protocolVersion }).subscribed("will", { qos: 2 });
  return { harness, client: harness.connected({ protocolVersion, will, ...options }), witness };
}

/** The session goes on after the connection. */
function resumable(protocolVersion: ProtocolVersion): ConnectOptions {
  return {
    clientIdentifier: "same",
    cleanStart: false,
    properties: protocolVersion === 5 ? { sessionExpiryInterval: 600 } : undefined,
  };
}

describe.each(versions)("a will is published, protocol level %i", (protocolVersion) => {
  test("[MQTT-3.1.2-7] [MQTT-3.1.2-8] [3.1.1 MQTT-3.1.2-8] when the network connection breaks, whether the session ends or not", () => {
    for (const options of [{}, resumable(protocolVersion)]) {
      const { client, witness } = withWitness(protocolVersion, options);
      expect(witness.messages()).toEqual([]);
      client.drop();
      expect(witness.payloads()).toEqual(["gone"]);
    }
  });

  test("[MQTT-3.1.2-8] [3.1.1 MQTT-3.1.2-8] when Keep Alive runs out", () => {
    const { harness, witness } = withWitness(protocolVersion, { keepAlive: 2 });
    harness.advance(2500);
    expect(witness.messages()).toEqual([]);
    harness.advance(1000);
    expect(witness.payloads()).toEqual(["gone"]);
  });

  test("[MQTT-3.1.2-8] [3.1.1 MQTT-3.1.2-8] when the broker closes for an error of the client", () => {
    const { client, witness } = withWitness(protocolVersion);
    client.sendBytes([0x00, 0x00]);
    expect(client.isClosed).toBe(true);
    expect(witness.payloads()).toEqual(["gone"]);
  });

  test("[MQTT-3.1.2-8] [3.1.1 MQTT-3.1.2-8] when the host process disconnects the client", () => {
    const { harness, client, witness } = withWitness(protocolVersion);
    client.connection.disconnect(ReasonCode.AdministrativeAction);
    harness.endTurn();
    expect(client.isClosed).toBe(true);
    expect(witness.payloads()).toEqual(["gone"]);
  });

  test("[MQTT-3.1.2-8] [3.1.1 MQTT-3.1.2-8] when the broker shuts down", () => {
    const { harness } = withWitness(protocolVersion);
    const heard: string[] = [];
    harness.broker.subscribeLocally("will", { onMessage: (message) => void heard.push(message.topicName) });
    harness.broker.close(harness.nowMs);
    expect(heard).toEqual(["will"]);
  });

  test("[MQTT-3.1.2-10] [3.1.1 MQTT-3.1.2-10] once: it is not there any more for the next connection of the session", () => {
    const { harness, client, witness } = withWitness(protocolVersion, resumable(protocolVersion));
    client.drop();
    expect(witness.payloads()).toEqual(["gone"]);
    // Neither the end of the session brings it again, nor a connection that takes the session up.
    harness.connected({ protocolVersion, ...resumable(protocolVersion), cleanStart: true, properties: undefined });
    const {
      harness: other,
      client: again,
      witness: listener,
    } = withWitness(protocolVersion, resumable(protocolVersion));
    again.drop();
    expect(listener.payloads()).toEqual(["gone"]);
    other.connected({ protocolVersion, ...resumable(protocolVersion) }).drop();
    expect([witness.messages(), listener.messages()]).toEqual([[], []]);
  });

  test("[MQTT-3.1.2-14] [3.1.1 MQTT-3.1.2-16] not retained with Will Retain 0", () => {
    const { harness, client } = withWitness(protocolVersion);
    client.drop();
    expect(harness.broker.retainedMessageCount).toBe(0);
    expect(harness.connected({ protocolVersion }).subscribed("will").messages()).toEqual([]);
  });

  test("[MQTT-3.1.2-15] [3.1.1 MQTT-3.1.2-17] retained with Will Retain 1", () => {
    const { harness, client, witness } = withWitness(protocolVersion, { will: { ...will, retain: true } });
    client.drop();
    expect(witness.messages()).toMatchObject([{ topicName: "will", retain: false }]);
    const later = harness.connected({ protocolVersion }).subscribed("will");
    expect(later.messages()).toMatchObject([{ topicName: "will", retain: true, payload: will.payload }]);
  });

  test("an empty one with Will Retain 1 clears the retained message", () => {
    const { harness, client, witness } = withWitness(protocolVersion, {
      will: { ...will, retain: true, payload: new Uint8Array(0) },
    });
    witness.publish("will", "old", { retain: true });
    client.drop();
    expect(harness.broker.retainedMessageCount).toBe(0);
  });

  test("at the lesser of Will QoS and the subscription's", () => {
    for (const qos of [0, 1, 2] as const) {
      const { harness, client, witness } = withWitness(protocolVersion, { will: { ...will, qos } });
      const modest = harness.connected({ protocolVersion }).subscribed("will", { qos: 1 });
      client.drop();
      expect(witness.messages()).toMatchObject([{ qos }]);
      expect(modest.messages()).toMatchObject([{ qos: Math.min(qos, 1) }]);
    }
  });

  test("the will of the newest connection, which replaces that of the one before", () => {
    const { harness, client, witness } = withWitness(protocolVersion, resumable(protocolVersion));
    client.drop();
    witness.take();
    const newer = { ...will, payload: new TextEncoder().encode("newer") };
    harness.connected({ protocolVersion, ...resumable(protocolVersion), will: newer }).drop();
    expect(witness.payloads()).toEqual(["newer"]);
  });
});

describe.each(versions)("a will is not published, protocol level %i", (protocolVersion) => {
  test("[MQTT-3.14.4-3] [MQTT-3.1.2-10] [3.1.1 MQTT-3.14.4-3] [3.1.1 MQTT-3.1.2-10] after DISCONNECT, whether the session ends or not", () => {
    for (const options of [{}, resumable(protocolVersion)]) {
      const { harness, client, witness } = withWitness(protocolVersion, options);
      client.disconnect();
      harness.advance(1000);
      harness.broker.advance(harness.nowMs + 3_600_000);
      expect(witness.messages()).toEqual([]);
    }
  });

  test("[3.1.1 MQTT-3.1.2-12] when CONNECT has no Will Flag, also when the session had a will before", () => {
    const { harness, client, witness } = withWitness(protocolVersion, resumable(protocolVersion));
    client.disconnect();
    harness.connected({ protocolVersion, ...resumable(protocolVersion) }).drop();
    harness.connected({ protocolVersion }).drop();
    expect(witness.messages()).toEqual([]);
  });

  test("when the CONNECT that carries it is refused", async () => {
    const hooks = [{ authenticate: ({ userName }: { userName: string | undefined }) => (userName ? 0x87 : 0) }];
    const harness = new BrokerHarness({ hooks });
    const witness = harness.connected({ protocolVersion }).subscribed("will");
    const refused = harness.connect({ protocolVersion, will, userName: "stranger" });
    refused.drop();
    expect(witness.messages()).toEqual([]);
  });

  test("to the client itself, whose subscriptions ended with its session", () => {
    const { harness, client } = withWitness(protocolVersion, { clientIdentifier: "same" });
    client.subscribed("will");
    client.drop();
    const again = harness.connected({ protocolVersion, clientIdentifier: "same", cleanStart: false });
    expect(again.messages()).toEqual([]);
  });
});

describe("a will in 5.0", () => {
  const disconnectCodes = [
    0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
  ] as const satisfies readonly ReasonCode[];

  test.each(disconnectCodes)("[MQTT-3.1.2-8] is published after DISCONNECT with Reason Code %i", (reasonCode) => {
    const { client, witness } = withWitness(5);
    client.disconnect(reasonCode);
    expect(witness.payloads()).toEqual(["gone"]);
  });

  test("[MQTT-3.14.4-3] is not published after a DISCONNECT that is nothing but its type: 0x00", () => {
    const { client, witness } = withWitness(5);
    client.sendBytes([0xe0, 0x00]).drop();
    expect(witness.messages()).toEqual([]);
  });

  const properties = {
    payloadFormatIndicator: 1,
    contentType: "text/plain",
    responseTopic: "answers",
    correlationData: Uint8Array.of(1, 2, 3),
    userProperties: [
      ["b", "2"],
      ["a", "1"],
      ["b", "1"],
      ["", ""],
    ],
  } as const;

  test("[MQTT-3.1.3-10] keeps its User Properties in order, and its other properties", () => {
    const { client, witness } = withWitness(5, {
      will: { ...will, properties: { ...properties, userProperties: [...properties.userProperties] } },
    });
    client.drop();
    expect(witness.messages()[0].properties).toEqual(properties);
  });

  test("counts its Message Expiry Interval from its publication", () => {
    const { harness, client, witness } = withWitness(5, {
      will: { ...will, qos: 1, retain: true, properties: { messageExpiryInterval: 10 } },
    });
    harness.advance(60_000);
    client.drop();
    expect(witness.messages()[0].properties).toEqual({ messageExpiryInterval: 10 });
    harness.advance(9000);
    expect(harness.connected().subscribed("will").messages()[0].properties).toEqual({ messageExpiryInterval: 1 });
    harness.advance(1000);
    expect(harness.connected().subscribed("will").messages()).toEqual([]);
  });

  test("passes the publish hooks, who are told that it is one", () => {
    const seen: unknown[] = [];
    const harness = new BrokerHarness({
      hooks: [
        {
          onPublish: ({ message, will: isWill, client }) => {
            seen.push([message.topicName, message.publisherIdentifier, isWill, client]);
            return message.topicName === "refused" ? ReasonCode.NotAuthorized : { topicName: "changed" };
          },
        },
      ],
    });
    const witness = harness.connected().subscribed("#");
    harness.connected({ clientIdentifier: "a", will }).drop();
    harness.connected({ clientIdentifier: "b", will: { ...will, topic: "refused" } }).drop();
    expect(witness.messages()).toMatchObject([{ topicName: "changed", payload: will.payload }]);
    expect(seen).toEqual([
      ["will", "a", true, undefined],
      ["refused", "b", true, undefined],
    ]);
    expect(harness.broker.droppedMessages.refused).toBe(1);
  });

  test("is delivered to 3.x clients without its properties", () => {
    const { harness, client } = withWitness(5, { will: { ...will, properties: { contentType: "text/plain" } } });
    const before5 = harness.connected({ protocolVersion: 4 }).subscribed("will");
    before5.bytes.length = 0;
    client.drop();
    const publish = {
      type: PacketType.PUBLISH,
      dup: false,
      qos: 0,
      retain: false,
      topicName: "will",
      payload: will.payload,
    } as const;
    expect(before5.bytes).toEqual([...encodePacket(publish, 4)]);
  });
});
