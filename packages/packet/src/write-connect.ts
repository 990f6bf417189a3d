/** Measures and writes the body of CONNECT (MQTT 5.0 and 3.1.1 section 3.1), in the packet's own version. */
import type { ByteWriter } from "./byte-writer.js";
import type { ConnectPacket, Will } from "./control-packet.js";
import { EncodeError } from "./encode-error.js";
import { checkInteger, measureBinary, measureString, measureTopicName } from "./measure-field.js";
import { PacketType } from "./packet-type.js";
import { WILL_BIT } from "./property-table.js";
import { measureProperties, writeProperties } from "./write-properties.js";

/** The Remaining Length. Throws `EncodeError`. */
export function measureConnect(packet: ConnectPacket, exact: boolean): number {
  const version = packet.protocolVersion;
  if (version !== 3 && version !== 4 && version !== 5) throw new EncodeError(`Protocol Version ${version} is unknown`);
  if (packet.bridge === true && version === 5) throw new EncodeError("5.0 has no bridge bit");
  checkInteger(packet.keepAlive, 0, 65_535, "Keep Alive");
  let length = (version === 3 ? 8 : 6) + 4 + measureString(packet.clientIdentifier, exact);
  if (version === 5) length += measureProperties(packet.properties, 1 << PacketType.CONNECT, exact);
  else if (packet.properties !== undefined) throw new EncodeError("properties exist in 5.0 only");
  if (packet.will !== undefined) length += measureWill(packet.will, version === 5, exact);
  if (packet.userName !== undefined) length += measureString(packet.userName, exact);
  if (packet.password !== undefined) {
    if (packet.userName === undefined && version !== 5) {
      throw new EncodeError("password without user name"); // [3.1.1 MQTT-3.1.2-22]
    }
    length += measureBinary(packet.password);
  }
  return length;
}

function measureWill(will: Will, hasProperties: boolean, exact: boolean): number {
  checkInteger(will.qos, 0, 2, "Will QoS"); // [MQTT-3.1.2-12]
  const length = measureTopicName(will.topic, exact) + measureBinary(will.payload);
  if (hasProperties) return length + measureProperties(will.properties, WILL_BIT, exact);
  if (will.properties !== undefined) throw new EncodeError("properties exist in 5.0 only");
  return length;
}

/** Writes a body that was measured before. */
export function writeConnect(packet: ConnectPacket, writer: ByteWriter): void {
  const version = packet.protocolVersion;
  const will = packet.will;
  writer.writeString(version === 3 ? "MQIsdp" : "MQTT"); // [MQTT-3.1.2-1]
  writer.writeByte(packet.bridge === true ? version | 0x80 : version);
  writer.writeByte(connectFlags(packet));
  writer.writeUint16(packet.keepAlive);
  if (version === 5) writeProperties(packet.properties, writer);
  writer.writeString(packet.clientIdentifier); // [MQTT-3.1.3-1]
  if (will !== undefined) {
    if (version === 5) writeProperties(will.properties, writer);
    writer.writeTopicName(will.topic); // [MQTT-3.1.2-9]
    writer.writeBinary(will.payload);
  }
  if (packet.userName !== undefined) writer.writeString(packet.userName);
  if (packet.password !== undefined) writer.writeBinary(packet.password);
}

function connectFlags(packet: ConnectPacket): number {
  let flags = packet.cleanStart ? 0x02 : 0;
  if (packet.will !== undefined) flags |= 0x04 | (packet.will.qos << 3) | (packet.will.retain ? 0x20 : 0);
  if (packet.userName !== undefined) flags |= 0x80;
  if (packet.password !== undefined) flags |= 0x40;
  return flags;
}
