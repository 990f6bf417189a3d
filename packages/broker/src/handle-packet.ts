/**
 * From packet type to handler, for every packet that a client may send. Whether it may now was checked before.
 */
import {
  type AuthPacket,
  type ConnectPacket,
  type DisconnectPacket,
  decodePacket,
  PacketType,
  type SubscribePacket,
  type UnsubscribePacket,
} from "@tidings/packet";
import type { Connection } from "./connection.js";
import { handleAcknowledgement } from "./handle-acknowledgement.js";
import { handleAuth } from "./handle-auth.js";
import { handleConnect } from "./handle-connect.js";
import { handleDisconnect } from "./handle-disconnect.js";
import { handlePublish } from "./handle-publish.js";
import { handleSubscribe } from "./handle-subscribe.js";
import { handleUnsubscribe } from "./handle-unsubscribe.js";

export function handlePacket(
  connection: Connection,
  type: number,
  bytes: Uint8Array,
  start: number,
  bodyStart: number,
  end: number,
): void {
  if (type === PacketType.PUBLISH) {
    handlePublish(connection, bytes, start, bodyStart, end);
    return;
  }
  if (type >= PacketType.PUBACK && type <= PacketType.PUBCOMP) {
    handleAcknowledgement(connection, bytes, start, bodyStart, end);
    return;
  }
  const packet = decodePacket(connection.protocolVersion, bytes, start, bodyStart, end);
  switch (type) {
    case PacketType.CONNECT:
      handleConnect(connection, packet as ConnectPacket);
      break;
    case PacketType.SUBSCRIBE:
      handleSubscribe(connection, packet as SubscribePacket);
      break;
    case PacketType.UNSUBSCRIBE:
      handleUnsubscribe(connection, packet as UnsubscribePacket);
      break;
    case PacketType.PINGREQ:
      connection.send({ type: PacketType.PINGRESP }); // [MQTT-3.12.4-1]
      break;
    case PacketType.DISCONNECT:
      handleDisconnect(connection, packet as DisconnectPacket);
      break;
    case PacketType.AUTH:
      handleAuth(connection, packet as AuthPacket);
      break;
  }
}
