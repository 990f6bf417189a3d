/** PINGREQ, PINGRESP, DISCONNECT and AUTH (MQTT 5.0 sections 3.12 to 3.15, 3.1.1 sections 3.12 to 3.14). */
import {
  accept,
  acceptForm,
  type ErrorVector,
  malformedRow,
  type PacketVector,
  protocolErrorRow,
  vectorBytes,
} from "./vector.js";

const versions = [3, 4, 5] as const;

export const disconnectVectors: PacketVector[] = [
  ...versions.flatMap((version) => [
    accept(`PINGREQ of version ${version}`, version, "c0 00", { type: 12 }),
    accept(`PINGRESP of version ${version}`, version, "d0 00", { type: 13 }),
    accept(`DISCONNECT of version ${version}`, version, "e0 00", { type: 14, reasonCode: 0 }),
  ]),
  acceptForm("PINGREQ 3.1 with flags, which 3.1 ignores", 3, "c5 00", { type: 12 }),
  acceptForm("DISCONNECT 3.1 with flags, which 3.1 ignores", 3, "ef 00", { type: 14, reasonCode: 0 }),
  accept("DISCONNECT 5.0 with will", 5, "e0 01 04", { type: 14, reasonCode: 4 }),
  acceptForm("DISCONNECT 5.0 with code 0 written out", 5, "e0 01 00", { type: 14, reasonCode: 0 }),
  acceptForm("DISCONNECT 5.0 with empty properties written out", 5, "e0 02 82 00", { type: 14, reasonCode: 0x82 }),
  acceptForm("DISCONNECT 5.0 with Bad authentication method, from the overview table alone", 5, "e0 01 8c", {
    type: 14,
    reasonCode: 0x8c,
  }),
  accept("DISCONNECT 5.0 with every property", 5, "e0 16 9c 14 11 00000000 1f 0001'r' 26 0001'k' 0001'v' 1c 0001's'", {
    type: 14,
    reasonCode: 0x9c,
    properties: {
      sessionExpiryInterval: 0,
      reasonString: "r",
      userProperties: [["k", "v"]],
      serverReference: "s",
    },
  }),
  accept("AUTH", 5, "f0 06 18 04 15 0001'm'", {
    type: 15,
    reasonCode: 0x18,
    properties: { authenticationMethod: "m" },
  }),
  accept("AUTH with every property", 5, "f0 16 00 14 15 0001'm' 16 0002 00ff 1f 0001'r' 26 0001'k' 0001'v'", {
    type: 15,
    reasonCode: 0,
    properties: {
      authenticationMethod: "m",
      authenticationData: vectorBytes("00ff"),
      reasonString: "r",
      userProperties: [["k", "v"]],
    },
  }),
];

export const disconnectErrorVectors: ErrorVector[] = [
  ...versions.flatMap((version) => [
    malformedRow(`PINGREQ of version ${version} with a body`, version, "c0 01 00"),
    malformedRow(`PINGRESP of version ${version} with a body`, version, "d0 01 00"),
  ]),
  malformedRow("[3.1.1 MQTT-2.2.2-1] [3.1.1 MQTT-2.2.2-2] PINGREQ with flags", 4, "c1 00"),
  malformedRow("[MQTT-2.1.3-1] PINGREQ with flags", 5, "c2 00"),
  malformedRow("[3.1.1 MQTT-2.2.2-1] [3.1.1 MQTT-2.2.2-2] PINGRESP with flags", 4, "d4 00"),
  malformedRow("[MQTT-2.1.3-1] PINGRESP with flags", 5, "d8 00"),
  malformedRow("[3.1.1 MQTT-2.2.2-1] [3.1.1 MQTT-2.2.2-2] [3.1.1 MQTT-3.14.1-1] DISCONNECT with flags", 4, "e1 00"),
  malformedRow("[MQTT-2.1.3-1] [MQTT-3.14.1-1] DISCONNECT with flags", 5, "e2 00"),
  malformedRow("DISCONNECT 3.1 with a body", 3, "e0 01 00"),
  malformedRow("DISCONNECT 3.1.1 with a body", 4, "e0 01 00"),
  malformedRow("DISCONNECT 5.0 with a byte too many", 5, "e0 03 00 00 00"),
  malformedRow("DISCONNECT 5.0 with properties cut short", 5, "e0 05 00 05 11 0000"),
  malformedRow("[MQTT-2.1.3-1] [MQTT-3.15.1-1] AUTH with flags", 5, "f1 06 18 04 15 0001'm'"),
  malformedRow("AUTH without a property length", 5, "f0 01 18"),
  malformedRow("AUTH with a byte too many", 5, "f0 07 18 04 15 0001'm' 00"),
  protocolErrorRow("AUTH of length 0, which lacks its method", 5, "f0 00"),
  protocolErrorRow("AUTH without properties", 5, "f0 02 18 00"),
  protocolErrorRow("AUTH with data but no method", 5, "f0 06 18 04 16 000101"),
  malformedRow("AUTH 3.1", 3, "f0 06 18 04 15 0001'm'"),
  malformedRow("AUTH 3.1.1", 4, "f0 06 18 04 15 0001'm'"),
];
