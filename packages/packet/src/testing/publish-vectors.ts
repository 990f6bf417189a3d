/** PUBLISH (MQTT 5.0 and 3.1.1 section 3.3) in every version. */
import type { PublishPacket } from "../control-packet.js";
import { accept, type ErrorVector, malformedRow, type PacketVector, protocolErrorRow, vectorBytes } from "./vector.js";

function publish(fields: Partial<PublishPacket> = {}): PublishPacket {
  return {
    type: 3,
    dup: false,
    qos: 0,
    retain: false,
    topicName: "a/b",
    payload: vectorBytes("0001'hi'"),
    ...fields,
  };
}

export const publishVectors: PacketVector[] = [
  accept("PUBLISH 3.1 QoS 0", 3, "30 09 0003'a/b' 0001'hi'", publish()),
  accept(
    "PUBLISH 3.1 QoS 2 DUP",
    3,
    "3c 0b 0003'a/b' 0009 0001'hi'",
    publish({ qos: 2, dup: true, packetIdentifier: 9 }),
  ),
  accept("[3.1.1 MQTT-2.3.1-5] PUBLISH 3.1.1 QoS 0 has no Packet Identifier", 4, "30 09 0003'a/b' 0001'hi'", publish()),
  accept(
    "PUBLISH 3.1.1 QoS 0 RETAIN without payload",
    4,
    "31 05 0003'a/b'",
    publish({ retain: true, payload: new Uint8Array(0) }),
  ),
  accept("PUBLISH 3.1.1 QoS 1", 4, "32 0b 0003'a/b' ffff 0001'hi'", publish({ qos: 1, packetIdentifier: 65_535 })),
  accept(
    "PUBLISH 3.1.1 QoS 1 DUP RETAIN",
    4,
    "3b 0b 0003'a/b' 0100 0001'hi'",
    publish({ qos: 1, dup: true, retain: true, packetIdentifier: 256 }),
  ),
  accept("PUBLISH 3.1.1 QoS 2", 4, "34 0b 0003'a/b' 0001 0001'hi'", publish({ qos: 2, packetIdentifier: 1 })),
  accept(
    "[MQTT-2.2.1-2] [MQTT-2.2.2-1] PUBLISH 5.0 QoS 0 has no Packet Identifier",
    5,
    "30 0a 0003'a/b' 00 0001'hi'",
    publish(),
  ),
  accept("PUBLISH 5.0 QoS 1", 5, "32 0c 0003'a/b' 0007 00 0001'hi'", publish({ qos: 1, packetIdentifier: 7 })),
  accept(
    "PUBLISH 5.0 QoS 2 DUP RETAIN without payload",
    5,
    "3d 08 0003'a/b' 0007 00",
    publish({ qos: 2, dup: true, retain: true, packetIdentifier: 7, payload: new Uint8Array(0) }),
  ),
  accept(
    "[MQTT-3.3.2-1] PUBLISH with a topic of several scripts",
    5,
    "30 0e 000b'a/' c3a9 e282ac f09f9880 00",
    publish({ topicName: "a/é€😀", payload: new Uint8Array(0) }),
  ),
  accept(
    "PUBLISH 5.0 with an alias beside its topic",
    5,
    "30 0d 0003'a/b' 03 23 0001 0001'hi'",
    publish({ properties: { topicAlias: 1 } }),
  ),
  accept(
    "PUBLISH 5.0 with an alias in place of its topic",
    5,
    "30 0a 0000 03 23 ffff 0001'hi'",
    publish({ topicName: "", properties: { topicAlias: 65_535 } }),
  ),
  accept(
    "PUBLISH 5.0 with every property",
    5,
    "32 38 0003'a/b' 0007 2c 01 01 02 00000e10 23 0003 08 0001'r' 09 0002 00ff 26 0001'k' 0001'v' 26 0001'k' 0001'v' 0b 01 0b ffffff7f 03 0001't' 0001'hi'",
    publish({
      qos: 1,
      packetIdentifier: 7,
      properties: {
        payloadFormatIndicator: 1,
        messageExpiryInterval: 3600,
        topicAlias: 3,
        responseTopic: "r",
        correlationData: vectorBytes("00ff"),
        userProperties: [
          ["k", "v"],
          ["k", "v"],
        ],
        subscriptionIdentifiers: [1, 268_435_455],
        contentType: "t",
      },
    }),
  ),
  accept(
    "[MQTT-1.5.5-1] PUBLISH 5.0 with the first and the last Subscription Identifier of each length",
    5,
    "30 22 0003'a/b' 1c 0b01 0b7f 0b8001 0bff7f 0b808001 0bffff7f 0b80808001 0bffffff7f",
    publish({
      payload: new Uint8Array(0),
      properties: { subscriptionIdentifiers: [1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455] },
    }),
  ),
  accept(
    "PUBLISH 5.0 with a property section of two length bytes",
    5,
    `30 8801 0000 8401 23 0001 03 007e ${"61".repeat(126)}`,
    publish({
      topicName: "",
      payload: new Uint8Array(0),
      properties: { topicAlias: 1, contentType: "a".repeat(126) },
    }),
  ),
];

export const publishErrorVectors: ErrorVector[] = [
  malformedRow("PUBLISH without a body", 4, "30 00"),
  malformedRow("PUBLISH with half a topic length", 5, "30 01 00"),
  malformedRow("PUBLISH with a topic cut short", 4, "30 04 0003'a/'"),
  malformedRow("PUBLISH with a Packet Identifier cut short", 4, "32 06 0003'a/b' 00"),
  malformedRow("PUBLISH 3.1 with QoS 3", 3, "36 0b 0003'a/b' 0001 0001'hi'"),
  malformedRow("PUBLISH 3.1 with QoS 0 and DUP", 3, "38 09 0003'a/b' 0001'hi'"),
  malformedRow("[3.1.1 MQTT-3.3.1-4] PUBLISH 3.1.1 with QoS 3", 4, "36 0b 0003'a/b' 0001 0001'hi'"),
  malformedRow("[MQTT-3.3.1-4] PUBLISH 5.0 with QoS 3", 5, "36 0c 0003'a/b' 0001 00 0001'hi'"),
  malformedRow("[3.1.1 MQTT-3.3.1-2] PUBLISH 3.1.1 with QoS 0 and DUP", 4, "38 09 0003'a/b' 0001'hi'"),
  malformedRow("[MQTT-3.3.1-2] PUBLISH 5.0 with QoS 0 and DUP", 5, "38 0a 0003'a/b' 00 0001'hi'"),
  malformedRow("PUBLISH 3.1 with Packet Identifier 0", 3, "32 0b 0003'a/b' 0000 0001'hi'"),
  malformedRow("[3.1.1 MQTT-2.3.1-1] PUBLISH 3.1.1 with Packet Identifier 0", 4, "32 0b 0003'a/b' 0000 0001'hi'"),
  protocolErrorRow(
    "[MQTT-2.2.1-3] [MQTT-2.2.1-4] PUBLISH 5.0 with Packet Identifier 0",
    5,
    "34 0c 0003'a/b' 0000 00 0001'hi'",
  ),
  malformedRow("[3.1.1 MQTT-4.7.3-1] PUBLISH 3.1.1 with an empty topic", 4, "30 06 0000 0001'hi'"),
  protocolErrorRow("[MQTT-4.7.3-1] PUBLISH 5.0 with neither topic nor alias", 5, "30 07 0000 00 0001'hi'"),
  protocolErrorRow("PUBLISH 5.0 with neither topic nor alias but another property", 5, "30 09 0000 02 01 00 0001'hi'"),
  malformedRow("[3.1.1 MQTT-3.3.2-1] PUBLISH 3.1.1 with a topic that is not UTF-8", 4, "30 06 0002 c3 28 0001"),
  malformedRow("[MQTT-3.3.2-1] PUBLISH 5.0 with a topic that is not UTF-8", 5, "30 05 0002 c3 28 00"),
  malformedRow("[3.1.1 MQTT-3.3.2-2] [3.1.1 MQTT-4.7.1-1] PUBLISH 3.1.1 to a/+", 4, "30 05 0003'a/+'"),
  malformedRow("[3.1.1 MQTT-3.3.2-2] [3.1.1 MQTT-4.7.1-1] PUBLISH 3.1.1 to a/#", 4, "30 05 0003'a/#'"),
  malformedRow("[MQTT-3.3.2-2] [MQTT-4.7.0-1] PUBLISH 5.0 to a/+", 5, "30 06 0003'a/+' 00"),
  malformedRow("[MQTT-3.3.2-2] [MQTT-4.7.0-1] PUBLISH 5.0 to #", 5, "30 04 0001'#' 00"),
  malformedRow("[3.1.1 MQTT-4.7.3-2] PUBLISH 3.1.1 with U+0000 in its topic", 4, "30 05 0003'a'00'b'"),
  malformedRow("[MQTT-4.7.3-2] PUBLISH 5.0 with U+0000 in its topic", 5, "30 06 0003'a'00'b' 00"),
  malformedRow("[MQTT-2.2.2-1] PUBLISH 5.0 without a property length", 5, "30 05 0003'a/b'"),
  malformedRow("PUBLISH 5.0 with properties longer than the packet", 5, "30 08 0003'a/b' 03 23 00"),
  malformedRow("PUBLISH 5.0 with a property longer than the section", 5, "30 09 0003'a/b' 02 23 00 01"),
  malformedRow("PUBLISH 5.0 with an endless property length", 5, "30 0a 0003'a/b' ffffffffff"),
  malformedRow("[MQTT-1.5.5-1] PUBLISH 5.0 with a property length of two bytes for 0", 5, "30 07 0003'a/b' 8000"),
  protocolErrorRow("[MQTT-3.3.2-8] PUBLISH 5.0 with Topic Alias 0", 5, "30 09 0003'a/b' 03 23 0000", 0x94),
  protocolErrorRow(
    "[MQTT-3.3.2-14] PUBLISH 5.0 with a wildcard in its Response Topic",
    5,
    "30 0a 0003'a/b' 04 08 0001'+'",
  ),
  protocolErrorRow("[MQTT-3.3.2-14] PUBLISH 5.0 with # in its Response Topic", 5, "30 0a 0003'a/b' 04 08 0001'#'"),
  protocolErrorRow("PUBLISH 5.0 with an empty Response Topic", 5, "30 09 0003'a/b' 03 08 0000"),
  malformedRow(
    "[MQTT-3.3.2-13] PUBLISH 5.0 with a Response Topic that is not UTF-8",
    5,
    "30 0a 0003'a/b' 04 08 0001 80",
  ),
  malformedRow("[MQTT-3.3.2-19] PUBLISH 5.0 with a Content Type that is not UTF-8", 5, "30 0a 0003'a/b' 04 03 0001 80"),
  protocolErrorRow("PUBLISH 5.0 with Subscription Identifier 0", 5, "30 08 0003'a/b' 02 0b 00"),
  protocolErrorRow("PUBLISH 5.0 with Payload Format Indicator 2", 5, "30 08 0003'a/b' 02 01 02"),
];
