/** Properties of a PUBLISH that a server passes on unchanged (section 3.3.2.3). */
import { PacketType, type PublishPacket, ReasonCode } from "@tidings/packet";
import { describe, expect, test } from "vitest";
import { BrokerHarness, type TestClient } from "../testing/index.js";
import { persistentClient } from "./persistent-client.js";

type PublishProperties = NonNullable<PublishPacket["properties"]>;

const everything: PublishProperties = {
  payloadFormatIndicator: 1,
  contentType: "text/plain; charset=utf-8",
  responseTopic: "antwort/€/1",
  correlationData: Uint8Array.of(0, 255, 1, 254),
  userProperties: [
    ["b", "1"],
    ["a", "2"],
    ["b", "1"],
    ["", ""],
    ["a", "3"],
  ],
};

/** How a message can come to a subscriber. */
const ways: [string, (harness: BrokerHarness, send: (publisher: TestClient) => void) => TestClient][] = [
  [
    "at once",
    (harness, send) => {
      const subscriber = harness.connected().subscribed("a/b");
      send(harness.connected());
      return subscriber;
    },
  ],
  [
    "with Subscription Identifiers",
    (harness, send) => {
      const subscriber = harness.connected().subscribed("a/b", { subscriptionIdentifier: 200 });
      send(harness.connected());
      return subscriber;
    },
  ],
  [
    "with a Topic Alias of the server",
    (harness, send) => {
      const subscriber = harness.connected({ properties: { topicAliasMaximum: 4 } }).subscribed("a/b");
      harness.connected().publish("a/b", "first");
      subscriber.take();
      send(harness.connected());
      return subscriber;
    },
  ],
  [
    "from the queue",
    (harness, send) => {
      persistentClient(harness, 5, "subscriber").subscribed("a/b").drop();
      send(harness.connected());
      return persistentClient(harness, 5, "subscriber");
    },
  ],
  [
    "sent again",
    (harness, send) => {
      const subscriber = persistentClient(harness, 5, "subscriber").subscribed("a/b");
      send(harness.connected());
      subscriber.drop();
      return persistentClient(harness, 5, "subscriber");
    },
  ],
  [
    "as a retained message",
    (harness, send) => {
      send(harness.connected());
      return harness.connected().subscribed("a/b");
    },
  ],
];

/** Publishes with `properties` in every way and gives what arrived. */
function arrivals(properties: PublishProperties, payload = "ok"): (PublishProperties | undefined)[] {
  return ways.map(([, way]) => {
    const subscriber = way(new BrokerHarness(), (publisher) => {
      publisher.publish("a/b", payload, { qos: 1, retain: true, properties });
    });
    const messages = subscriber.messages();
    expect(messages).toHaveLength(1);
    const { topicAlias: _, subscriptionIdentifiers: __, ...passedOn } = messages[0].properties ?? {};
    return passedOn;
  });
}

/** In every one of the ways. */
const always = (properties: PublishProperties): PublishProperties[] => ways.map(() => properties);

describe("properties that pass through", () => {
  test.each([0, 1] as const)("[MQTT-3.3.2-4] Payload Format Indicator %i", (payloadFormatIndicator) => {
    expect(arrivals({ payloadFormatIndicator })).toEqual(always({ payloadFormatIndicator }));
  });

  test("[MQTT-3.3.2-4] no Payload Format Indicator is not the same as 0", () => {
    expect(arrivals({ contentType: "x" })).toEqual(always({ contentType: "x" }));
  });

  test("[MQTT-3.3.2-15] Response Topic", () => {
    expect(arrivals({ responseTopic: "réponse/🙂" })).toEqual(always({ responseTopic: "réponse/🙂" }));
  });

  test("[MQTT-3.3.2-16] Correlation Data, also when empty", () => {
    const correlationData = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(arrivals({ correlationData })).toEqual(always({ correlationData }));
    expect(arrivals({ correlationData: new Uint8Array(0) })).toEqual(always({ correlationData: new Uint8Array(0) }));
  });

  test("[MQTT-3.3.2-17] [MQTT-3.3.2-18] User Properties, all of them and in order", () => {
    const { userProperties } = everything;
    expect(arrivals({ userProperties })).toEqual(always({ userProperties }));
  });

  test("[MQTT-3.3.2-20] Content Type, also when empty", () => {
    expect(arrivals({ contentType: "application/json" })).toEqual(always({ contentType: "application/json" }));
    expect(arrivals({ contentType: "" })).toEqual(always({ contentType: "" }));
  });

  test("[MQTT-3.3.2-4] [MQTT-3.3.2-15] [MQTT-3.3.2-16] [MQTT-3.3.2-17] [MQTT-3.3.2-18] [MQTT-3.3.2-20] all together", () => {
    expect(arrivals(everything)).toEqual(always(everything));
    expect(arrivals(everything, "x".repeat(5000))).toEqual(always(everything));
  });

  test("the publisher's Topic Alias is not passed on, wherever it stands among the others", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected().subscribed("a/b");
    const publisher = harness.connected();
    const alias = [0x23, 0, 1];
    const contentType = [0x03, 0, 1, 0x74];
    const pair = [0x26, 0, 1, 0x6b, 0, 1, 0x76];
    for (const properties of [
      [...alias, ...contentType, ...pair],
      [...contentType, ...alias, ...pair],
      [...contentType, ...pair, ...alias],
    ]) {
      const body = [0, 3, 0x61, 0x2f, 0x62, properties.length, ...properties, 0x78];
      publisher.sendBytes([0x30, body.length, ...body]);
    }
    const expected = { topicName: "a/b", properties: { contentType: "t", userProperties: [["k", "v"]] } };
    const messages = subscriber.messages().map(({ topicName, properties }) => ({ topicName, properties }));
    expect(messages).toEqual([expected, expected, expected]);
  });

  test("a subscriber of 3.1.1 gets the message without them", () => {
    const harness = new BrokerHarness();
    const subscriber = harness.connected({ protocolVersion: 4 }).subscribed("a/b");
    harness.connected().publish("a/b", "text", { qos: 1, properties: { ...everything, messageExpiryInterval: 9 } });
    const [message] = subscriber.messages();
    expect(message).toMatchObject({ topicName: "a/b", qos: 1 });
    expect(new TextDecoder().decode(message.payload)).toBe("text");
  });
});

describe("properties that end the connection", () => {
  /** A QoS 0 PUBLISH to "a/b" with these property bytes. */
  function sendProperties(client: TestClient, properties: readonly number[]): void {
    const body = [0, 3, 0x61, 0x2f, 0x62, properties.length, ...properties];
    client.sendBytes([0x30, body.length, ...body]);
  }

  function expectRefused(properties: readonly number[], reasonCodes: readonly number[]): void {
    const harness = new BrokerHarness();
    const subscriber = harness.connected().subscribed("#");
    const publisher = harness.connected();
    sendProperties(publisher, properties);
    expect(reasonCodes).toContain(publisher.takeFirst(PacketType.DISCONNECT).reasonCode);
    expect(publisher.isClosed).toBe(true);
    expect(subscriber.take()).toEqual([]);
  }

  const { MalformedPacket, ProtocolError, TopicNameInvalid } = ReasonCode;

  test("[MQTT-3.3.2-13] a Response Topic that is not UTF-8", () => {
    expectRefused([0x08, 0, 2, 0x61, 0x80], [MalformedPacket]);
  });

  test.each([0x23, 0x2b])("[MQTT-3.3.2-14] a Response Topic with the wildcard %i", (wildcard) => {
    expectRefused([0x08, 0, 3, 0x61, 0x2f, wildcard], [MalformedPacket, ProtocolError, TopicNameInvalid]);
  });

  test("[MQTT-3.3.2-19] a Content Type that is not UTF-8", () => {
    expectRefused([0x03, 0, 2, 0xc3, 0x28], [MalformedPacket]);
  });

  test("a User Property that is not UTF-8, a property twice, one of another packet", () => {
    expectRefused([0x26, 0, 1, 0x61, 0, 1, 0x80], [MalformedPacket]);
    expectRefused([0x01, 0, 0x01, 1], [ProtocolError]);
    expectRefused([0x21, 0, 1], [MalformedPacket, ProtocolError]);
    expectRefused([0x01, 2], [ProtocolError]);
  });

  test("[MQTT-3.3.4-6] a Subscription Identifier", () => {
    expectRefused([0x0b, 1], [ProtocolError]);
  });
});
