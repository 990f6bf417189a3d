/**
 * Control Packet types (MQTT 5.0 section 2.1.2), protocol versions and QoS levels.
 * Constants only; nothing here reads or writes bytes.
 */

/** Value of the upper four bits of a packet's first byte. AUTH exists in 5.0 only. */
export const PacketType = {
  CONNECT: 1,
  CONNACK: 2,
  PUBLISH: 3,
  PUBACK: 4,
  PUBREC: 5,
  PUBREL: 6,
  PUBCOMP: 7,
  SUBSCRIBE: 8,
  SUBACK: 9,
  UNSUBSCRIBE: 10,
  UNSUBACK: 11,
  PINGREQ: 12,
  PINGRESP: 13,
  DISCONNECT: 14,
  AUTH: 15,
} as const;
export type PacketType = (typeof PacketType)[keyof typeof PacketType];

/** The Protocol Version byte of CONNECT: 3 is MQTT 3.1 (`MQIsdp`), 4 is 3.1.1, 5 is 5.0. */
export type ProtocolVersion = 3 | 4 | 5;

/** Quality of Service level (section 4.3). */
export type QoS = 0 | 1 | 2;
