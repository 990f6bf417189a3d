/**
 * Every property in every packet (MQTT 5.0 section 2.2.2): where it belongs it passes, twice or out of range it is a
 * Protocol Error, elsewhere or cut short it is malformed.
 */
import type { ControlPacket } from "../control-packet.js";
import type { Properties } from "../properties.js";
import { type CarrierName, type PropertySample, propertySamples } from "./property-samples.js";
import { accept, type ErrorVector, malformedRow, type PacketVector, protocolErrorRow, vectorBytes } from "./vector.js";

interface Carrier {
  name: CarrierName;
  first: string;
  /** Body bytes before and after the property section. */
  before: string;
  after: string;
  packet(properties: Properties): ControlPacket;
}

const empty = new Uint8Array(0);
const request = { topicFilter: "a", qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
const client = { type: 1, protocolVersion: 5, cleanStart: true, keepAlive: 60, clientIdentifier: "c" } as const;
const message = { type: 3, dup: false, qos: 0, retain: false, topicName: "t", payload: empty } as const;

const carriers: Carrier[] = [
  {
    name: "CONNECT",
    first: "10",
    before: "0004'MQTT' 05 02 003c",
    after: "0001'c'",
    packet: (properties) => ({ ...client, properties }),
  },
  {
    name: "WILL",
    first: "10",
    before: "0004'MQTT' 05 06 003c 00 0001'c'",
    after: "0001'w' 0000",
    packet: (properties) => ({ ...client, will: { topic: "w", payload: empty, qos: 0, retain: false, properties } }),
  },
  {
    name: "CONNACK",
    first: "20",
    before: "00 00",
    after: "",
    packet: (properties) => ({ type: 2, sessionPresent: false, reasonCode: 0, properties }),
  },
  { name: "PUBLISH", first: "30", before: "0001't'", after: "", packet: (properties) => ({ ...message, properties }) },
  {
    name: "PUBACK",
    first: "40",
    before: "0001 00",
    after: "",
    packet: (properties) => ({ type: 4, packetIdentifier: 1, reasonCode: 0, properties }),
  },
  {
    name: "PUBREC",
    first: "50",
    before: "0001 00",
    after: "",
    packet: (properties) => ({ type: 5, packetIdentifier: 1, reasonCode: 0, properties }),
  },
  {
    name: "PUBREL",
    first: "62",
    before: "0001 00",
    after: "",
    packet: (properties) => ({ type: 6, packetIdentifier: 1, reasonCode: 0, properties }),
  },
  {
    name: "PUBCOMP",
    first: "70",
    before: "0001 00",
    after: "",
    packet: (properties) => ({ type: 7, packetIdentifier: 1, reasonCode: 0, properties }),
  },
  {
    name: "SUBSCRIBE",
    first: "82",
    before: "0001",
    after: "0001'a' 00",
    packet: (properties) => ({ type: 8, packetIdentifier: 1, subscriptions: [request], properties }),
  },
  {
    name: "SUBACK",
    first: "90",
    before: "0001",
    after: "00",
    packet: (properties) => ({ type: 9, packetIdentifier: 1, reasonCodes: [0], properties }),
  },
  {
    name: "UNSUBSCRIBE",
    first: "a2",
    before: "0001",
    after: "0001'a'",
    packet: (properties) => ({ type: 10, packetIdentifier: 1, topicFilters: ["a"], properties }),
  },
  {
    name: "UNSUBACK",
    first: "b0",
    before: "0001",
    after: "00",
    packet: (properties) => ({ type: 11, packetIdentifier: 1, reasonCodes: [0], properties }),
  },
  {
    name: "DISCONNECT",
    first: "e0",
    before: "00",
    after: "",
    packet: (properties) => ({ type: 14, reasonCode: 0, properties }),
  },
  {
    name: "AUTH",
    first: "f0",
    before: "18",
    after: "",
    packet: (properties) => ({ type: 15, reasonCode: 0x18, properties }),
  },
];

/** Authentication Data cannot stand alone, and AUTH not without a method. */
function companion(carrier: Carrier, sample: PropertySample): { hex: string; properties: Properties } {
  const needed = carrier.name === "AUTH" || sample.name === "Authentication Data";
  if (!needed || sample.name === "Authentication Method") return { hex: "", properties: {} };
  return { hex: "15 0001'm'", properties: { authenticationMethod: "m" } };
}

/** The packet's bytes with these properties; sections stay below 128 bytes. */
function frame(carrier: Carrier, propertiesHex: string): string {
  const section = `${hexByte(vectorBytes(propertiesHex).length)} ${propertiesHex}`;
  const body = `${carrier.before} ${section} ${carrier.after}`;
  return `${carrier.first} ${hexByte(vectorBytes(body).length)} ${body}`;
}

function withoutLastByte(hex: string): string {
  return [...vectorBytes(hex).subarray(0, -1)].map(hexByte).join("");
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, "0");
}

function version(carrier: Carrier, rows: ErrorVector[]): ErrorVector[] {
  const inside = carrier.name === "CONNECT" || carrier.name === "WILL";
  return inside ? rows.map((entry) => ({ ...entry, protocolVersion: 5 })) : rows;
}

const pairs = carriers.flatMap((carrier) => propertySamples.map((sample) => ({ carrier, sample })));

export const propertyVectors: PacketVector[] = pairs.flatMap(({ carrier, sample }) => {
  if (!sample.packets.includes(carrier.name)) return [];
  const { hex, properties } = companion(carrier, sample);
  const packet = carrier.packet({ ...properties, ...sample.properties });
  return [accept(`${sample.name} in ${carrier.name}`, 5, frame(carrier, `${hex} ${sample.hex}`), packet)];
});

export const propertyErrorVectors: ErrorVector[] = [
  ...pairs.flatMap(({ carrier, sample }) => {
    const { hex } = companion(carrier, sample);
    const title = `${sample.name} in ${carrier.name}`;
    if (!sample.packets.includes(carrier.name)) {
      return version(carrier, [
        malformedRow(`${title}, where it does not belong`, 5, frame(carrier, `${hex} ${sample.hex}`)),
      ]);
    }
    const once = sample.repeats !== true || (carrier.name === "SUBSCRIBE" && sample.name === "Subscription Identifier");
    const twice = protocolErrorRow(`${title}, twice`, 5, frame(carrier, `${hex} ${sample.hex} ${sample.hex}`));
    const id = sample.hex.slice(0, 2);
    return version(carrier, [
      ...(once ? [twice] : []),
      malformedRow(`${title}, without a value`, 5, frame(carrier, `${hex} ${id}`)),
      malformedRow(`${title}, cut short`, 5, frame(carrier, `${hex} ${withoutLastByte(sample.hex)}`)),
      ...(sample.invalid ?? []).map(([bytes, code]) =>
        protocolErrorRow(`${title}, out of range: ${bytes}`, 5, frame(carrier, `${hex} ${bytes}`), code),
      ),
      ...(sample.illFormed ?? []).map((bytes) =>
        malformedRow(`[MQTT-1.5.4-1] ${title}, not UTF-8: ${bytes}`, 5, frame(carrier, `${hex} ${bytes}`)),
      ),
    ]);
  }),
  ...carriers.flatMap((carrier) =>
    version(carrier, [
      malformedRow(`property 0x00 in ${carrier.name}`, 5, frame(carrier, "00 00")),
      malformedRow(`property 0x7f in ${carrier.name}`, 5, frame(carrier, "7f 00")),
      malformedRow(`property identifier of two bytes in ${carrier.name}`, 5, frame(carrier, "8101 00")),
    ]),
  ),
];
