/** The lower four bits of a packet's first byte (MQTT 5.0 section 2.1.3, 3.1.1 section 2.2.2). */
import { PacketType } from "./packet-type.js";

/** The reserved flags of every packet but PUBLISH, whose flags have a meaning. [MQTT-2.1.3-1] */
export function fixedHeaderFlags(type: number): number {
  return type === PacketType.PUBREL || type === PacketType.SUBSCRIBE || type === PacketType.UNSUBSCRIBE ? 0x02 : 0x00;
}
