/**
 * Every code in every packet that carries one: those of the packet's table pass, all others are a Protocol Error (MQTT
 * 5.0 section 2.4, 3.1.1 sections 3.2.2.3 and 3.9.3).
 */
import type { ControlPacket } from "../control-packet.js";
import type { ProtocolVersion } from "../packet-type.js";
import { accept, acceptForm, type ErrorVector, type PacketVector, protocolErrorRow } from "./vector.js";

interface ReasonCodeTable {
  name: string;
  version: ProtocolVersion;
  codes: number[];
  /** Accepted, but never sent. */
  tolerated?: number[];
  hex(code: string): string;
  packet(code: number): ControlPacket;
}

const tables: ReasonCodeTable[] = [
  {
    name: "CONNACK 3.1",
    version: 3,
    codes: [0, 1, 2, 3, 4, 5],
    hex: (code) => `20 02 00 ${code}`,
    packet: (reasonCode) => ({ type: 2, sessionPresent: false, reasonCode }),
  },
  {
    name: "CONNACK 3.1.1",
    version: 4,
    codes: [0, 1, 2, 3, 4, 5],
    hex: (code) => `20 02 00 ${code}`,
    packet: (reasonCode) => ({ type: 2, sessionPresent: false, reasonCode }),
  },
  {
    name: "[MQTT-3.2.2-8] CONNACK 5.0",
    version: 5,
    codes: [
      0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b,
      0x9c, 0x9d, 0x9f,
    ],
    hex: (code) => `20 03 00 ${code} 00`,
    packet: (reasonCode) => ({ type: 2, sessionPresent: false, reasonCode }),
  },
  {
    name: "[MQTT-3.4.2-1] PUBACK 5.0",
    version: 5,
    codes: [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99],
    hex: (code) => (code === "00" ? "40 02 0001" : `40 03 0001 ${code}`),
    packet: (reasonCode) => ({ type: 4, packetIdentifier: 1, reasonCode }),
  },
  {
    name: "[MQTT-3.5.2-1] PUBREC 5.0",
    version: 5,
    codes: [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99],
    hex: (code) => (code === "00" ? "50 02 0001" : `50 03 0001 ${code}`),
    packet: (reasonCode) => ({ type: 5, packetIdentifier: 1, reasonCode }),
  },
  {
    name: "[MQTT-3.6.2-1] PUBREL 5.0",
    version: 5,
    codes: [0x00, 0x92],
    hex: (code) => (code === "00" ? "62 02 0001" : `62 03 0001 ${code}`),
    packet: (reasonCode) => ({ type: 6, packetIdentifier: 1, reasonCode }),
  },
  {
    name: "[MQTT-3.7.2-1] PUBCOMP 5.0",
    version: 5,
    codes: [0x00, 0x92],
    hex: (code) => (code === "00" ? "70 02 0001" : `70 03 0001 ${code}`),
    packet: (reasonCode) => ({ type: 7, packetIdentifier: 1, reasonCode }),
  },
  {
    name: "SUBACK 3.1",
    version: 3,
    codes: [0, 1, 2],
    hex: (code) => `90 03 0001 ${code}`,
    packet: (code) => ({ type: 9, packetIdentifier: 1, reasonCodes: [code] }),
  },
  {
    name: "[3.1.1 MQTT-3.9.3-2] SUBACK 3.1.1",
    version: 4,
    codes: [0, 1, 2, 0x80],
    hex: (code) => `90 03 0001 ${code}`,
    packet: (code) => ({ type: 9, packetIdentifier: 1, reasonCodes: [code] }),
  },
  {
    name: "[MQTT-3.9.3-2] SUBACK 5.0",
    version: 5,
    codes: [0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2],
    hex: (code) => `90 05 0001 00 00 ${code}`,
    packet: (code) => ({ type: 9, packetIdentifier: 1, reasonCodes: [0, code] }),
  },
  {
    name: "[MQTT-3.11.3-2] UNSUBACK 5.0",
    version: 5,
    codes: [0x00, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91],
    hex: (code) => `b0 05 0001 00 00 ${code}`,
    packet: (code) => ({ type: 11, packetIdentifier: 1, reasonCodes: [0, code] }),
  },
  {
    name: "[MQTT-3.14.2-1] DISCONNECT 5.0",
    version: 5,
    codes: [
      0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98,
      0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
    ],
    tolerated: [0x8c],
    hex: (code) => (code === "00" ? "e0 00" : `e0 01 ${code}`),
    packet: (reasonCode) => ({ type: 14, reasonCode }),
  },
  {
    name: "[MQTT-3.15.2-1] AUTH 5.0",
    version: 5,
    codes: [0x00, 0x18, 0x19],
    hex: (code) => `f0 06 ${code} 04 15 0001'm'`,
    packet: (reasonCode) => ({ type: 15, reasonCode, properties: { authenticationMethod: "m" } }),
  },
];

const everyCode = Array.from({ length: 256 }, (_, code) => code);

export const reasonCodeVectors: PacketVector[] = tables.flatMap((table) => [
  ...table.codes.map((code) => accept(title(table, code), table.version, table.hex(hexByte(code)), table.packet(code))),
  ...(table.tolerated ?? []).map((code) =>
    acceptForm(title(table, code), table.version, table.hex(hexByte(code)), table.packet(code)),
  ),
]);

export const reasonCodeErrorVectors: ErrorVector[] = tables.flatMap((table) =>
  everyCode
    .filter((code) => !table.codes.includes(code) && !table.tolerated?.includes(code))
    .map((code) => protocolErrorRow(title(table, code), table.version, table.hex(hexByte(code)))),
);

function title(table: ReasonCodeTable, code: number): string {
  return `${table.name} with code 0x${hexByte(code)}`;
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, "0");
}
