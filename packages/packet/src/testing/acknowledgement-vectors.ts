/** PUBACK, PUBREC, PUBREL and PUBCOMP (MQTT 5.0 and 3.1.1 sections 3.4 to 3.7) in every version and form. */
import { accept, acceptForm, type ErrorVector, malformedRow, type PacketVector, protocolErrorRow } from "./vector.js";

const versions = [3, 4, 5] as const;
const kinds = [
  { name: "PUBACK", type: 4, first: "40" },
  { name: "PUBREC", type: 5, first: "50" },
  { name: "PUBREL", type: 6, first: "62" },
  { name: "PUBCOMP", type: 7, first: "70" },
] as const;
/** A code other than Success that all four tables but one have. */
const failure = { 4: 0x87, 5: 0x10, 6: 0x92, 7: 0x92 } as const;

export const acknowledgementVectors: PacketVector[] = [
  ...versions.flatMap((version) =>
    kinds.map(({ name, type, first }) =>
      accept(`${name} of version ${version}`, version, `${first} 02 1234`, {
        type,
        packetIdentifier: 0x1234,
        reasonCode: 0,
      }),
    ),
  ),
  ...kinds.flatMap(({ name, type, first }) => {
    const code = failure[type];
    const hex = code.toString(16);
    const packet = { type, packetIdentifier: 1, reasonCode: code };
    const success = { type, packetIdentifier: 1, reasonCode: 0 };
    return [
      accept(`${name} 5.0 with a Reason Code`, 5, `${first} 03 0001 ${hex}`, packet),
      acceptForm(`${name} 5.0 with a Reason Code and no properties`, 5, `${first} 04 0001 ${hex} 00`, packet),
      acceptForm(`${name} 5.0 with Success written out`, 5, `${first} 03 0001 00`, success),
      acceptForm(`${name} 5.0 with Success and no properties written out`, 5, `${first} 04 0001 00 00`, success),
      accept(`${name} 5.0 with properties`, 5, `${first} 0f 0001 ${hex} 0b 1f 0001'r' 26 0001'k' 0001'v'`, {
        ...packet,
        properties: { reasonString: "r", userProperties: [["k", "v"]] },
      }),
      accept(`${name} 5.0 with Success and properties`, 5, `${first} 08 0001 00 04 1f 0001'r'`, {
        ...success,
        properties: { reasonString: "r" },
      }),
    ];
  }),
  acceptForm("PUBREL 3.1 resent with DUP", 3, "6a 02 0001", { type: 6, packetIdentifier: 1, reasonCode: 0 }),
  acceptForm("PUBACK 3.1 with flags, which 3.1 ignores", 3, "4f 02 0001", {
    type: 4,
    packetIdentifier: 1,
    reasonCode: 0,
  }),
];

export const acknowledgementErrorVectors: ErrorVector[] = [
  ...kinds.flatMap(({ name, first }) => [
    ...versions.map((version) => malformedRow(`${name} of version ${version} cut short`, version, `${first} 01 00`)),
    malformedRow(`${name} 3.1 with a byte too many`, 3, `${first} 03 0001 00`),
    malformedRow(`${name} 3.1.1 with a byte too many`, 4, `${first} 03 0001 00`),
    malformedRow(`${name} 5.0 with a byte too many`, 5, `${first} 05 0001 00 00 00`),
    malformedRow(`${name} 5.0 with properties cut short`, 5, `${first} 07 0001 00 04 1f 0001`),
    malformedRow(`${name} 3.1.1 with Packet Identifier 0`, 4, `${first} 02 0000`),
    protocolErrorRow(`${name} 5.0 with Packet Identifier 0`, 5, `${first} 02 0000`),
  ]),
  malformedRow("[3.1.1 MQTT-2.2.2-1] [3.1.1 MQTT-2.2.2-2] PUBACK 3.1.1 with flags", 4, "41 02 0001"),
  malformedRow("[MQTT-2.1.3-1] PUBACK 5.0 with flags", 5, "42 02 0001"),
  malformedRow("[3.1.1 MQTT-2.2.2-1] [3.1.1 MQTT-2.2.2-2] PUBREC 3.1.1 with flags", 4, "52 02 0001"),
  malformedRow("[MQTT-2.1.3-1] PUBREC 5.0 with flags", 5, "51 02 0001"),
  malformedRow("[3.1.1 MQTT-3.6.1-1] PUBREL 3.1.1 with flags 0000", 4, "60 02 0001"),
  malformedRow("[3.1.1 MQTT-3.6.1-1] PUBREL 3.1.1 with DUP", 4, "6a 02 0001"),
  malformedRow("[MQTT-2.1.3-1] [MQTT-3.6.1-1] PUBREL 5.0 with flags 0000", 5, "60 02 0001"),
  malformedRow("[MQTT-2.1.3-1] [MQTT-3.6.1-1] PUBREL 5.0 with flags 0011", 5, "63 02 0001"),
  malformedRow("[3.1.1 MQTT-2.2.2-1] [3.1.1 MQTT-2.2.2-2] PUBCOMP 3.1.1 with flags", 4, "72 02 0001"),
  malformedRow("[MQTT-2.1.3-1] PUBCOMP 5.0 with flags", 5, "78 02 0001"),
];
