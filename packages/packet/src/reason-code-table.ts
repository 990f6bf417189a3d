/**
 * Which packet may carry which Reason Code (MQTT 5.0 section 2.4 and the table of each packet), and the return codes of
 * 3.1 and 3.1.1.
 */
import { PacketType, type ProtocolVersion } from "./packet-type.js";

const CONNACK_CODES = [
  0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95, 0x97, 0x99, 0x9a, 0x9b,
  0x9c, 0x9d, 0x9f,
];
const PUBLISH_RESPONSE_CODES = [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];
const RELEASE_CODES = [0x00, 0x92];
const SUBACK_CODES = [0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2];
const UNSUBACK_CODES = [0x00, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91];
const DISCONNECT_CODES = [
  0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98,
  0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2,
];
const AUTH_CODES = [0x00, 0x18, 0x19];

/** The codes of each packet's own table, 5.0. */
export const REASON_CODES_BY_PACKET: ReadonlyMap<PacketType, readonly number[]> = new Map<
  PacketType,
  readonly number[]
>([
  [PacketType.CONNACK, CONNACK_CODES],
  [PacketType.PUBACK, PUBLISH_RESPONSE_CODES],
  [PacketType.PUBREC, PUBLISH_RESPONSE_CODES],
  [PacketType.PUBREL, RELEASE_CODES],
  [PacketType.PUBCOMP, RELEASE_CODES],
  [PacketType.SUBACK, SUBACK_CODES],
  [PacketType.UNSUBACK, UNSUBACK_CODES],
  [PacketType.DISCONNECT, DISCONNECT_CODES],
  [PacketType.AUTH, AUTH_CODES],
]);

/** Bit n of each entry: packet type n may carry that code. */
const packetsByCode = new Uint16Array(256);
for (const [type, codes] of REASON_CODES_BY_PACKET) {
  for (const code of codes) packetsByCode[code] |= 1 << type;
}

/** Whether the packet's own table lists the code (5.0). */
export function isReasonCodeOf(type: PacketType, code: number): boolean {
  return (packetsByCode[code] & (1 << type)) !== 0;
}

/**
 * As `isReasonCodeOf`, but also true for Bad authentication method in DISCONNECT: table 2-6 lists it there, table 3-10
 * does not, so it is accepted and never sent.
 */
export function isReasonCodeFor(type: PacketType, code: number): boolean {
  return isReasonCodeOf(type, code) || (type === PacketType.DISCONNECT && code === 0x8c);
}

/** Return codes of CONNACK before 5.0. */
export function isConnectReturnCode(code: number): boolean {
  return Number.isInteger(code) && code >= 0 && code <= 5;
}

/** Return codes of SUBACK before 5.0; 3.1 has no failure. [3.1.1 MQTT-3.9.3-2] */
export function isSubscribeReturnCode(version: ProtocolVersion, code: number): boolean {
  return code === 0 || code === 1 || code === 2 || (code === 0x80 && version === 4);
}
