/**
 * One sample of every property, the packets that may carry it and the values that it may not have (MQTT 5.0 section
 * 2.2.2.2). Written from the standard, apart from the table that the codec uses.
 */
import type { Properties } from "../properties.js";
import { vectorBytes } from "./vector.js";

/** What carries a property section; WILL stands for the Will Properties inside CONNECT. */
export type CarrierName =
  | "CONNECT"
  | "WILL"
  | "CONNACK"
  | "PUBLISH"
  | "PUBACK"
  | "PUBREC"
  | "PUBREL"
  | "PUBCOMP"
  | "SUBSCRIBE"
  | "SUBACK"
  | "UNSUBSCRIBE"
  | "UNSUBACK"
  | "DISCONNECT"
  | "AUTH";

export interface PropertySample {
  name: string;
  packets: readonly CarrierName[];
  hex: string;
  properties: Properties;
  /** Out of range, and the Reason Code that answers it. */
  invalid?: readonly (readonly [hex: string, reasonCode: number])[];
  /** Strings that are not UTF-8. */
  illFormed?: readonly string[];
  repeats?: true;
}

const MESSAGE = ["PUBLISH", "WILL"] as const;
const PUBLISH_ACKNOWLEDGEMENTS = ["PUBACK", "PUBREC", "PUBREL", "PUBCOMP"] as const;
const REQUEST_ACKNOWLEDGEMENTS = ["SUBACK", "UNSUBACK"] as const;
const REASONED = ["CONNACK", ...PUBLISH_ACKNOWLEDGEMENTS, ...REQUEST_ACKNOWLEDGEMENTS, "DISCONNECT", "AUTH"] as const;
const AUTHENTICATED = ["CONNECT", "CONNACK", "AUTH"] as const;
const LIMITED = ["CONNECT", "CONNACK"] as const;

export const propertySamples: readonly PropertySample[] = [
  {
    name: "Payload Format Indicator",
    packets: MESSAGE,
    hex: "01 01",
    properties: { payloadFormatIndicator: 1 },
    invalid: [
      ["01 02", 0x82],
      ["01 ff", 0x82],
    ],
  },
  {
    name: "Message Expiry Interval",
    packets: MESSAGE,
    hex: "02 ffffffff",
    properties: { messageExpiryInterval: 4_294_967_295 },
  },
  {
    name: "Content Type",
    packets: MESSAGE,
    hex: "03 0004'text'",
    properties: { contentType: "text" },
    illFormed: ["03 0001 80"],
  },
  {
    name: "Response Topic",
    packets: MESSAGE,
    hex: "08 0003'a/b'",
    properties: { responseTopic: "a/b" },
    invalid: [
      ["08 0000", 0x82],
      ["08 0001'+'", 0x82],
      ["08 0003'a/#'", 0x82],
    ],
    illFormed: ["08 0001 ff"],
  },
  {
    name: "Correlation Data",
    packets: MESSAGE,
    hex: "09 0003 00ff80",
    properties: { correlationData: vectorBytes("00ff80") },
  },
  {
    name: "Subscription Identifier",
    packets: ["PUBLISH", "SUBSCRIBE"],
    hex: "0b 8001",
    properties: { subscriptionIdentifiers: [128] },
    invalid: [["0b 00", 0x82]],
    repeats: true,
  },
  {
    name: "Session Expiry Interval",
    packets: ["CONNECT", "CONNACK", "DISCONNECT"],
    hex: "11 80000001",
    properties: { sessionExpiryInterval: 2_147_483_649 },
  },
  {
    name: "Assigned Client Identifier",
    packets: ["CONNACK"],
    hex: "12 0002'id'",
    properties: { assignedClientIdentifier: "id" },
    illFormed: ["12 0001 c0"],
  },
  { name: "Server Keep Alive", packets: ["CONNACK"], hex: "13 0000", properties: { serverKeepAlive: 0 } },
  {
    name: "Authentication Method",
    packets: AUTHENTICATED,
    hex: "15 0001'm'",
    properties: { authenticationMethod: "m" },
    illFormed: ["15 0001 80"],
  },
  {
    name: "Authentication Data",
    packets: AUTHENTICATED,
    hex: "16 0002 00ff",
    properties: { authenticationData: vectorBytes("00ff") },
  },
  {
    name: "Request Problem Information",
    packets: ["CONNECT"],
    hex: "17 00",
    properties: { requestProblemInformation: false },
    invalid: [["17 02", 0x82]],
  },
  { name: "Will Delay Interval", packets: ["WILL"], hex: "18 00000000", properties: { willDelayInterval: 0 } },
  {
    name: "Request Response Information",
    packets: ["CONNECT"],
    hex: "19 01",
    properties: { requestResponseInformation: true },
    invalid: [["19 02", 0x82]],
  },
  {
    name: "Response Information",
    packets: ["CONNACK"],
    hex: "1a 0000",
    properties: { responseInformation: "" },
    illFormed: ["1a 0001 80"],
  },
  {
    name: "Server Reference",
    packets: ["CONNACK", "DISCONNECT"],
    hex: "1c 0001's'",
    properties: { serverReference: "s" },
    illFormed: ["1c 0001 80"],
  },
  {
    name: "Reason String",
    packets: REASONED,
    hex: "1f 0003 e282ac",
    properties: { reasonString: "€" },
    illFormed: ["1f 0001 80"],
  },
  {
    name: "Receive Maximum",
    packets: LIMITED,
    hex: "21 ffff",
    properties: { receiveMaximum: 65_535 },
    invalid: [["21 0000", 0x82]],
  },
  { name: "Topic Alias Maximum", packets: LIMITED, hex: "22 0000", properties: { topicAliasMaximum: 0 } },
  {
    name: "Topic Alias",
    packets: ["PUBLISH"],
    hex: "23 0100",
    properties: { topicAlias: 256 },
    invalid: [["23 0000", 0x94]],
  },
  {
    name: "Maximum QoS",
    packets: ["CONNACK"],
    hex: "24 00",
    properties: { maximumQoS: 0 },
    invalid: [["24 02", 0x82]],
  },
  {
    name: "Retain Available",
    packets: ["CONNACK"],
    hex: "25 01",
    properties: { retainAvailable: true },
    invalid: [["25 02", 0x82]],
  },
  {
    name: "User Property",
    packets: [
      "CONNECT",
      "WILL",
      "CONNACK",
      "PUBLISH",
      ...PUBLISH_ACKNOWLEDGEMENTS,
      "SUBSCRIBE",
      "SUBACK",
      "UNSUBSCRIBE",
      "UNSUBACK",
      "DISCONNECT",
      "AUTH",
    ],
    hex: "26 0000 0001'v'",
    properties: { userProperties: [["", "v"]] },
    illFormed: ["26 0001 80 0001'v'", "26 0001'k' 0001 80"],
    repeats: true,
  },
  {
    name: "Maximum Packet Size",
    packets: LIMITED,
    hex: "27 ffffffff",
    properties: { maximumPacketSize: 4_294_967_295 },
    invalid: [["27 00000000", 0x82]],
  },
  {
    name: "Wildcard Subscription Available",
    packets: ["CONNACK"],
    hex: "28 00",
    properties: { wildcardSubscriptionAvailable: false },
    invalid: [["28 02", 0x82]],
  },
  {
    name: "Subscription Identifier Available",
    packets: ["CONNACK"],
    hex: "29 00",
    properties: { subscriptionIdentifierAvailable: false },
    invalid: [["29 02", 0x82]],
  },
  {
    name: "Shared Subscription Available",
    packets: ["CONNACK"],
    hex: "2a 00",
    properties: { sharedSubscriptionAvailable: false },
    invalid: [["2a 02", 0x82]],
  },
];
