/**
 * UTF-8 Encoded Strings (MQTT 5.0 section 1.5.4, 3.1.1 section 1.5.3): what every string field takes and refuses, shown
 * on the Topic Name of a PUBLISH, the Client Identifier of a CONNECT and User Properties.
 */
import type { PublishPacket } from "../control-packet.js";
import { accept, type ErrorVector, inConnect, malformedRow, type PacketVector } from "./vector.js";

function publish(topicName: string): PublishPacket {
  return { type: 3, dup: false, qos: 0, retain: false, topicName, payload: new Uint8Array(0) };
}

/** Three bytes that are no well-formed string, and why. */
const illFormed = [
  ["[MQTT-1.5.4-1] [3.1.1 MQTT-1.5.3-1] the surrogate U+D800", "eda080"],
  ["[MQTT-1.5.4-1] [3.1.1 MQTT-1.5.3-1] the surrogate U+DFFF", "edbfbf"],
  ["[MQTT-1.5.4-1] [3.1.1 MQTT-1.5.3-1] a lone continuation byte", "6180 61"],
  ["[MQTT-1.5.4-1] [3.1.1 MQTT-1.5.3-1] a sequence cut by the end", "61e282"],
  ["[MQTT-1.5.4-1] [3.1.1 MQTT-1.5.3-1] a sequence cut by another character", "e28261"],
  ["[MQTT-1.5.4-1] [3.1.1 MQTT-1.5.3-1] an overlong slash", "61c0af"],
  ["[MQTT-1.5.4-1] [3.1.1 MQTT-1.5.3-1] an overlong euro sign", "e08080"],
  ["[MQTT-1.5.4-1] [3.1.1 MQTT-1.5.3-1] a byte that UTF-8 never has", "61fe61"],
  ["[MQTT-1.5.4-2] [3.1.1 MQTT-1.5.3-2] U+0000", "610061"],
] as const;

/** The same for four bytes. */
const illFormedFour = [
  ["[MQTT-1.5.4-1] [3.1.1 MQTT-1.5.3-1] a surrogate pair encoded in halves", "eda081 61"],
  ["[MQTT-1.5.4-1] [3.1.1 MQTT-1.5.3-1] a character above U+10FFFF", "f4908080"],
  ["[MQTT-1.5.4-1] [3.1.1 MQTT-1.5.3-1] an overlong character of four bytes", "f08fbfbf"],
  ["[MQTT-1.5.4-1] [3.1.1 MQTT-1.5.3-1] the lead byte f5", "f5808080"],
  ["[MQTT-1.5.4-1] [3.1.1 MQTT-1.5.3-1] a character of four bytes that ends in ASCII", "f09f9861"],
] as const;

export const stringVectors: PacketVector[] = [
  accept("[3.1.1 MQTT-1.5.3-3] U+FEFF stays in its place", 4, "30 09 0007'a' efbbbf efbbbf", publish("a\ufeff\ufeff")),
  accept("[3.1.1 MQTT-1.5.3-3] U+FEFF stays at the beginning", 4, "30 06 0004 efbbbf'a'", publish("\ufeffa")),
  accept("[MQTT-1.5.4-3] U+FEFF stays in its place", 5, "30 0a 0007'a' efbbbf efbbbf 00", publish("a\ufeff\ufeff")),
  accept("[MQTT-1.5.4-3] U+FEFF stays at the beginning", 5, "30 07 0004 efbbbf'a' 00", publish("\ufeffa")),
  accept(
    "the last character of each length",
    5,
    "30 0d 000a'~' dfbf efbfbd f48fbfbf 00",
    publish("~\u07ff\ufffd\u{10ffff}"),
  ),
  accept(
    "the first character of each length",
    5,
    "30 0d 000a 01 c280 e0a080 f0908080 00",
    publish("\u0001\u0080\u0800\u{10000}"),
  ),
  accept("the neighbours of the surrogates", 5, "30 09 0006 ed9fbf ee8080 00", publish("\ud7ff\ue000")),
  accept("a non-character", 5, "30 06 0003 efbfbf 00", publish("\uffff")),
  accept("a control character", 4, "30 03 0001 7f", publish("\u007f")),
  accept("a Topic Name of 65535 bytes", 4, `30 818004 ffff ${"61".repeat(65_535)}`, publish("a".repeat(65_535))),
];

export const stringErrorVectors: ErrorVector[] = [
  ...illFormed.flatMap(([name, hex]) => [
    malformedRow(`${name} in a Topic Name, 3.1`, 3, `30 05 0003 ${hex}`),
    malformedRow(`${name} in a Topic Name, 3.1.1`, 4, `30 05 0003 ${hex}`),
    malformedRow(`${name} in a Topic Name, 5.0`, 5, `30 06 0003 ${hex} 00`),
    malformedRow(`[MQTT-1.5.7-1] ${name} in the name of a User Property`, 5, `30 0d 0001'a' 09 26 0003 ${hex} 0001'v'`),
    malformedRow(
      `[MQTT-1.5.7-1] ${name} in the value of a User Property`,
      5,
      `30 0d 0001'a' 09 26 0001'k' 0003 ${hex}`,
    ),
    ...inConnect(4, [
      malformedRow(`${name} in a client identifier, 3.1.1`, 4, `10 0f 0004'MQTT' 04 02 003c 0003 ${hex}`),
    ]),
    ...inConnect(5, [
      malformedRow(`${name} in a client identifier, 5.0`, 5, `10 10 0004'MQTT' 05 02 003c 00 0003 ${hex}`),
    ]),
  ]),
  ...illFormedFour.flatMap(([name, hex]) => [
    malformedRow(`${name} in a Topic Name, 3.1.1`, 4, `30 06 0004 ${hex}`),
    malformedRow(`${name} in a Topic Name, 5.0`, 5, `30 07 0004 ${hex} 00`),
    malformedRow(`${name} in a Topic Filter, 5.0`, 5, `82 0a 0001 00 0004 ${hex} 00`),
    malformedRow(`${name} in a long Topic Name, 3.1.1`, 4, `30 16 0014 '0123456789abcdef' ${hex}`),
  ]),
];
