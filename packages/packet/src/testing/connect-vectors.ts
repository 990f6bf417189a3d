/** CONNECT (MQTT 5.0 and 3.1.1 section 3.1) in every version. */
import type { ConnectPacket } from "../control-packet.js";
import {
  accept,
  acceptForm,
  type ErrorVector,
  inConnect,
  malformedRow,
  type PacketVector,
  protocolErrorRow,
  unsupportedRow,
  vectorBytes,
} from "./vector.js";

function connect(protocolVersion: 3 | 4 | 5, fields: Partial<ConnectPacket> = {}): ConnectPacket {
  return { type: 1, protocolVersion, cleanStart: true, keepAlive: 60, clientIdentifier: "c", ...fields };
}

const will = { topic: "w", payload: vectorBytes("ff00"), qos: 0, retain: false } as const;

export const connectVectors: PacketVector[] = [
  accept("CONNECT 3.1", 3, "10 0f 0006'MQIsdp' 03 02 003c 0001'c'", connect(3)),
  accept("CONNECT 3.1.1", 4, "10 0d 0004'MQTT' 04 02 003c 0001'c'", connect(4)),
  accept("[MQTT-2.2.2-1] CONNECT 5.0 without properties", 5, "10 0e 0004'MQTT' 05 02 003c 00 0001'c'", connect(5)),
  accept("CONNECT 3.1 of a bridge", 3, "10 0f 0006'MQIsdp' 83 02 003c 0001'c'", connect(3, { bridge: true })),
  accept("CONNECT 3.1.1 of a bridge", 4, "10 0d 0004'MQTT' 84 02 003c 0001'c'", connect(4, { bridge: true })),
  accept(
    "CONNECT 3.1.1 with an empty client identifier and Clean Session 0",
    4,
    "10 0c 0004'MQTT' 04 00 ffff 0000",
    connect(4, { cleanStart: false, keepAlive: 65_535, clientIdentifier: "" }),
  ),
  accept(
    "CONNECT 5.0 with an empty client identifier",
    5,
    "10 0d 0004'MQTT' 05 00 0000 00 0000",
    connect(5, { cleanStart: false, keepAlive: 0, clientIdentifier: "" }),
  ),
  accept(
    "CONNECT 3.1 with will, user name and password",
    3,
    "10 1e 0006'MQIsdp' 03 ce 0001 0001'c' 0001'w' 0002ff00 0002'us' 0002'pw'",
    connect(3, { keepAlive: 1, will: { ...will, qos: 1 }, userName: "us", password: vectorBytes("'pw'") }),
  ),
  accept(
    "[3.1.1 MQTT-3.1.2-9] [3.1.1 MQTT-3.1.2-19] [3.1.1 MQTT-3.1.2-21] [3.1.1 MQTT-3.1.3-1] CONNECT 3.1.1 with will, user name and password",
    4,
    "10 1c 0004'MQTT' 04 f6 003c 0001'c' 0001'w' 0002ff00 0002'us' 0002'pw'",
    connect(4, { will: { ...will, qos: 2, retain: true }, userName: "us", password: vectorBytes("'pw'") }),
  ),
  accept(
    "CONNECT 3.1.1 with user name alone",
    4,
    "10 11 0004'MQTT' 04 82 003c 0001'c' 0002'us'",
    connect(4, { userName: "us" }),
  ),
  accept(
    "[MQTT-3.1.2-19] CONNECT 5.0 with password alone",
    5,
    "10 12 0004'MQTT' 05 42 003c 00 0001'c' 0002'pw'",
    connect(5, { password: vectorBytes("'pw'") }),
  ),
  accept(
    "[MQTT-3.1.2-9] [MQTT-3.1.2-17] [MQTT-3.1.2-19] [MQTT-3.1.3-1] CONNECT 5.0 with will, user name and password",
    5,
    "10 23 0004'MQTT' 05 ee 003c 00 0001'c' 05 18 00000005 0001'w' 0002ff00 0002'us' 0002'pw'",
    connect(5, {
      will: { ...will, qos: 1, retain: true, properties: { willDelayInterval: 5 } },
      userName: "us",
      password: vectorBytes("'pw'"),
    }),
  ),
  accept(
    "[MQTT-2.2.2-1] CONNECT 5.0 with a will without properties and with an empty payload",
    5,
    "10 14 0004'MQTT' 05 06 003c 00 0001'c' 00 0001'w' 0000",
    connect(5, { will: { ...will, payload: new Uint8Array(0) } }),
  ),
  accept(
    "CONNECT 5.0 with every property",
    5,
    "10 38 0004'MQTT' 05 02 003c 2a 11 0000000a 21 0014 27 00001000 22 0005 19 01 17 00 26 0001'k' 0001'v' 26 0001'k' 0000 15 0001'm' 16 0002 0102 0001'c'",
    connect(5, {
      properties: {
        sessionExpiryInterval: 10,
        receiveMaximum: 20,
        maximumPacketSize: 4096,
        topicAliasMaximum: 5,
        requestResponseInformation: true,
        requestProblemInformation: false,
        userProperties: [
          ["k", "v"],
          ["k", ""],
        ],
        authenticationMethod: "m",
        authenticationData: vectorBytes("0102"),
      },
    }),
  ),
  acceptForm(
    "CONNECT 3.1 with the reserved connect flag, which 3.1 ignores",
    3,
    "10 0f 0006'MQIsdp' 03 03 003c 0001'c'",
    connect(3),
  ),
  acceptForm(
    "CONNECT 3.1 with fixed header flags, which 3.1 ignores",
    3,
    "1f 0f 0006'MQIsdp' 03 02 003c 0001'c'",
    connect(3),
  ),
  acceptForm(
    "CONNECT 3.1 with Will QoS and Will Retain but no will",
    3,
    "10 0f 0006'MQIsdp' 03 2a 003c 0001'c'",
    connect(3),
  ),
  acceptForm(
    "CONNECT 3.1 that flags user name and password but has neither",
    3,
    "10 0f 0006'MQIsdp' 03 c2 003c 0001'c'",
    connect(3),
  ),
  acceptForm(
    "CONNECT 3.1 that flags user name and password but has the user name only",
    3,
    "10 13 0006'MQIsdp' 03 c2 003c 0001'c' 0002'us'",
    connect(3, { userName: "us" }),
  ),
];

export const connectErrorVectors: ErrorVector[] = [
  malformedRow("CONNECT without a body", 5, "10 00"),
  malformedRow("CONNECT whose protocol name is cut short", 5, "10 05 0004'MQT'"),
  malformedRow("CONNECT without a protocol level", 5, "10 06 0004'MQTT'"),
  unsupportedRow("[MQTT-3.1.2-1] protocol name in the wrong case", "10 0e 0004'mqtt' 05 02 003c 00 0001'c'", 5),
  unsupportedRow("[3.1.1 MQTT-3.1.2-1] unknown protocol name", "10 0d 0004'AMQP' 04 02 003c 0001'c'", 4),
  unsupportedRow("protocol name that is not UTF-8", "10 09 0003 ffffff 01 02 003c", 1),
  unsupportedRow("empty protocol name", "10 07 0000 04 02 003c 00", 4),
  unsupportedRow("[MQTT-3.1.2-2] protocol level 6", "10 0e 0004'MQTT' 06 02 003c 00 0001'c'", 6),
  unsupportedRow("[3.1.1 MQTT-3.1.2-2] protocol level 2", "10 0d 0004'MQTT' 02 02 003c 0001'c'", 2),
  unsupportedRow("protocol level 0 and nothing behind it", "10 07 0004'MQTT' 00", 0),
  unsupportedRow("MQTT with level 3", "10 0d 0004'MQTT' 03 02 003c 0001'c'", 3),
  unsupportedRow("MQIsdp with level 4", "10 0f 0006'MQIsdp' 04 02 003c 0001'c'", 4),
  unsupportedRow("MQIsdp with level 5", "10 10 0006'MQIsdp' 05 02 003c 00 0001'c'", 5),
  unsupportedRow("the bridge bit with level 5", "10 0e 0004'MQTT' 85 02 003c 00 0001'c'", 5),
  unsupportedRow("the bridge bit with the wrong name", "10 0d 0004'MQTT' 83 02 003c 0001'c'", 3),
  ...inConnect(3, [
    malformedRow("CONNECT 3.1 with a user name cut short", 3, "10 12 0006'MQIsdp' 03 82 003c 0001'c' 0002'u'"),
    malformedRow("CONNECT 3.1 with a password but no user name", 3, "10 12 0006'MQIsdp' 03 42 003c 0001'c' 0001'p'"),
    malformedRow("CONNECT 3.1 with Will QoS 3", 3, "10 15 0006'MQIsdp' 03 1e 003c 0001'c' 0001'w' 0001'p'"),
    malformedRow("CONNECT 3.1 with a byte too many", 3, "10 10 0006'MQIsdp' 03 02 003c 0001'c' 00"),
    protocolErrorRow("CONNECT 3.1 with an empty Will Topic", 3, "10 14 0006'MQIsdp' 03 06 003c 0001'c' 0000 0001'p'"),
  ]),
  ...inConnect(4, [
    malformedRow(
      "[3.1.1 MQTT-2.2.2-1] [3.1.1 MQTT-2.2.2-2] CONNECT with flags",
      4,
      "11 0d 0004'MQTT' 04 02 003c 0001'c'",
    ),
    malformedRow("[3.1.1 MQTT-3.1.2-3] reserved connect flag", 4, "10 0d 0004'MQTT' 04 03 003c 0001'c'"),
    malformedRow("[3.1.1 MQTT-3.1.3-3] no client identifier", 4, "10 0a 0004'MQTT' 04 02 003c"),
    malformedRow("[3.1.1 MQTT-3.1.3-4] client identifier is not UTF-8", 4, "10 0d 0004'MQTT' 04 02 003c 0001 ff"),
    malformedRow("[3.1.1 MQTT-3.1.2-9] Will Flag without will", 4, "10 0d 0004'MQTT' 04 06 003c 0001'c'"),
    malformedRow(
      "[3.1.1 MQTT-3.1.2-9] Will Flag without Will Message",
      4,
      "10 10 0004'MQTT' 04 06 003c 0001'c' 0001'w'",
    ),
    malformedRow(
      "[3.1.1 MQTT-3.1.2-11] a will without Will Flag",
      4,
      "10 13 0004'MQTT' 04 02 003c 0001'c' 0001'w' 0001'p'",
    ),
    malformedRow(
      "[3.1.1 MQTT-3.1.2-11] [3.1.1 MQTT-3.1.2-13] Will QoS without Will Flag",
      4,
      "10 0d 0004'MQTT' 04 0a 003c 0001'c'",
    ),
    malformedRow(
      "[3.1.1 MQTT-3.1.2-11] [3.1.1 MQTT-3.1.2-15] Will Retain without Will Flag",
      4,
      "10 0d 0004'MQTT' 04 22 003c 0001'c'",
    ),
    malformedRow("[3.1.1 MQTT-3.1.2-14] Will QoS 3", 4, "10 13 0004'MQTT' 04 1e 003c 0001'c' 0001'w' 0001'p'"),
    malformedRow(
      "[3.1.1 MQTT-3.1.3-10] Will Topic is not UTF-8",
      4,
      "10 13 0004'MQTT' 04 06 003c 0001'c' 0001 80 0001'p'",
    ),
    malformedRow(
      "[3.1.1 MQTT-4.7.1-1] Will Topic with a wildcard",
      4,
      "10 13 0004'MQTT' 04 06 003c 0001'c' 0001'#' 0001'p'",
    ),
    protocolErrorRow("[3.1.1 MQTT-4.7.3-1] empty Will Topic", 4, "10 12 0004'MQTT' 04 06 003c 0001'c' 0000 0001'p'"),
    malformedRow(
      "[3.1.1 MQTT-3.1.2-18] a user name without its flag",
      4,
      "10 10 0004'MQTT' 04 02 003c 0001'c' 0001'u'",
    ),
    malformedRow("[3.1.1 MQTT-3.1.2-19] User Name Flag without user name", 4, "10 0d 0004'MQTT' 04 82 003c 0001'c'"),
    malformedRow("[3.1.1 MQTT-3.1.3-11] user name is not UTF-8", 4, "10 10 0004'MQTT' 04 82 003c 0001'c' 0001 c0"),
    malformedRow(
      "[3.1.1 MQTT-3.1.2-20] a password without its flag",
      4,
      "10 13 0004'MQTT' 04 82 003c 0001'c' 0001'u' 0001'p'",
    ),
    malformedRow(
      "[3.1.1 MQTT-3.1.2-21] Password Flag without password",
      4,
      "10 10 0004'MQTT' 04 c2 003c 0001'c' 0001'u'",
    ),
    malformedRow("[3.1.1 MQTT-3.1.2-22] password without user name", 4, "10 10 0004'MQTT' 04 42 003c 0001'c' 0001'p'"),
  ]),
  ...inConnect(5, [
    malformedRow("[MQTT-2.1.3-1] CONNECT with flags", 5, "12 0e 0004'MQTT' 05 02 003c 00 0001'c'"),
    malformedRow("[MQTT-3.1.2-3] reserved connect flag", 5, "10 0e 0004'MQTT' 05 03 003c 00 0001'c'"),
    malformedRow("[MQTT-2.2.2-1] no property length", 5, "10 0a 0004'MQTT' 05 02 003c"),
    malformedRow("properties longer than the packet", 5, "10 0e 0004'MQTT' 05 02 003c 04 0001'c'"),
    malformedRow("[MQTT-3.1.3-3] no client identifier", 5, "10 0b 0004'MQTT' 05 02 003c 00"),
    malformedRow("[MQTT-3.1.3-4] client identifier is not UTF-8", 5, "10 0e 0004'MQTT' 05 02 003c 00 0001 ff"),
    malformedRow("[MQTT-3.1.2-9] Will Flag without will", 5, "10 0e 0004'MQTT' 05 06 003c 00 0001'c'"),
    malformedRow("[MQTT-3.1.2-9] Will Flag without Will Topic", 5, "10 0f 0004'MQTT' 05 06 003c 00 0001'c' 00"),
    malformedRow(
      "[MQTT-3.1.2-9] Will Flag without Will Payload",
      5,
      "10 12 0004'MQTT' 05 06 003c 00 0001'c' 00 0001'w'",
    ),
    malformedRow("a will without Will Flag", 5, "10 15 0004'MQTT' 05 02 003c 00 0001'c' 00 0001'w' 0001'p'"),
    malformedRow("[MQTT-3.1.2-11] Will QoS without Will Flag", 5, "10 0e 0004'MQTT' 05 12 003c 00 0001'c'"),
    malformedRow("[MQTT-3.1.2-12] Will QoS 3", 5, "10 15 0004'MQTT' 05 1e 003c 00 0001'c' 00 0001'w' 0001'p'"),
    malformedRow("[MQTT-3.1.2-13] Will Retain without Will Flag", 5, "10 0e 0004'MQTT' 05 22 003c 00 0001'c'"),
    malformedRow(
      "[MQTT-3.1.3-11] Will Topic is not UTF-8",
      5,
      "10 15 0004'MQTT' 05 06 003c 00 0001'c' 00 0001 f5 0001'p'",
    ),
    malformedRow(
      "[MQTT-4.7.0-1] Will Topic with a wildcard",
      5,
      "10 15 0004'MQTT' 05 06 003c 00 0001'c' 00 0001'+' 0001'p'",
    ),
    protocolErrorRow("[MQTT-4.7.3-1] empty Will Topic", 5, "10 14 0004'MQTT' 05 06 003c 00 0001'c' 00 0000 0001'p'"),
    malformedRow("[MQTT-3.1.2-16] a user name without its flag", 5, "10 11 0004'MQTT' 05 02 003c 00 0001'c' 0001'u'"),
    malformedRow("[MQTT-3.1.2-17] User Name Flag without user name", 5, "10 0e 0004'MQTT' 05 82 003c 00 0001'c'"),
    malformedRow("[MQTT-3.1.3-12] user name is not UTF-8", 5, "10 11 0004'MQTT' 05 82 003c 00 0001'c' 0001 c1"),
    malformedRow(
      "[MQTT-3.1.2-18] a password without its flag",
      5,
      "10 14 0004'MQTT' 05 82 003c 00 0001'c' 0001'u' 0001'p'",
    ),
    malformedRow("[MQTT-3.1.2-19] Password Flag without password", 5, "10 0e 0004'MQTT' 05 42 003c 00 0001'c'"),
    malformedRow("a password longer than the packet", 5, "10 12 0004'MQTT' 05 42 003c 00 0001'c' 0003'pw'"),
    malformedRow(
      "a Will Payload longer than the packet",
      5,
      "10 15 0004'MQTT' 05 06 003c 00 0001'c' 00 0001'w' 0002'p'",
    ),
    protocolErrorRow("Authentication Data without Method", 5, "10 12 0004'MQTT' 05 02 003c 04 16 000101 0001'c'"),
  ]),
];
