/** SUBACK and UNSUBACK (MQTT 5.0 and 3.1.1 sections 3.9 and 3.11); all their codes are in the reason code vectors. */
import { accept, acceptForm, type ErrorVector, malformedRow, type PacketVector, protocolErrorRow } from "./vector.js";

export const subackVectors: PacketVector[] = [
  accept("SUBACK 3.1", 3, "90 05 0001 00 01 02", { type: 9, packetIdentifier: 1, reasonCodes: [0, 1, 2] }),
  accept("SUBACK 3.1.1", 4, "90 06 0001 02 80 00 01", { type: 9, packetIdentifier: 1, reasonCodes: [2, 0x80, 0, 1] }),
  accept("[MQTT-2.2.2-1] SUBACK 5.0", 5, "90 05 0001 00 87 02", {
    type: 9,
    packetIdentifier: 1,
    reasonCodes: [0x87, 2],
  }),
  accept("SUBACK 5.0 with every property", 5, "90 0f 0001 0b 1f 0001'r' 26 0001'k' 0001'v' 00", {
    type: 9,
    packetIdentifier: 1,
    reasonCodes: [0],
    properties: { reasonString: "r", userProperties: [["k", "v"]] },
  }),
  acceptForm("SUBACK 3.1 with flags, which 3.1 ignores", 3, "9f 03 0001 00", {
    type: 9,
    packetIdentifier: 1,
    reasonCodes: [0],
  }),
  accept("UNSUBACK 3.1", 3, "b0 02 0001", { type: 11, packetIdentifier: 1, reasonCodes: [] }),
  accept("UNSUBACK 3.1.1", 4, "b0 02 0001", { type: 11, packetIdentifier: 1, reasonCodes: [] }),
  accept("[MQTT-2.2.2-1] UNSUBACK 5.0", 5, "b0 05 0001 00 00 11", {
    type: 11,
    packetIdentifier: 1,
    reasonCodes: [0, 0x11],
  }),
  accept("UNSUBACK 5.0 with every property", 5, "b0 0f 0001 0b 1f 0001'r' 26 0001'k' 0001'v' 00", {
    type: 11,
    packetIdentifier: 1,
    reasonCodes: [0],
    properties: { reasonString: "r", userProperties: [["k", "v"]] },
  }),
];

export const subackErrorVectors: ErrorVector[] = [
  malformedRow("[3.1.1 MQTT-2.2.2-1] [3.1.1 MQTT-2.2.2-2] SUBACK with flags", 4, "92 03 0001 00"),
  malformedRow("[MQTT-2.1.3-1] SUBACK with flags", 5, "92 04 0001 00 00"),
  malformedRow("SUBACK 3.1.1 with Packet Identifier 0", 4, "90 03 0000 00"),
  protocolErrorRow("SUBACK 5.0 with Packet Identifier 0", 5, "90 04 0000 00 00"),
  protocolErrorRow("SUBACK 3.1 without codes", 3, "90 02 0001"),
  protocolErrorRow("SUBACK 3.1.1 without codes", 4, "90 02 0001"),
  protocolErrorRow("SUBACK 5.0 without codes", 5, "90 03 0001 00"),
  malformedRow("[MQTT-2.2.2-1] SUBACK 5.0 without a property length", 5, "90 02 0001"),
  malformedRow("[3.1.1 MQTT-2.2.2-1] [3.1.1 MQTT-2.2.2-2] UNSUBACK with flags", 4, "b2 02 0001"),
  malformedRow("[MQTT-2.1.3-1] UNSUBACK with flags", 5, "b2 04 0001 00 00"),
  malformedRow("UNSUBACK 3.1.1 with Packet Identifier 0", 4, "b0 02 0000"),
  protocolErrorRow("UNSUBACK 5.0 with Packet Identifier 0", 5, "b0 04 0000 00 00"),
  malformedRow("UNSUBACK 3.1.1 with a byte too many", 4, "b0 03 0001 00"),
  protocolErrorRow("UNSUBACK 5.0 without codes", 5, "b0 03 0001 00"),
  malformedRow("[MQTT-2.2.2-1] UNSUBACK 5.0 without a property length", 5, "b0 02 0001"),
];
