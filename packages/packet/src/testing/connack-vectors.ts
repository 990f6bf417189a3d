/** CONNACK (MQTT 5.0 and 3.1.1 section 3.2) in every version; all its codes are in the reason code vectors. */
import {
  accept,
  acceptForm,
  type ErrorVector,
  malformedRow,
  type PacketVector,
  protocolErrorRow,
  vectorBytes,
} from "./vector.js";

export const connackVectors: PacketVector[] = [
  accept("CONNACK 3.1", 3, "20 02 00 00", { type: 2, sessionPresent: false, reasonCode: 0 }),
  acceptForm("CONNACK 3.1 with its reserved byte and flags, which 3.1 ignores", 3, "2f 02 ff 05", {
    type: 2,
    sessionPresent: false,
    reasonCode: 5,
  }),
  accept("CONNACK 3.1.1", 4, "20 02 01 00", { type: 2, sessionPresent: true, reasonCode: 0 }),
  accept("CONNACK 3.1.1 refusing", 4, "20 02 00 05", { type: 2, sessionPresent: false, reasonCode: 5 }),
  acceptForm("CONNACK 3.1.1 refusing with Session Present", 4, "20 02 01 05", {
    type: 2,
    sessionPresent: true,
    reasonCode: 5,
  }),
  accept("[MQTT-2.2.2-1] CONNACK 5.0", 5, "20 03 01 00 00", { type: 2, sessionPresent: true, reasonCode: 0 }),
  accept(
    "CONNACK 5.0 with every property",
    5,
    "20 3f 00 00 3c 11 00000001 21 0002 24 01 25 00 27 00000003 12 0001'a' 22 0004 1f 0001'r' 26 0001'k' 0001'v' 28 01 29 00 2a 01 13 0005 1a 0001'i' 1c 0001's' 15 0001'm' 16 0001 ff",
    {
      type: 2,
      sessionPresent: false,
      reasonCode: 0,
      properties: {
        sessionExpiryInterval: 1,
        receiveMaximum: 2,
        maximumQoS: 1,
        retainAvailable: false,
        maximumPacketSize: 3,
        assignedClientIdentifier: "a",
        topicAliasMaximum: 4,
        reasonString: "r",
        userProperties: [["k", "v"]],
        wildcardSubscriptionAvailable: true,
        subscriptionIdentifierAvailable: false,
        sharedSubscriptionAvailable: true,
        serverKeepAlive: 5,
        responseInformation: "i",
        serverReference: "s",
        authenticationMethod: "m",
        authenticationData: vectorBytes("ff"),
      },
    },
  ),
];

export const connackErrorVectors: ErrorVector[] = [
  malformedRow("CONNACK 3.1.1 without a code", 4, "20 01 00"),
  malformedRow("CONNACK 3.1.1 with a byte too many", 4, "20 03 00 00 00"),
  malformedRow("CONNACK 3.1.1 with reserved acknowledge flags", 4, "20 02 02 00"),
  malformedRow("[3.1.1 MQTT-2.2.2-1] [3.1.1 MQTT-2.2.2-2] CONNACK 3.1.1 with header flags", 4, "21 02 00 00"),
  malformedRow("[MQTT-2.1.3-1] CONNACK 5.0 with header flags", 5, "24 03 00 00 00"),
  malformedRow("[MQTT-3.2.2-1] CONNACK 5.0 with reserved acknowledge flags", 5, "20 03 80 00 00"),
  malformedRow("[MQTT-2.2.2-1] CONNACK 5.0 without a property length", 5, "20 02 00 00"),
  malformedRow("CONNACK 5.0 with a byte too many", 5, "20 04 00 00 00 00"),
  protocolErrorRow("[MQTT-3.2.2-6] CONNACK 5.0 refusing with Session Present", 5, "20 03 01 87 00"),
  protocolErrorRow("CONNACK 5.0 with Authentication Data but no method", 5, "20 07 00 00 04 16 000101"),
];
