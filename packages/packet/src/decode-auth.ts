/** Decodes AUTH (MQTT 5.0 section 3.15). Whether its method is that of CONNECT is the connection's business. */
import { ByteReader } from "./byte-reader.js";
import type { AuthPacket } from "./control-packet.js";
import { decodeProperties } from "./decode-properties.js";
import { protocolError } from "./packet-error.js";
import { PacketType } from "./packet-type.js";
import { isReasonCodeFor } from "./reason-code-table.js";

/** Decodes the AUTH whose body stands at `bodyStart`. Throws `PacketError`. */
export function decodeAuth(bytes: Uint8Array, bodyStart: number, end: number): AuthPacket {
  const reader = new ByteReader(bytes, bodyStart, end);
  // An empty body stands for Success without properties, which lacks the method that every AUTH needs.
  if (bodyStart === end) throw protocolError("AUTH without Authentication Method");
  const reasonCode = reader.readByte();
  // [MQTT-3.15.2-1]
  if (!isReasonCodeFor(PacketType.AUTH, reasonCode)) throw protocolError(`${reasonCode} is no code of AUTH`);
  const properties = decodeProperties(reader, 1 << PacketType.AUTH);
  if (properties?.authenticationMethod === undefined) throw protocolError("AUTH without Authentication Method");
  reader.expectEnd();
  return { type: PacketType.AUTH, reasonCode, properties };
}
