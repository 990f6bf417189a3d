/**
 * The life of a Network Connection as the broker sees it, and the packets a client may send in each status
 * (MQTT 5.0 sections 3.1, 3.15 and 4.13).
 */
import { PacketType } from "@tidings/packet";

export const ConnectionStatus = {
  /** Opened; CONNECT must come first [MQTT-3.1.0-1]. */
  AwaitingConnect: 0,
  /** CONNECT is being decided; what comes behind it is held. */
  Connecting: 1,
  /** An enhanced authentication goes on before CONNACK. */
  Authenticating: 2,
  /** CONNACK with success was sent. */
  Connected: 3,
  /** Over; nothing is read or written any more. */
  Closed: 4,
} as const;
export type ConnectionStatus = (typeof ConnectionStatus)[keyof typeof ConnectionStatus];

function set(...types: PacketType[]): number {
  return types.reduce((bits, type) => bits | (1 << type), 0);
}

/** Bit n stands for packet type n. */
const ALLOWED: readonly number[] = [
  set(PacketType.CONNECT),
  0,
  set(PacketType.AUTH, PacketType.DISCONNECT),
  set(
    PacketType.PUBLISH,
    PacketType.PUBACK,
    PacketType.PUBREC,
    PacketType.PUBREL,
    PacketType.PUBCOMP,
    PacketType.SUBSCRIBE,
    PacketType.UNSUBSCRIBE,
    PacketType.PINGREQ,
    PacketType.DISCONNECT,
    PacketType.AUTH,
  ),
  0,
];

export function isAllowed(status: ConnectionStatus, type: number): boolean {
  return (ALLOWED[status] & (1 << type)) !== 0;
}
